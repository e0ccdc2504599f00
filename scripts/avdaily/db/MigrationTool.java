package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The migration tools whose databases can be adopted. Each keeps a history in tables of its own. */
public enum MigrationTool {
    LIQUIBASE(
            "Liquibase",
            List.of("databasechangelog", "databasechangeloglock"),
            "id, author, filename, orderexecuted",
            "SELECT count(*), (SELECT id || ' of ' || author FROM %1$s ORDER BY orderexecuted DESC LIMIT 1) FROM %1$s",
            "SELECT concat_ws(' by ', 'a run holds its lock', lockedby) FROM %2$s WHERE locked"),
    PRISMA(
            "Prisma",
            List.of("_prisma_migrations"),
            "migration_name, finished_at, rolled_back_at",
            """
            SELECT count(*), (array_agg(migration_name ORDER BY finished_at DESC, migration_name DESC))[1]
            FROM %1$s WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL""",
            """
            SELECT migration_name || ' began and did not end' FROM %1$s
            WHERE finished_at IS NULL AND rolled_back_at IS NULL"""),
    RAILS("Rails", List.of("schema_migrations", "ar_internal_metadata"), "version", Constants.NEWEST, Constants.NEVER),
    GOLANG_MIGRATE(
            "golang-migrate",
            List.of("schema_migrations"),
            "version, dirty",
            "SELECT NULL::bigint, max(version)::text FROM %1$s",
            "SELECT 'version ' || version || ' is dirty: it failed half-way' FROM %1$s WHERE dirty"),
    ECTO("Ecto", List.of("schema_migrations"), "version, inserted_at", Constants.NEWEST, Constants.NEVER),
    DBMATE("dbmate", List.of("schema_migrations"), "version", Constants.NEWEST, Constants.NEVER),
    ALEMBIC(
            "Alembic",
            List.of("alembic_version"),
            "version_num",
            "SELECT NULL::bigint, string_agg(version_num, ' and ' ORDER BY version_num) FROM %1$s",
            Constants.NEVER),
    DRIZZLE(
            "drizzle",
            List.of("__drizzle_migrations"),
            "hash, created_at",
            "SELECT count(*), max(created_at)::text FROM %1$s",
            Constants.NEVER);

    private interface Constants {
        String NEWEST = "SELECT count(*), max(version)::text FROM %1$s";
        String NEVER = "SELECT NULL::text WHERE false";
    }

    /** The table that the migrations of this collection keep. */
    public static final String FLYWAY = "flyway_schema_history";

    /** Drizzle keeps its history, and nothing else, in a schema of its own. */
    public static final String SCHEMA_OF_DRIZZLE = "drizzle";

    /** All tables that are some tool's history, and no part of a project's schema. */
    public static final Set<String> TABLES = Stream.concat(
                    Stream.of(FLYWAY), Stream.of(values()).flatMap(tool -> tool.tables.stream()))
            .collect(Collectors.toUnmodifiableSet());

    /** All columns that they have there, whatever the tool and its version. */
    private static final Set<String> ALL_COLUMNS = Set.of(
            """
            installed_rank version description type script checksum installed_by installed_on execution_time success
            id author filename dateexecuted orderexecuted exectype md5sum comments tag liquibase contexts labels
            deployment_id locked lockgranted lockedby finished_at migration_name logs rolled_back_at started_at
            applied_steps_count key value created_at updated_at inserted_at dirty version_num hash"""
                    .split("\\s+"));

    private final String name;
    /** The history, and what is kept beside it. */
    private final List<String> tables;

    private final Set<String> columns;
    /** How many migrations there are, if it says that, and the last one. */
    private final String howFar;
    /** What it says of one that did not end. */
    private final String unfinished;

    MigrationTool(String name, List<String> tables, String columns, String howFar, String unfinished) {
        this.name = name;
        this.tables = tables;
        this.columns = Set.copyOf(Arrays.asList(columns.split(", ")));
        this.howFar = howFar;
        this.unfinished = unfinished;
    }

    /**
     * A tool's history in a database.
     *
     * @param table where it is
     * @param count how many migrations were applied, if it says that
     * @param last the last one; null if there is none
     * @param unfinished what stands against going on from here
     */
    public record History(
            MigrationTool tool, String table, Optional<Long> count, String last, Optional<String> unfinished) {
        /** As people read it. */
        @Override
        public String toString() {
            String far = last == null
                    ? "nothing was applied"
                    : count.map(number -> Format.count(number, "migration") + ", the last one is ")
                                    .orElse("it is at ")
                            + last;
            return tool.name + " (" + table + "): " + far;
        }
    }

    /** Whether a column is one of some tool's history: a table of people may be called like that, too. */
    public static boolean isOfHistory(String table, String column) {
        return TABLES.contains(table) && ALL_COLUMNS.contains(column);
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * The histories of other tools that a database has, from which one can go on.
     *
     * @throws Failure (21) if one of them says that something did not end
     */
    public static List<History> settled(Database db) throws SQLException {
        List<History> all = of(db.connection());
        for (History history : all)
            if (history.unfinished.isPresent())
                throw Failure.refused(
                        history.tool + " is not done with " + db + ": " + history.unfinished.get(),
                        "bring it to its end with " + history.tool + ", then run this again; nothing was changed.");
        return all;
    }

    /** None of them is one that a stranger could have made. */
    private static List<History> of(Connection c) throws SQLException {
        record Table(String schema, String name, Set<String> columns) {}
        List<Table> all = Database.list(
                c,
                """
                SELECT n.nspname, t.relname, array_agg(a.attname::text)
                FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
                JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE t.relkind = 'r' AND t.relname = ANY(?) GROUP BY 1, 2 ORDER BY 1, 2""",
                row -> new Table(row.getString(1), row.getString(2), Set.of((String[])
                        row.getArray(3).getArray())),
                (Object) TABLES.toArray(String[]::new));
        Map<String, Set<String>> bySchema = all.stream()
                .collect(Collectors.groupingBy(
                        Table::schema, Collectors.mapping(Table::name, Collectors.toCollection(TreeSet::new))));
        List<History> found = new ArrayList<>();
        for (Table table : all) {
            Optional<MigrationTool> tool = Stream.of(values())
                    .filter(each -> each.tables.get(0).equals(table.name)
                            && table.columns.containsAll(each.columns)
                            && bySchema.get(table.schema).containsAll(each.tables))
                    .findFirst();
            if (tool.isEmpty()) continue;
            for (String each : tool.get().tables) ForeignCode.isTable(c, table.schema, each);
            found.add(tool.get().read(c, table.schema));
        }
        return found;
    }

    private History read(Connection c, String schema) throws SQLException {
        Object[] names = tables.stream()
                .map(table -> Sql.quoted(schema) + "." + Sql.quoted(table))
                .toArray();
        Optional<String> obstacle = Database.list(c, unfinished.formatted(names), row -> row.getString(1)).stream()
                .findFirst();
        return Database.list(
                        c,
                        howFar.formatted(names),
                        row -> new History(
                                this,
                                schema + "." + tables.get(0),
                                Optional.ofNullable(row.getObject(1, Long.class)),
                                row.getString(2),
                                obstacle))
                .get(0);
    }
}
