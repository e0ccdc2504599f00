package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.sql.SqlFile;
import avdaily.sql.SqlSyntaxError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads what is written as a restore will read it. The server's owner may have put anything into the catalog that
 * definitions are made of, also what ends a statement and begins a command of psql.
 */
final class DefinitionsCheck {
    private static final int MOST_SHOWN = 80;

    /**
     * @param section of the backup, with all of its text
     * @param key of {@code \restrict}: psql's only commands in it are those two
     * @throws Failure (24) if a restore would refuse it; the file must then not get its name
     */
    static void check(String section, String sql, String key) throws IOException {
        try (SqlFile file = new SqlFile(new ByteArrayInputStream(sql.getBytes(StandardCharsets.UTF_8)))) {
            for (SqlFile.Part part = file.next(); part != null; part = file.next()) {
                boolean isFrame = part instanceof SqlFile.Command command
                        && command.argument().equals(key);
                if (!isFrame && !(part instanceof SqlFile.Statement))
                    throw refused(section, part.line(), "a command stands in it", sql);
            }
        } catch (SqlSyntaxError e) {
            throw refused(section, e.line, e.getMessage(), sql);
        }
    }

    private static Failure refused(String section, long line, String why, String sql) {
        List<String> lines = sql.lines().toList();
        String text = lines.get((int) Math.min(line, lines.size()) - 1);
        return new Failure(
                Failure.Kind.DAMAGED,
                "the backup's " + section + " could not be restored: " + why + " ("
                        + Format.within(text, MOST_SHOWN, "...") + ")",
                "correct the definition of that object in the database, or add --quote-all-identifiers if names in it "
                        + "are words of SQL; nothing of this backup stays.",
                null);
    }

    private DefinitionsCheck() {}
}
