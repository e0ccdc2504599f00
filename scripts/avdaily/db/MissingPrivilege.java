package avdaily.db;

import avdaily.base.Failure;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import avdaily.sql.Word;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;

/**
 * What a role lacks, told from the server's refusal and the statement that it refused, as the statement that gives it.
 * A server that speaks another language than English tells nothing.
 */
public final class MissingPrivilege {
    private static final Pattern DENIED = Pattern.compile("permission denied for ([a-z -]+?) (\\S.*)");
    private static final Pattern NOT_OWNER = Pattern.compile("must be owner of ([a-z -]+?) (\\S.*)");
    private static final Pattern NOT_MEMBER = Pattern.compile(
            "must be (?:member of role|able to SET ROLE) \"(.+)\"|permission denied to set role \"(.+)\"");
    private static final Pattern EXTENSION = Pattern.compile("permission denied to create extension \"(.+)\"");
    private static final Pattern TEMPORARY =
            Pattern.compile("permission denied to create temporary tables in database \"(.+)\"");

    private static final Pattern ATTRIBUTE = Pattern.compile("permission denied to create (role|database)");

    private static final Pattern HIDDEN =
            Pattern.compile("query would be affected by row-level security policy for table \"(.+)\"");

    private static final Pattern SUPERUSER = Pattern.compile("must be superuser to .+");

    private final String statement;
    private final String role;

    private MissingPrivilege(String statement, String role) {
        this.statement = statement;
        this.role = role;
    }

    /**
     * The failure of a role that may not make something.
     *
     * @param grant the statement that gives it what it lacks
     */
    public static Failure toMake(String what, String grant) {
        return new Failure(
                Failure.Kind.ERROR,
                "the database role may not make " + what,
                "have somebody who may run: " + grant + ".",
                null);
    }

