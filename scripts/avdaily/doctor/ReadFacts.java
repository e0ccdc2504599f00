package avdaily.doctor;

import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Standby;
import avdaily.doctor.Ability.Basis;
import avdaily.doctor.Ability.Name;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What needs nothing but reading: statistics, replication, archiving, and the rights of our role. */
final class ReadFacts {
    /** Looks at one thing. */
    private interface Look {
        Ability at() throws SQLException;
    }

    private static final String TABLES =
            """
            FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
            WHERE t.relkind IN ('r', 'p') AND t.relpersistence <> 't'
              AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'""";

    private final Connection c;
    private final String role;
    private final String database;
    private final boolean isStandby;

    ReadFacts(Connection c, String role, String database, boolean isStandby) {
        this.c = c;
        this.role = Sql.quoted(role);
        this.database = Sql.quoted(database);
        this.isStandby = isStandby;
    }

    List<Ability> all() throws SQLException {
        Map<Name, Look> looks = new TreeMap<>(Map.of(
                Name.SESSION_STATISTICS, this::sessionStatistics,
                Name.STATEMENT_STATISTICS, this::statementStatistics,
                Name.REPLICA, isStandby ? this::standby : this::primary,
                Name.ARCHIVING, this::archiving,
                Name.CREATING, this::creating,
                Name.READING, this::reading,
                Name.OWNING, this::owning));
        List<Ability> abilities = new ArrayList<>();
        for (Map.Entry<Name, Look> look : looks.entrySet()) abilities.add(at(look.getKey(), look.getValue()));
        return abilities;
    }

    /** What a look-alike does not know is a No of its own, and does not end the look. */
    private static Ability at(Name name, Look look) throws SQLException {
        try {
            return look.at();
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            return Ability.no(name, Basis.READ, Failures.message(e), "use a PostgreSQL server, or do without it.");
        }
    }

    /** The server's own processes are always there, and their kind is hidden from who may not see all. */
    private Ability sessionStatistics() throws SQLException {
        String query = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type IS NULL";
        return number(query) == 0
                ? Ability.yes(Name.SESSION_STATISTICS, Basis.TRIED, "the sessions of all roles are seen")
                : Ability.no(
                        Name.SESSION_STATISTICS,
                        Basis.TRIED,
                        "only the sessions of our own role are seen",
                        "have a superuser run: GRANT pg_monitor TO " + role + ";");
    }

    private Ability statementStatistics() throws SQLException {
        String place = text(
                """
                SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e
                  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'""");
        if (place == null)
            return Ability.no(
                    Name.STATEMENT_STATISTICS,
                    Basis.READ,
                    "the extension pg_stat_statements is not there",
                    "set shared_preload_libraries = 'pg_stat_statements', restart, and run: CREATE EXTENSION "
                            + "pg_stat_statements;");
        try {
            Database.run(c, "SELECT pg_catalog.count(*) FROM " + place + ".pg_stat_statements(false)");
            return Ability.yes(Name.STATEMENT_STATISTICS, Basis.TRIED, "slow statements are seen");
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            return Ability.no(
                    Name.STATEMENT_STATISTICS,
                    Basis.TRIED,
                    Failures.message(e),
                    "set shared_preload_libraries = 'pg_stat_statements', and restart.");
        }
    }

    private Ability primary() throws SQLException {
        boolean may = truth("SELECT pg_catalog.current_setting('wal_level') <> 'minimal' "
                + "AND pg_catalog.current_setting('max_wal_senders')::int > 0");
        long standbys = number("SELECT count(*) FROM pg_catalog.pg_stat_replication");
        return may
                ? Ability.yes(
                        Name.REPLICA,
                        Basis.READ,
                        standbys == 0 ? "a standby could follow, none does" : Format.count(standbys, "standby"))
                : Ability.no(
                        Name.REPLICA,
                        Basis.READ,
                        "no standby can follow",
                        "set wal_level = replica and max_wal_senders = 10, and restart.");
    }

    private Ability standby() throws SQLException {
        Standby standby = Standby.of(c).orElseThrow();
        return standby.letsFinish()
                ? Ability.yes(Name.REPLICA, Basis.READ, standby.behind() + ", and long reading is let finish")
                : Ability.no(
                        Name.REPLICA,
                        Basis.READ,
                        standby.behind() + ", and a vacuum on the primary cancels reading that takes longer than "
                                + standby.delay(),
                        "set hot_standby_feedback = on on the standby, or max_standby_streaming_delay = -1.");
    }

    private Ability archiving() throws SQLException {
        String mode = text("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'archive_mode'");
        if (mode == null || mode.equals("off"))
            return Ability.no(
                    Name.ARCHIVING,
                    Basis.READ,
                    "archive_mode is off: only backups bring a state back",
                    "set archive_mode = on and archive_command, and restart; a managed service may keep its own.");
        String failing = text(
                """
                SELECT last_failed_wal || ' since ' || last_failed_time FROM pg_catalog.pg_stat_archiver
                WHERE last_failed_time > coalesce(last_archived_time, '-infinity')""");
        String last = text("SELECT last_archived_time::text FROM pg_catalog.pg_stat_archiver");
        return failing == null
                ? Ability.yes(Name.ARCHIVING, Basis.READ, last == null ? "on, nothing yet" : "on, last at " + last)
                : Ability.no(
                        Name.ARCHIVING,
                        Basis.READ,
                        "the archive does not take " + failing,
                        "see the server's log for what archive_command says.");
    }

    private Ability creating() throws SQLException {
        boolean may = truth("SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')");
        return may
                ? Ability.yes(Name.CREATING, Basis.READ, "our role may create schemas")
                : Ability.no(
                        Name.CREATING,
                        Basis.READ,
                        "our role may not create schemas, avdaily_ops among them",
                        "have the owner run: GRANT CREATE ON DATABASE " + database + " TO " + role + ";");
    }

    private Ability reading() throws SQLException {
        long hidden = number("SELECT count(*) " + TABLES + " AND NOT (pg_catalog.has_table_privilege(t.oid, 'SELECT') "
                + "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE'))");
        return hidden == 0
                ? Ability.yes(Name.READING, Basis.READ, "our role may read every table")
                : Ability.no(
                        Name.READING,
                        Basis.READ,
                        "our role may not read " + Format.count(hidden, "table") + ": a backup would be refused",
                        "have a superuser run: GRANT pg_read_all_data TO " + role + ";");
    }

    private Ability owning() throws SQLException {
        List<String> owners = Database.list(
                c,
                "SELECT DISTINCT pg_catalog.pg_get_userbyid(t.relowner) " + TABLES
                        + " AND NOT pg_catalog.pg_has_role(t.relowner, 'USAGE') ORDER BY 1",
                row -> row.getString(1));
        return owners.isEmpty()
                ? Ability.yes(Name.OWNING, Basis.READ, "our role may alter every table")
                : Ability.no(
                        Name.OWNING,
                        Basis.READ,
                        "our role may not alter the tables of " + String.join(", ", owners),
                        "have a superuser run: GRANT " + Sql.quoted(owners.get(0)) + " TO " + role + ";");
    }

    private String text(String query) throws SQLException {
        return Database.one(c, query, String.class);
    }

    private long number(String query) throws SQLException {
        return Database.one(c, query, Long.class);
    }

    private boolean truth(String query) throws SQLException {
        return Database.one(c, query, Boolean.class);
    }
}
