package avdaily.restore;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Reason;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What is looked at before a restore writes anything: how it can be done, and what stands against it. */
final class RestoreChecks {
    /**
     * Below this an empty target is filled in place: there is no old database to keep, and little to gain from several
     * connections.
     */
    private static final long SMALL = 256L << 20;

    /**
     * How it is done.
     *
     * @param reason why in this mode; empty if the user chose it or it is the usual one
     * @param absentRoles roles in the dump that the server lacks; grants to them are left out
     */
    record Decision(RestoreOptions.Mode mode, String reason, Set<String> absentRoles) {}

    private final RestoreTarget target;
    private final Database db;
    private final DumpReader dump;
    private final RestoreOptions options;

    private RestoreChecks(RestoreTarget target, DumpReader dump, RestoreOptions options) {
        this.target = target;
        this.db = target.db();
        this.dump = dump;
        this.options = options;
    }

    /** @throws Failure (21) or (23) if it cannot be done */
    static Decision decide(RestoreTarget target, DumpReader dump, RestoreOptions options) throws SQLException {
        RestoreChecks checks = new RestoreChecks(target, dump, options);
        Decision decision = checks.choose();
        checks.checkNeeds(decision.absentRoles);
        checks.checkProof(decision.mode);
        if (target.exists()) {
            checks.checkTies(decision.mode);
            checks.checkSessions(decision.mode);
        }
        checks.checkDisk();
        return decision;
    }

    private Decision choose() throws SQLException {
        Set<String> absentRoles = target.absentRoles(dump.contents().roles());
        if (!target.exists()) {
            if (!DatabaseProperties.mayCreate(target.maintenance().connection()))
                throw Failure.refused(
                        "there is no database " + db.name() + " and " + db.url().user() + " may not create one",
                        "create it, or use a role with CREATEDB.");
            return new Decision(RestoreOptions.Mode.SWAP, "it is not there yet", absentRoles);
        }
        String hindrance = hindrance();
        if (options.mode() == RestoreOptions.Mode.SWAP && hindrance != null)
            throw Failure.refused("no swap: " + hindrance, "use a role that may, or --mode in-place.");
        if (options.mode() != null) return new Decision(options.mode(), "", absentRoles);
        if (hindrance != null) return new Decision(RestoreOptions.Mode.IN_PLACE, hindrance, absentRoles);
        return dump.bytes() < SMALL && target.isEmpty()
                ? new Decision(RestoreOptions.Mode.IN_PLACE, "it is empty", absentRoles)
                : new Decision(RestoreOptions.Mode.SWAP, "", absentRoles);
    }

    /** Why there can be no swap; null if there can. */
    private String hindrance() throws SQLException {
        String user = db.url().user();
        if (target.maintenance() == null) return user + " may connect to neither postgres nor template1";
        return target.properties().mayBeReplaced(target.maintenance().connection())
                ? null
                : user + " may not create databases, or does not own this one";
    }

    private void checkNeeds(Set<String> absentRoles) throws SQLException {
        Set<String> extensions = target.absentExtensions(dump.contents().extensions());
        Set<String> roles = new TreeSet<>(target.absentRoles(dump.contents().indispensableRoles()));
        boolean helpsNoOwner = roles.isEmpty();
        if (options.owners() == RestoreOptions.Owners.KEPT) roles.addAll(absentRoles);
        List<String> lacks = new ArrayList<>();
        List<String> ways = new ArrayList<>();
        if (!roles.isEmpty()) {
            lacks.add((roles.size() == 1 ? "the role " : "the roles ") + String.join(", ", roles));
            String statements = roles.stream()
                    .map(role -> "CREATE ROLE " + Sql.quoted(role))
                    .collect(Collectors.joining("; "));
            ways.add("create " + (roles.size() == 1 ? "it" : "them") + " (" + statements + ")"
                    + (helpsNoOwner ? ", or restore with --no-owner" : ""));
        }
        if (!extensions.isEmpty()) {
            String names = String.join(", ", extensions);
            lacks.add((extensions.size() == 1 ? "the extension " : "the extensions ") + names);
            ways.add("install the packages of " + names + " on the server");
        }
        Set<String> tablespaces = target.absentTablespaces(dump.contents().tablespaces());
        if (!tablespaces.isEmpty()) {
            lacks.add((tablespaces.size() == 1 ? "the tablespace " : "the tablespaces ")
                    + String.join(", ", tablespaces));
            ways.add("create " + (tablespaces.size() == 1 ? "it" : "them") + " in empty folders of the server ("
                    + tablespaces.stream()
                            .map(name -> "CREATE TABLESPACE " + Sql.quoted(name) + " LOCATION '/...'")
                            .collect(Collectors.joining("; "))
                    + ")");
        }
        Set<String> locales = target.absentLocales(dump);
        if (!locales.isEmpty()) {
            lacks.add((locales.size() == 1 ? "the locale " : "the locales ") + String.join(", ", locales));
            ways.add("install " + (locales.size() == 1 ? "it" : "them") + " on the server's machine ('locale -a' lists"
                    + " those there), or create the database with another one (CREATE DATABASE "
                    + Sql.quoted(db.name()) + " TEMPLATE template0 LOCALE 'C') and restore into it"
                    + (options.server() == RestoreOptions.Server.LEFT_OUT ? "" : " without --create"));
        }
        if (!lacks.isEmpty())
            throw Failure.refused(
                    "the server lacks what the backup needs: " + String.join(", and ", lacks),
                    String.join("; ", ways) + ".");
    }

