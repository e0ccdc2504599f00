package avdaily.restore;

import avdaily.db.SortMemory;
import avdaily.sql.DottedName;
import avdaily.sql.SqlFile;
import avdaily.sql.Word;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a statement of a dump is for, as its first words tell.
 *
 * @param name what it is about, if that matters: a setting, an extension, a database, the table of an index or
 *     constraint, or the role of default privileges; else null
 * @param roles the roles that it needs
 */
record DumpStatement(Kind kind, String name, Set<String> roles, SqlFile.Statement statement) {
    enum Kind {
        /** A session's setting. */
        SETTING,
        /** The encoding of the file, which the reader looks after. */
        ENCODING,
        /** BEGIN and COMMIT. */
        TRANSACTION,
        /** Creates or drops the database itself. */
        DATABASE,
        /** An option, comment or grant of the database itself. */
        DATABASE_PROPERTY,
        /** Drops what {@code --clean} expects to be there. */
        DROP,
        TABLE,
        EXTENSION,
        INSERT,
        SEQUENCE_VALUE,
        /** Says who owns something, or acts in another role's name. */
        OWNER,
        /** Gives or takes a privilege, now or by default. */
        GRANT,
        /** An index, and a constraint that is an index. */
        INDEX,
        KEY,
        FOREIGN_KEY,
        /** Something about an index or constraint; no other statement waits for it. */
        ANNOTATION,
        /** Something that runs whenever rows come in. */
        TRIGGER,
        /** Fills a materialized view. */
        REFRESH,
        /** Tells the planner of a table's rows. */
        STATISTICS,
        /** Reaches beyond the database. */
        FORBIDDEN,
        OTHER
    }

    private static final int WORDS = 24;
    /** What of these matters may stand behind long lists: of columns, arguments, roles. */
    private static final Pattern LONG = Pattern.compile("(?is)(?:GRANT|REVOKE|ALTER|CREATE\\s+POLICY)\\s.*");

    private static final Pattern MENTIONS_TABLESPACE = Pattern.compile("(?i)\\btablespace\\b");
    private static final Set<String> NO_ROLES = Set.of("public", "current_user", "session_user", "current_role");

    private static final Set<String> LARGE_OBJECT_FUNCTIONS =
            Set.of("lo_create", "lo_from_bytea", "lo_put", "lo_open", "lowrite", "lo_close", "lo_unlink");

    private static final Set<String> FILLING = Set.of("lo_from_bytea", "lo_put");

    /** What stands behind the name of what a statement is about. */
    private static final Set<String> BEHIND_NAME = Set.of("(", "as", "using", "execute", "when", "is");

    /** What may stand between CREATE and the kind of object. */
    private static final Set<String> BEFORE_KIND =
            Set.of("or", "replace", "unique", "unlogged", "constraint", "event", "trusted", "procedural", "foreign");

    static DumpStatement of(SqlFile.Statement statement) {
        String text = statement.text();
        if (text.regionMatches(true, 0, "INSERT", 0, 6))
            return new DumpStatement(Kind.INSERT, null, Set.of(), statement);
        return new Reader(statement).read();
    }

    private static final class Reader {
        private final SqlFile.Statement statement;
        private final List<Word> words;

        Reader(SqlFile.Statement statement) {
            this.statement = statement;
            this.words = statement.words(
                    LONG.matcher(statement.text()).matches() ? Integer.MAX_VALUE : WORDS);
        }

        DumpStatement read() {
            if (words.isEmpty()) return step(Kind.OTHER);
            return switch (words.get(0).text()) {
                case "set", "reset" -> setting();
                case "select" -> select();
                case "begin", "commit", "start", "end" -> step(Kind.TRANSACTION);
                case "rollback", "abort", "savepoint", "release", "prepare", "copy", "reassign", "load" ->
                    step(Kind.FORBIDDEN);
                case "create" -> create();
                case "alter" -> alter();
                case "drop" -> drop();
                case "grant", "revoke" -> grant();
                case "comment" -> comment();
                case "refresh" -> named(Kind.REFRESH, word(3).is("concurrently") ? 4 : 3);
                case "do" -> step(block());
                case "security" -> label();
                default -> step(Kind.OTHER);
            };
        }

