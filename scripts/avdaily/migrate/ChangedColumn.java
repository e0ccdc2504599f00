package avdaily.migrate;

import avdaily.base.Failure;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.Sql;
import avdaily.sql.Word;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column that is to get another type. Names and types are as SQL wants them, with their schemas.
 *
 * @param oid the table's number
 * @param table the table
 * @param plainSchema the schema of the table, unquoted
 * @param plainTable the name of the table, unquoted
 * @param plainName the name of the column, unquoted
 * @param number the column's number
 * @param type what it has
 * @param newType what it gets
 * @param isNotNull whether it has a value in every row
 * @param identity as the catalog has it, or empty
 * @param standard its default, or null
 * @param comment what is said of it, or null
 * @param settings its statistics target and its options, as ALTER COLUMN takes them
 * @param collation as ADD COLUMN takes it; empty for that of the type
 * @param grants who may do what with it
 * @param sequence the one that it owns, or null
 */
record ChangedColumn(
        long oid,
        String table,
        String plainSchema,
        String plainTable,
        String plainName,
        int number,
        String type,
        String newType,
        boolean isNotNull,
        String identity,
        String standard,
        String comment,
        List<String> settings,
        String collation,
        List<Grant> grants,
        Sequence sequence) {
    private static final String SELECT = SqlResource.of(ChangedColumn.class, "type-change-column.sql");
    private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")++)\"|([\\p{L}_][\\p{L}\\p{N}_$]*)");
    private static final List<String> WITH_NUMBERS = List.of("smallint", "integer", "bigint");

    record Grant(String privilege, String grantee) {}

    /** @param options as CREATE SEQUENCE takes them */
    record Sequence(String name, String type, String options) {}

    /** What somebody called a column. */
    record Name(String table, String column) {
        /** @throws Failure (2) if it is no TABLE.COLUMN */
        static Name read(String text) {
            List<String> parts = new ArrayList<>();
            Matcher name = NAME.matcher(text);
            int at = 0;
            while (name.find(at) && name.start() == at) {
                parts.add(
                        name.group(1) == null
                                ? Word.folded(name.group())
                                : name.group(1).replace("\"\"", "\""));
                at = name.end();
                if (at == text.length() || text.charAt(at) != '.') break;
                at++;
            }
            if (at != text.length() || parts.size() < 2 || parts.size() > 3)
                throw Failure.usage(
                        "'" + text + "' is no column",
                        "write TABLE.COLUMN or SCHEMA.TABLE.COLUMN as SQL does, as in orders.total.");
            String column = parts.remove(parts.size() - 1);
            return new Name(String.join(".", parts.stream().map(Sql::quoted).toList()), column);
        }

        @Override
        public String toString() {
            return table + "." + Sql.quoted(column);
        }
    }

    /**
     * Reads it.
     *
     * @param c a scratch database, in a transaction that somebody takes back
     * @throws Failure (2) if there is no such column or type, (22) if its type cannot change this way
     */
    static ChangedColumn of(Connection c, Name name, String type) throws SQLException {
        String oid = Database.one(c, "SELECT to_regclass(?)::oid::text", String.class, name.table);
        String newType = type(c, type);
        List<String> refusals = new ArrayList<>();
        List<ChangedColumn> found = Database.list(
                c,
                SELECT,
                row -> {
                    refusals.add(row.getString("refusal"));
                    return read(row, newType);
                },
                name.column,
                oid == null ? 0L : Long.parseLong(oid));
        if (found.isEmpty())
            throw Failure.usage(
                    "the migrations make no column " + name,
                    "correct its name: names are as in SQL, and a schema other than public stands before the table.");
        ChangedColumn column = found.get(0);
        String refusal = refusals.get(0) == null ? column.refusal() : refusals.get(0);
        if (refusal != null) throw TypeChange.refused(column.title() + ": " + refusal);
        return column;
    }

    private static ChangedColumn read(ResultSet row, String newType) throws SQLException {
        List<String> settings = new ArrayList<>();
        if (row.getString("statistics") != null) settings.add("SET STATISTICS " + row.getString("statistics"));
        if (row.getString("options") != null) settings.add("SET (" + row.getString("options") + ")");
        List<Grant> grants = new ArrayList<>();
        String[] privileges = (String[]) row.getArray("privileges").getArray();
        String[] grantees = (String[]) row.getArray("grantees").getArray();
        for (int i = 0; i < privileges.length; i++) grants.add(new Grant(privileges[i], grantees[i]));
        return new ChangedColumn(
                row.getLong("oid"),
                row.getString("table"),
                row.getString("nspname"),
                row.getString("relname"),
                row.getString("attname"),
                row.getInt("attnum"),
                row.getString("type"),
                newType,
                row.getBoolean("attnotnull"),
                row.getString("identity"),
                row.getString("default"),
                row.getString("comment"),
                settings,
                row.getString("collation") == null ? "" : row.getString("collation"),
                grants,
                row.getString("sequence") == null
                        ? null
                        : new Sequence(
                                row.getString("sequence"),
                                row.getString("sequence_type"),
                                row.getString("sequence_options")));
    }

    private String refusal() {
        if (type.equals(newType)) return "it has this type";
        boolean hasNumbers = sequence != null || !identity.isEmpty();
        if (hasNumbers && !WITH_NUMBERS.contains(newType))
            return "its values come from a sequence, and " + newType + " is no type of such a column: "
                    + "have a migration before drop its default or identity";
        return null;
    }

    /** The type's whole name. Whatever is no name of a type is refused before the server runs it. */
    private static String type(Connection c, String text) throws SQLException {
        String unquoted = text.replaceAll("\"(?:[^\"]|\"\")*\"", "x");
        try {
            boolean isType = !unquoted.matches("(?s).*(--|/\\*|[\\r\\n;'$\"]).*")
                    && Database.one(c, "SELECT to_regtype(?) IS NOT NULL", Boolean.class, text);
            if (!isType) throw unknown(text, null);
            Database.run(c, "CREATE TABLE pg_temp.avdaily_probe (x " + text + ")");
        } catch (SQLException e) {
            throw unknown(text, e);
        }
        Database.run(c, "SET LOCAL search_path = pg_catalog");
        record Found(String name, String kind, boolean isConstrained) {}
        Found found = Database.list(
                        c,
                        """
                        SELECT format_type(a.atttypid, a.atttypmod), y.typtype::text,
                          y.typnotnull OR y.typdefault IS NOT NULL
                            OR EXISTS (SELECT FROM pg_constraint k WHERE k.contypid = y.oid)
                        FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                        WHERE a.attrelid = 'pg_temp.avdaily_probe'::regclass AND a.attnum = 1""",
                        row -> new Found(row.getString(1), row.getString(2), row.getBoolean(3)))
                .get(0);
        if (found.kind.equals("d") && found.isConstrained)
            throw TypeChange.refused(
                    found.name + " is a domain with checks, with which a new column would have the whole table written "
                            + "under a lock: take the type below it, and give the column the checks");
        if (found.kind.equals("c")) throw TypeChange.refused(found.name + " is a composite type");
        return found.name;
    }

    private static Failure unknown(String text, SQLException cause) {
        return new Failure(
                Failure.Kind.USAGE,
                "'" + text + "' is no type that the migrations know"
                        + (cause == null ? "" : ": " + Failures.message(cause)),
                "name one as SQL does, in quotes if it has blanks, as in 'numeric(12,2)'.",
                cause);
    }

    String title() {
        return plainTable + "." + plainName;
    }

    boolean isIdentity() {
        return !identity.isEmpty();
    }
}