    /** What the server refused, and to whom: the driver's exception does not tell. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final String statement;
        final String role;

        Refused(String statement, String role) {
            super(null, null, false, false);
            this.statement = statement;
            this.role = role;
        }
    }

    /** The same exception, which knows from now on what was refused, if it was for want of a privilege. */
    static SQLException noting(SQLException e, Connection c, String statement) throws SQLException {
        if (SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE))
            e.addSuppressed(new Refused(statement, Sql.quoted(c.getMetaData().getUserName())));
        return e;
    }

    /** What to have done, as a part of a sentence. */
    static Optional<String> wayOn(SQLException e) {
        return Stream.of(e.getSuppressed())
                .filter(Refused.class::isInstance)
                .map(Refused.class::cast)
                .findFirst()
                .map(known -> wayOn(e, known.statement, known.role))
                .orElseGet(() -> wayOn(e, "", "<role>"));
    }

    /**
     * The same for a statement that is known.
     *
     * @param role the role as SQL names it
     */
    static Optional<String> wayOn(SQLException e, String statement, String role) {
        var server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        if (server == null || server.getMessage() == null) return Optional.empty();
        String hint = String.valueOf(server.getHint());
        return new MissingPrivilege(statement, role).wayOn(server.getMessage(), hint);
    }

    /** The way on where policies hide rows, if that was refused; to read all data does not help there. */
    public static Optional<String> hiddenRows(SQLException e, String role) {
        return HIDDEN.matcher(String.valueOf(Failures.message(e))).lookingAt() ? wayOn(e, "", role) : Optional.empty();
    }

    private Optional<String> wayOn(String message, String hint) {
        Matcher m = DENIED.matcher(message);
        if (m.matches()) return grant(m.group(1), unquoted(m.group(2)));
        m = NOT_OWNER.matcher(message);
        if (m.matches()) return Optional.of(owner(m.group(1), unquoted(m.group(2))));
        m = NOT_MEMBER.matcher(message);
        if (m.matches())
            return Optional.of("have it granted: GRANT " + Sql.quoted(m.group(1) == null ? m.group(2) : m.group(1))
                    + " TO " + role);
        m = EXTENSION.matcher(message);
        if (m.matches()) return Optional.of(extension(m.group(1), hint));
        m = TEMPORARY.matcher(message);
        if (m.matches())
            return Optional.of(
                    "have it granted: GRANT TEMPORARY ON DATABASE " + Sql.quoted(m.group(1)) + " TO " + role);
        m = HIDDEN.matcher(message);
        if (m.matches()) return Optional.of(hidden(m.group(1), hint));
        if (SUPERUSER.matcher(message).matches())
            return Optional.of("have a superuser run it: no privilege allows it to another role");
        m = ATTRIBUTE.matcher(message);
        return m.lookingAt()
                ? Optional.of("have a superuser run: ALTER ROLE " + role + " CREATE"
                        + (m.group(1).equals("role") ? "ROLE" : "DB"))
                : Optional.empty();
    }

    private static String unquoted(String name) {
        return name.matches("\".*\"") ? name.substring(1, name.length() - 1) : name;
    }

    private String owner(String kind, String name) {
        String object = kind.equals("relation") ? "table" : kind;
        return "let the owner of " + object + " " + name + " do it, or make this role the owner: ALTER "
                + object.toUpperCase(Locale.ROOT) + " " + name(object, name) + " OWNER TO " + role;
    }

    /** The owner is named in the hint. */
    private String hidden(String table, String hint) {
        return "have a superuser run: ALTER ROLE " + role + " BYPASSRLS"
                + (hint.contains("NO FORCE")
                        ? "; or have the owner see all rows: ALTER TABLE " + name("table", table)
                                + " NO FORCE ROW LEVEL SECURITY"
                        : "");
    }

    private String extension(String name, String hint) {
        return hint.contains("CREATE privilege on current database")
                ? "have it granted: GRANT CREATE ON DATABASE <this database> TO " + role
                : "have a superuser run CREATE EXTENSION " + Sql.quoted(name)
                        + " once; CREATE EXTENSION IF NOT EXISTS then passes";
    }

    private Optional<String> grant(String kind, String name) {
        String privilege =
                switch (kind) {
                    case "schema" -> creates() ? "USAGE, CREATE" : "USAGE";
                    case "database", "tablespace" -> "CREATE";
                    case "table", "view", "materialized view", "foreign table", "relation" -> onTable(name);
                    case "sequence" -> "USAGE, SELECT";
                    case "function", "procedure", "aggregate", "routine" -> "EXECUTE";
                    case "type", "domain", "language", "foreign server", "foreign-data wrapper" -> "USAGE";
                    case "large object" -> "SELECT, UPDATE";
                    case "parameter" -> "SET";
                    default -> null;
                };
        if (privilege == null) return Optional.empty();
        String object =
                switch (kind) {
                    case "view", "materialized view", "foreign table", "relation" -> "TABLE";
                    case "foreign-data wrapper" -> "FOREIGN DATA WRAPPER";
                    case "aggregate" -> "ROUTINE";
                    default -> kind.toUpperCase(Locale.ROOT);
                };
        return Optional.of(
                "have it granted: GRANT " + privilege + " ON " + object + " " + name(kind, name) + " TO " + role);
    }

    /** The server's message leaves out the schema, and the arguments of a function. */
    private String name(String kind, String name) {
        if (List.of("large object", "type", "domain").contains(kind)) return name; // as SQL has it
        Matcher qualified = Pattern.compile(
                        "(?i)((?:\"[^\"]+\"|[\\w$]+)\\.)\"?" + Pattern.quote(name) + "\"?(?![\\w$])")
                .matcher(statement);
        return (qualified.find() ? qualified.group(1) : "") + Sql.quoted(name);
    }

    private boolean creates() {
        List<Word> words = Word.of(statement, 1);
        return !words.isEmpty() && (words.get(0).is("create") || words.get(0).is("alter"));
    }

    /** By the first word that needs something of this very table. */
    private String onTable(String table) {
        String text = statement.toLowerCase(Locale.ROOT);
        String name = "(?:\\S+\\.)?\"?" + Pattern.quote(table.toLowerCase(Locale.ROOT)) + "\"?(?![\\w$])";
        if (matches(text, "insert\\s+into\\s+" + name) || matches(text, "copy\\s+" + name + "[^;]*\\sfrom\\s"))
            return "INSERT";
        if (matches(text, "update\\s+(?:only\\s+)?" + name)) return "SELECT, UPDATE";
        if (matches(text, "delete\\s+from\\s+(?:only\\s+)?" + name)) return "SELECT, DELETE";
        if (matches(text, "truncate\\s+(?:table\\s+)?(?:only\\s+)?" + name)) return "TRUNCATE";
        if (matches(text, "references\\s+" + name)) return "REFERENCES";
        if (matches(text, "\\strigger\\s[^;]*\\son\\s+" + name)) return "TRIGGER";
        return "SELECT";
    }

    private static boolean matches(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).find();
    }
}