        /** What a server may lack is tried in a block. */
        private Kind block() {
            if (statement.text().contains("PERFORM pg_catalog.pg_restore_")) return Kind.STATISTICS;
            return statement.text().contains("PERFORM pg_catalog.set_config(") ? Kind.SETTING : Kind.OTHER;
        }

        private DumpStatement setting() {
            if (word(1).is("client_encoding")) return step(Kind.ENCODING);
            if (begins("set", "session", "authorization"))
                return word(3).is("default")
                        ? step(Kind.OWNER)
                        : new DumpStatement(Kind.OWNER, null, Set.of(word(3).text()), statement);
            if (begins("reset", "session", "authorization")) return step(Kind.OWNER);
            return named(Kind.SETTING, word(1).is("local") || word(1).is("session") ? 2 : 1);
        }

        private DumpStatement select() {
            if (!begins("select", "pg_catalog", ".")) return step(Kind.OTHER);
            return switch (word(3).text()) {
                case "setval" -> step(Kind.SEQUENCE_VALUE);
                case "set_config" -> step(Kind.SETTING);
                case "lo_unlink" -> step(Kind.DROP);
                default -> step(Kind.OTHER);
            };
        }

        private DumpStatement drop() {
            return switch (word(1).text()) {
                case "database" -> named(Kind.DATABASE, word(2).is("if") ? 4 : 2);
                case "role", "user", "group", "tablespace", "owned" ->
                    word(2).is("mapping") ? step(Kind.DROP) : step(Kind.FORBIDDEN);
                default -> step(Kind.DROP);
            };
        }

        private DumpStatement comment() {
            return switch (word(2).text()) {
                case "database" -> step(Kind.DATABASE_PROPERTY);
                case "index", "constraint" -> step(Kind.ANNOTATION);
                case "role", "tablespace" -> step(Kind.FORBIDDEN);
                default -> step(Kind.OTHER);
            };
        }

        private DumpStatement label() {
            Word what = word(after("on"));
            if (what.is("database")) return step(Kind.DATABASE_PROPERTY);
            return step(what.is("role") || what.is("tablespace") ? Kind.FORBIDDEN : Kind.OTHER);
        }

        private DumpStatement create() {
            int at = 1;
            while (BEFORE_KIND.contains(word(at).text())) at++;
            Word what = word(at);
            if (what.is("database")) return named(Kind.DATABASE, at + 1);
            if (what.is("role")
                    || what.is("group")
                    || what.is("tablespace")
                    || what.is("user") && !word(at + 1).is("mapping")) return step(Kind.FORBIDDEN);
            if (what.is("user")) return with(Kind.OTHER, "for");
            if (what.is("extension")) return named(Kind.EXTENSION, word(at + 1).is("if") ? at + 4 : at + 1);
            if (what.is("index"))
                return named(Kind.INDEX, after("on") + (word(after("on")).is("only") ? 1 : 0));
            if (what.is("table")) return named(Kind.TABLE, word(at + 1).is("if") ? at + 4 : at + 1);
            if (what.is("trigger") || what.is("rule")) return step(Kind.TRIGGER);
            if (what.is("schema")) return with(Kind.OTHER, "authorization");
            if (what.is("policy")) return new DumpStatement(Kind.OTHER, null, policyRoles(), statement);
            return step(Kind.OTHER);
        }

        /** The roles behind TO; what comes behind USING or WITH is a condition. */
        private Set<String> policyRoles() {
            for (int i = 0; i < words.size() && !word(i).is("using") && !word(i).is("with"); i++)
                if (word(i).is("to")) return list(i + 1);
            return Set.of();
        }

        /** Names with commas between them. */
        private Set<String> list(int at) {
            Set<String> roles = new LinkedHashSet<>();
            for (int i = at; i < words.size() && words.get(i).isName(); i += 2) {
                add(roles, words.get(i));
                if (i + 1 >= words.size() || !words.get(i + 1).is(",")) break;
            }
            return roles;
        }

