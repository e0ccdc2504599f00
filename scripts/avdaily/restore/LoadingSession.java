package avdaily.restore;

import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.db.DatabaseSettings;
import avdaily.db.Failures;
import avdaily.db.SessionStart;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * With what a session begins that loads a dump, whatever the role, the driver and the new database say. First comes
 * what a dump takes for granted. Then come the settings of the database that it goes into, as psql would have them; a
 * dump that brings those of its source sets them later.
 */
final class LoadingSession {
    /** When what was committed is safe on the disk. */
    enum Durability {
        AT_COMMIT,
        /** With a later commit, as with that of the swap. */
        LATER
    }

    private static final String TAKEN_FOR_GRANTED =
            """
            SET row_security = off; SET client_min_messages = warning; SET standard_conforming_strings = on;
            SET array_nulls = on; SET default_tablespace = ''; SET default_table_access_method = heap""";

    /** What somebody made up for the role in one database alone: a new one has it only after the swap. */
    private static final String OF_ROLE =
            """
            SELECT lower(split_part(e, '=', 1)), substr(e, strpos(e, '=') + 1)
            FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase,
              unnest(setconfig) e
            WHERE s.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user) AND d.datname = ?
              AND split_part(e, '=', 1) LIKE '%.%' AND split_part(e, '=', 1) NOT ILIKE 'avdaily.%'""";

    private final List<DatabaseSettings.Setting> settings;
    private final Out out;

    private LoadingSession(List<DatabaseSettings.Setting> settings, Out out) {
        this.settings = settings;
        this.out = out;
    }

    static LoadingSession of(RestoreTarget target) throws SQLException {
        Database db = target.db();
        Connection c = target.exists() ? db.connection() : target.maintenance().connection();
        List<DatabaseSettings.Setting> settings = new ArrayList<>(DatabaseSettings.of(c, db.name()));
        settings.addAll(Database.list(
                c,
                OF_ROLE,
                row -> new DatabaseSettings.Setting(row.getString(1), row.getString(2)),
                db.name()));
        return new LoadingSession(settings, db.out());
    }

    /** How a session of psql would show dates. */
    DateStyle dateStyle() {
        return settings.stream()
                .filter(setting -> setting.name().equals("DateStyle"))
                .findFirst()
                .map(setting -> new DateStyle(setting.value()))
                .orElseThrow();
    }

    /** Every session of this database from now on lasts as long as it takes, and may write. */
    static Database unlimited(Database db) throws SQLException {
        db.beginSessionsWith(SessionStart.UNLIMITED);
        return db;
    }

    static void unlimit(Connection c) throws SQLException {
        Database.run(c, SessionStart.UNLIMITED);
    }

    Connection prepare(Connection session, Durability durability) throws SQLException {
        return SessionStart.begun(session, c -> {
            unlimit(c);
            Database.run(c, TAKEN_FOR_GRANTED);
            try {
                Database.run(c, settings.stream().map(LoadingSession::statement).collect(Collectors.joining("; ")));
            } catch (SQLException e) {
                if (SqlState.isConnectionLost(e)) throw e;
                for (DatabaseSettings.Setting setting : settings) give(c, setting);
            }
            SessionStart.allowViews(c);
            if (durability == Durability.LATER) Database.run(c, "SET synchronous_commit = off");
        });
    }

    /** What the server refuses, a session of psql would not have either: it names what is not there. */
    private void give(Connection c, DatabaseSettings.Setting setting) throws SQLException {
        try {
            Database.run(c, statement(setting));
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            out.detail(setting.name() + " stays as it is: " + Failures.message(e));
        }
    }

    private static String statement(DatabaseSettings.Setting setting) {
        return setting.name().equals("DateStyle") ? new DateStyle(setting.value()).isoStatement() : setting.statement();
    }
}