    private void checkProof(RestoreOptions.Mode mode) {
        if (options.proof() == RestoreOptions.Proof.NUMBERS) return;
        if (ContentComparison.toldBy(dump) == null)
            throw Failure.refused(
                    dump.file() + " does not tell the sums of its rows, or has no checksums beside it",
                    "restore it without --prove, and compare it afterwards: avdaily-backup compare FILE URL.");
        if (mode == RestoreOptions.Mode.IN_PLACE)
            throw Failure.refused(
                    "rows are proven before two databases are exchanged, and this restore is done in place",
                    "use --mode swap, or leave out --prove and compare afterwards: avdaily-backup compare FILE URL.");
    }

    private void checkTies(RestoreOptions.Mode mode) throws SQLException {
        boolean isSwap = mode == RestoreOptions.Mode.SWAP;
        List<Tie> ties = isSwap
                ? target.properties().ties(target.maintenance().connection(), db.connection())
                : DatabaseProperties.subscriptions(db.connection());
        if (ties.isEmpty()) return;
        String loss = isSwap ? "another database in its place would not have: " : "a restore would tear: ";
        String them = ties.size() == 1 ? "it" : "them";
        throw Failure.refused(
                db.name() + " has what " + loss
                        + ties.stream().map(Tie::toString).collect(Collectors.joining(", ")),
                !isSwap || ties.stream().anyMatch(tie -> tie.kind() == Tie.Kind.SUBSCRIPTION)
                        ? "drop " + them + " first, and create it again afterwards."
                        : "restore with --mode in-place, which keeps the database, or drop " + them + " first.");
    }

    private void checkSessions(RestoreOptions.Mode mode) throws SQLException {
        if (mode != RestoreOptions.Mode.SWAP) return;
        List<String> sessions =
                target.properties().unterminableSessions(target.maintenance().connection());
        if (!sessions.isEmpty())
            throw Failure.locked(
                    "sessions in " + db.name() + " cannot be ended by "
                            + db.url().user() + ": " + String.join(", ", sessions),
                    "end them, or use a role that may (pg_signal_backend), or --mode in-place.");
    }

    /** The server's disk is known only if its files are on this machine and may be looked at. */
    private void checkDisk() throws SQLException {
        if (options.rows() == RestoreOptions.Rows.LEFT_OUT
                || !db.url().isLocal()
                || !Database.one(target.server(), "SELECT pg_has_role('pg_read_all_settings', 'USAGE')", Boolean.class))
            return;
        Path data = Path.of(Database.one(target.server(), "SHOW data_directory", String.class));
        try {
            FileStore store = Files.getFileStore(data);
            if (store.getUsableSpace() < dump.estimatedSize())
                throw Failure.refused(
                        "the server's disk (" + data + ") has " + Format.bytes(store.getUsableSpace())
                                + " free, and the restored database takes about " + Format.bytes(dump.estimatedSize()),
                        "make room there, or restore into another server.");
        } catch (IOException e) {
            db.out().detail("The server's disk cannot be looked at: " + Reason.of(e));
        }
    }
}