        private DumpStatement alter() {
            if (word(1).is("database")) return step(Kind.DATABASE_PROPERTY);
            if (word(1).is("role") || word(1).is("user") && !word(2).is("mapping"))
                return has("database", 5) ? step(Kind.DATABASE_PROPERTY) : step(Kind.FORBIDDEN);
            if (word(1).is("system") || word(1).is("tablespace") || word(1).is("group")) return step(Kind.FORBIDDEN);
            if (begins("alter", "default", "privileges")) return defaultPrivileges();
            int last = words.size() - 1;
            if (word(last - 2).is("owner") && word(last - 1).is("to"))
                return new DumpStatement(Kind.OWNER, null, list(last), statement);
            if (word(1).is("index")) return step(Kind.ANNOTATION);
            return word(1).is("table") ? alterTable() : step(Kind.OTHER);
        }

        private DumpStatement alterTable() {
            int at = 2;
            while (Set.of("if", "exists", "only").contains(word(at).text()) && word(at).kind() == Word.NAME) at++;
            int what = at + (word(at + 1).is(".") ? 3 : 1);
            if (word(what).is("add") && word(what + 1).is("constraint")) {
                String kind = word(what + 3).text();
                if (kind.equals("primary") || kind.equals("unique") || kind.equals("exclude"))
                    return named(Kind.KEY, at);
                return kind.equals("foreign") ? named(Kind.FOREIGN_KEY, at) : step(Kind.OTHER);
            }
            if (word(what).is("cluster")
                    || word(what).is("replica") && word(what + 2).is("using")) return step(Kind.ANNOTATION);
            if (word(what).is("drop") || word(what).is("alter") && has("drop", what + 5)) return step(Kind.DROP);
            return word(what).is("enable") || word(what).is("disable") ? step(Kind.TRIGGER) : step(Kind.OTHER);
        }

        private DumpStatement defaultPrivileges() {
            Set<String> roles = grantees();
            if (!word(3).is("for")) return new DumpStatement(Kind.GRANT, null, roles, statement);
            add(roles, word(5));
            return new DumpStatement(Kind.GRANT, word(5).text(), roles, statement);
        }

        private DumpStatement grant() {
            if (after("on") == 0) return step(Kind.FORBIDDEN); // a role granted to a role
            Word what = word(after("on"));
            if (what.is("database")) return step(Kind.DATABASE_PROPERTY);
            if (what.is("tablespace") || what.is("parameter")) return step(Kind.FORBIDDEN);
            return new DumpStatement(Kind.GRANT, null, grantees(), statement);
        }

        /** The roles behind the last TO or FROM: long signatures of functions may stand before it. */
        private Set<String> grantees() {
            for (int i = words.size() - 2; i > 0; i--) if (word(i).is("to") || word(i).is("from")) return list(i + 1);
            return new LinkedHashSet<>();
        }

        private static void add(Set<String> roles, Word role) {
            if (role.kind() == Word.QUOTED || !NO_ROLES.contains(role.text())) roles.add(role.text());
        }

        private DumpStatement step(Kind kind) {
            return new DumpStatement(kind, null, Set.of(), statement);
        }

        private DumpStatement named(Kind kind, int at) {
            return new DumpStatement(kind, Word.name(words, at), Set.of(), statement);
        }

        /** Needs the role that stands behind this keyword, if it is there. */
        private DumpStatement with(Kind kind, String keyword) {
            Set<String> roles = new LinkedHashSet<>();
            if (after(keyword) > 0) add(roles, word(after(keyword)));
            return new DumpStatement(kind, null, roles, statement);
        }

        private boolean begins(String... keywords) {
            for (int i = 0; i < keywords.length; i++) if (!word(i).is(keywords[i])) return false;
            return true;
        }

        private boolean has(String keyword, int within) {
            return words.stream().limit(within).anyMatch(word -> word.is(keyword));
        }

        /** The place behind the keyword's first appearance, or 0. */
        private int after(String keyword) {
            for (int i = 1; i < words.size(); i++) if (words.get(i).is(keyword)) return i + 1;
            return 0;
        }

