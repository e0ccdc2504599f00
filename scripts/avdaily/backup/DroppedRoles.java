package avdaily.backup;

import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.schema.Schema;
import avdaily.sql.SqlFile;
import avdaily.sql.Word;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Grants that name a role which is gone, by the number that the catalogs still have of it: pg_dump writes them as if
 * the number were a name, also if the role is dropped while it reads, and no server would take them.
 */
final class DroppedRoles {
    private static final Pattern NUMBER = Pattern.compile("(?:TO|FROM|AUTHORIZATION) \"\\d+\"");

    private final Set<String> roles;
    private final Set<String> noted = new HashSet<>();
    private final Schema schema;
    private final Out out;

    DroppedRoles(Schema schema, Connection snapshot, Out out) throws SQLException {
        this.schema = schema;
        this.out = out;
        this.roles = new HashSet<>(
                Database.list(snapshot, "SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1)));
    }

    /** Pg_dump's text without them; what such a role passed on is the owner's to give. */
    String leftOut(String ddl) throws IOException {
        if (!NUMBER.matcher(ddl).find()) return ddl;
        String[] lines = ddl.split("\n", -1);
        boolean actsForNobody = false;
        try (SqlFile file = new SqlFile(new ByteArrayInputStream(ddl.getBytes(StandardCharsets.UTF_8)))) {
            for (SqlFile.Part part = file.next(); part != null; part = file.next()) {
                if (!(part instanceof SqlFile.Statement statement)) continue;
                List<Word> words = statement.words(Integer.MAX_VALUE);
                boolean isAuthority = words.size() > 2 && words.get(2).is("authorization");
                boolean isEnd = isAuthority && words.get(0).is("reset");
                if (isAuthority && !isEnd) actsForNobody = isGone(words.get(words.size() - 1));
                boolean isLeftOut = isAuthority ? actsForNobody : names(words);
                if (isEnd) actsForNobody = false;
                if (!isLeftOut) continue;
                int first = (int) statement.line() - 1;
                int behind = first + statement.text().split("\n", -1).length;
                Arrays.fill(lines, first, behind, null);
            }
        }
        return Arrays.stream(lines).filter(Objects::nonNull).collect(Collectors.joining("\n"));
    }

    /** Whether a grant is to such a role, or taken from it. */
    private boolean names(List<Word> words) {
        boolean isGrant = words.get(0).is("grant")
                || words.get(0).is("revoke")
                || words.get(0).is("alter") && words.size() > 2 && words.get(2).is("privileges");
        for (int i = words.size() - 1; isGrant && i > 0; i--)
            if (words.get(i - 1).is("to") || words.get(i - 1).is("from")) return isGone(words.get(i));
        return false;
    }

    private boolean isGone(Word role) {
        boolean isGone = role.kind() == Word.QUOTED && role.text().matches("\\d+") && !roles.contains(role.text());
        if (isGone
                && noted.add(role.text())
                && schema.omitted().stream().noneMatch(what -> what.endsWith(" " + role.text())))
            out.note("Left out: privileges of the dropped role " + role.text() + ".");
        return isGone;
    }
}
