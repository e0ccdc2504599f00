package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.db.Database;
import avdaily.db.DatabaseChoice;
import avdaily.db.DatabaseUrl;
import avdaily.db.Failures;
import avdaily.db.LocalServer;
import avdaily.db.OperationLog;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * When backups were read whole, and restored in a drill, as the operation log of their database tells. A backup is
 * known there by its checksum: it may lie in several places.
 */
public final class BackupChecks {
    /**
     * The last looks at a backup.
     *
     * @param verified when it was found whole
     * @param drilled when it was restored as it was
     * @param findings critical integrity rules that its data broke in that drill
     * @param failed when a check did not come to its end, as with a damaged file
     */
    public record Check(
            Optional<Instant> verified, Optional<Instant> drilled, long findings, Optional<Instant> failed) {
        public static final Check NONE = new Check(Optional.empty(), Optional.empty(), 0, Optional.empty());
    }

    private static final String COMMAND = "backup verify";

    /**
     * Runs a check under a row of the log of the database that the backup is of, if the variables name it and it can be
     * reached: a check must do without.
     *
     * @param choice what the command line names may be the server of a drill, and counts if there are no variables
     */
    public static <T> T record(
            BackupFile file, Invocation invocation, DatabaseChoice choice, OperationLog.Work<T> check)
            throws Exception {
        Optional<BackupMetadata> known = metadata(file);
        OperationLog.Work<T> work = details -> {
            details.put("file", file.place());
            known.ifPresent(metadata -> details.put("sha256", metadata.encoding().sha256()));
            return check.run(details);
        };
        try (Database origin = known.map(metadata -> origin(metadata, invocation, choice)).orElse(null)) {
            return origin == null
                    ? work.run(new LinkedHashMap<>())
                    : OperationLog.recordIfPossible(origin, COMMAND, work);
        }
    }

    /** Nothing if there are none, or if the check is about to say what is wrong with them. */
    private static Optional<BackupMetadata> metadata(BackupFile file) {
        try {
            return file.hasMetadata()
                    ? Optional.of(file.readMetadata()).filter(BackupMetadata::hasNeeded)
                    : Optional.empty();
        } catch (Failure e) {
            if (e.kind != Failure.Kind.DAMAGED) throw e;
            return Optional.empty();
        }
    }

    /** Null if it is not to be had. */
    private static Database origin(BackupMetadata metadata, Invocation invocation, DatabaseChoice choice) {
        try {
            boolean isNamed = DatabaseUrl.named(null, invocation.settings()).isPresent();
            DatabaseChoice named =
                    isNamed ? new DatabaseChoice(choice.environment(), null, choice.project()) : choice;
            Optional<DatabaseUrl> address = DatabaseUrl.named(named.url(), invocation.settings())
                    .map(found -> found.parse(invocation.settings()));
            boolean isThere = address.isPresent()
                    ? address.get().database().equals(metadata.origin().database())
                    : LocalServer.of(invocation).running().isPresent();
            if (!isThere) return null;
            Database db = Database.openToRead(invocation, named);
            if (metadata.isOf(db)) return db;
            db.close();
        } catch (SQLException | Failure e) {
            Failure why = Failures.explain(e);
            if (why.kind == Failure.Kind.INTERRUPTED) throw why;
            invocation.out().detail("Not logged: " + why.getMessage() + ".");
        }
        return null;
    }

    /** By the checksums of the backups. */
    public static Map<String, Check> of(Connection c) throws SQLException {
        Map<String, Check> checks = new HashMap<>();
        if (!OperationLog.isLogged(c)) return checks;
        Database.list(
                c,
                """
                SELECT details ->> 'sha256' AS sha256,
                       max(started_at) FILTER (WHERE outcome = 'done') AS verified,
                       max(started_at) FILTER (WHERE outcome = 'done' AND details ->> 'restored' = 'true') AS drilled,
                       (array_agg(details ->> 'findings' ORDER BY started_at DESC)
                         FILTER (WHERE outcome = 'done' AND details ->> 'restored' = 'true'))[1] AS findings,
                       max(started_at) FILTER (WHERE outcome = 'failed') AS failed
                FROM avdaily_ops.operation WHERE command = ? AND details ->> 'sha256' IS NOT NULL GROUP BY 1""",
                row -> checks.put(row.getString("sha256"), check(row)),
                COMMAND);
        return checks;
    }

    private static Check check(ResultSet row) throws SQLException {
        String findings = row.getString("findings");
        return new Check(
                instant(row.getTimestamp("verified")),
                instant(row.getTimestamp("drilled")),
                findings != null && findings.matches("[0-9]{1,9}") ? Long.parseLong(findings) : 0,
                instant(row.getTimestamp("failed")));
    }

    private static Optional<Instant> instant(Timestamp time) {
        return Optional.ofNullable(time).map(Timestamp::toInstant);
    }

    private BackupChecks() {}
}
