package avdaily.doctor;

import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.db.Scratch;
import avdaily.doctor.Ability.Basis;
import avdaily.doctor.Ability.Name;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Looks at a server: at two sessions first, then at what a transaction lets us do, then at what can be read. */
public final class Doctor {
    /** How far the look goes. */
    public enum Depth {
        /** What changes nothing, not even for a moment. */
        READING,
        /** Also definitions in transactions that are taken back, and a database that is dropped again. */
        EVERYTHING
    }

    static final String PRIMARY = "connect to the primary for what writes.";

    private final Database db;
    private final Depth depth;

    public Doctor(Database db, Depth depth) {
        this.db = db;
        this.depth = depth;
    }

    public Diagnosis look() throws SQLException {
        try (Connection one = db.connect();
                Connection other = db.connect();
                Connection c = db.connect()) {
            TwoSessions sessions = new TwoSessions(one, other);
            ServerKind kind = ServerKind.of(c);
            String role = Database.one(c, "SELECT current_user::text", String.class);
            List<Ability> abilities = new ArrayList<>(sessions.abilities());
            abilities.addAll(new RolledBackTrials(c, role, db.name(), kind.isStandby()).run(depth));
            abilities.add(
                    kind.isStandby()
                            ? Ability.no(Name.CREATE_DATABASE, Basis.READ, "a standby only reads", PRIMARY)
                            : createDatabase(c, role, sessions.areTwo()));
            abilities.addAll(new ReadFacts(c, role, db.name(), kind.isStandby()).all());
            abilities.sort(Comparator.comparing(Ability::name));
            return new Diagnosis(db.name(), db.toString(), kind, sessions.between(), role, depth, abilities);
        }
    }

    /**
     * A database is no part of a transaction: it is really made, under a name by which the next run drops it if need
     * be.
     */
    private Ability createDatabase(Connection c, String role, boolean areTwo) throws SQLException {
        String next = "have a superuser run: ALTER ROLE " + Sql.quoted(role) + " CREATEDB; until then, trials run on "
                + "the local server, and a restore works in place.";
        boolean may = Database.one(
                c,
                "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user",
                Boolean.class);
        if (depth == Depth.READING || !areTwo)
            return may
                    ? Ability.yes(Name.CREATE_DATABASE, Basis.READ, "the right is there; not tried")
                    : Ability.unknown(Name.CREATE_DATABASE, "nothing that can be read allows it; not tried", next);
        try (Scratch scratch = Scratch.planned(db)) {
            Database.run(c, "CREATE DATABASE " + scratch.database().name() + " TEMPLATE template0");
            return Ability.yes(Name.CREATE_DATABASE, Basis.TRIED, "one was created, and dropped again");
        } catch (SQLException e) {
            if (SqlState.isConnectionLost(e)) throw e;
            return Ability.no(Name.CREATE_DATABASE, Basis.TRIED, Failures.message(e), next);
        }
    }
}