        private Word word(int at) {
            return at >= 0 && at < words.size() ? words.get(at) : new Word("", Word.SIGN);
        }
    }

    /** Whether what it creates, changes or fills lies in this schema, or is the schema. */
    boolean isOf(String schema) {
        List<Word> words = statement.words(WORDS * 2);
        if (kind == Kind.SEQUENCE_VALUE)
            return words.size() > 5
                    && DottedName.of(words.get(5).text()).schema().equals(schema);
        boolean isGrant = words.get(0).is("grant") || words.get(0).is("revoke");
        boolean isAboutSchemas = false;
        for (int i = isGrant ? new Reader(statement).after("on") : 0; i < words.size(); i++) {
            Word word = words.get(i);
            if (BEHIND_NAME.contains(word.text()) && word.kind() != Word.QUOTED) return false;
            isAboutSchemas |= word.is("schema");
            if (word.isName()
                    && word.text().equals(schema)
                    && i > 0
                    && !words.get(i - 1).is("."))
                if (isAboutSchemas || i + 1 < words.size() && words.get(i + 1).is(".")) return true;
        }
        return false;
    }

    /** Whether it makes a large object, or is about one. */
    boolean isOfLargeObject() {
        Reader reader = new Reader(statement);
        if (reader.begins("select", "pg_catalog", "."))
            return LARGE_OBJECT_FUNCTIONS.contains(reader.word(3).text());
        boolean isGrant = reader.begins("grant") || reader.begins("revoke");
        int at = isGrant || reader.begins("comment") ? reader.after("on") : 1;
        return (isGrant || reader.begins("comment") || reader.begins("alter"))
                && reader.word(at).is("large")
                && reader.word(at + 1).is("object");
    }

    /** The function that makes or fills a large object; empty if this does something else. */
    String largeObjectFunction() {
        Reader reader = new Reader(statement);
        boolean isCall = reader.begins("select", "pg_catalog", ".");
        return isCall && FILLING.contains(reader.word(3).text())
                ? reader.word(3).text()
                : "";
    }

    /** The tablespaces that it names. */
    Set<String> tablespaces() {
        boolean isSetting = kind == Kind.SETTING && "default_tablespace".equals(name);
        boolean isMaterialized = new Reader(statement).begins("create", "materialized");
        boolean mayNameSome =
                isMaterialized || Set.of(Kind.TABLE, Kind.INDEX, Kind.KEY).contains(kind);
        if (!isSetting
                && !(mayNameSome
                        && MENTIONS_TABLESPACE.matcher(statement.text()).find())) return Set.of();
        List<Word> words = statement.words(Integer.MAX_VALUE);
        if (isSetting) {
            String value = words.get(words.size() - 1).text();
            return value.isEmpty() || words.get(words.size() - 1).is("default") ? Set.of() : Set.of(value);
        }
        Set<String> found = new LinkedHashSet<>();
        int depth = 0;
        for (int i = 0; i + 1 < words.size(); i++) {
            Word word = words.get(i);
            depth += word.is("(") ? 1 : word.is(")") ? -1 : 0;
            if (isMaterialized && depth == 0 && word.is("as")) break;
            boolean isClause = depth == 0 || words.get(i - 1).is("index");
            if (word.is("tablespace") && isClause && words.get(i + 1).isName())
                found.add(words.get(i + 1).text());
        }
        return found;
    }

    /** The tables that it locks against others of its kind. */
    List<String> tables() {
        List<String> tables = new ArrayList<>(List.of(name));
        if (kind == Kind.FOREIGN_KEY) {
            List<Word> words = statement.words(200);
            for (int i = 0; i < words.size() - 1; i++)
                if (words.get(i).is("references")) tables.add(Word.name(words, i + 1));
        }
        return tables;
    }

    /** Whether it builds a B-tree. */
    boolean isTree() {
        return (kind == Kind.INDEX || kind == Kind.KEY) && SortMemory.isFor(statement.text());
    }
}
