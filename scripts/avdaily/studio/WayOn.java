package avdaily.studio;

import avdaily.base.Out;
import avdaily.monitor.HealthCheck;

/** What to do about a check of the monitor that is not good. */
final class WayOn {
    static Html of(HealthCheck.Name check, Out out) {
        return switch (check) {
            case CONNECTION, EVERYTHING_ELSE ->
                command(out, "See what the server answers:", "avdaily-db url --explain");
            case BACKUP -> command(out, "Make one, then read it whole:", "avdaily-backup create");
            case MIGRATIONS -> command(out, "See which, then apply them:", "avdaily-migrate status");
            case DRIFT -> command(out, "See what differs:", "avdaily-migrate validate");
            case INTEGRITY -> command(out, "See the rows, and what cures them:", "avdaily-integrity check");
            case CONNECTIONS ->
                Html.of("See who holds them under Operations; a pool of the application's is too large.");
            case BLOCKED, TRANSACTIONS -> Html.of("See under Operations who waits for whom, and end what hangs.");
            case REPLICATION -> Html.of("Look at the standby's log; drop a slot that nobody reads, for it keeps WAL.");
            case CONFLICTS -> Html.of("Look at max_standby_streaming_delay and hot_standby_feedback of the standby.");
            case ARCHIVER ->
                Html.of("Run archive_command by hand with a file of pg_wal; the server's log has its words.");
            case CHECKSUMS ->
                command(out, "Look at the disk; then see which backup is whole:", "avdaily-backup verify");
            case SETTINGS -> Html.of("See whether somebody meant it; what waits for a restart is not in force.");
            case EXTENSIONS -> Html.of("Read their notes, then ALTER EXTENSION ... UPDATE in a migration.");
            case FRESHNESS, VOLUME -> Html.of("See what fills the table: a job that stopped, or a queue that waits.");
            case SIZE -> Html.of("See below which tables are the largest.");
            case CACHE -> Html.of("Look for tables that are read whole below, then at shared_buffers.");
            case DEAD_ROWS -> Html.of("Look for old transactions, then VACUUM the table by hand.");
            case BLOAT ->
                Html.of("REINDEX INDEX CONCURRENTLY an index; see first why a table grew, then pg_repack it.");
            case STATEMENTS -> Html.of("EXPLAIN the statement on the page Query.");
            case WRAPAROUND -> Html.of("VACUUM FREEZE the oldest tables before the server stops writing.");
            case DISK, SERVER_DISK -> command(out, "Free some; old backups go with:", "avdaily-backup prune");
        };
    }

    private static Html command(Out out, String words, String command) {
        return Html.all(words, " ", Show.command(out.pasteable(command)));
    }

    private WayOn() {}
}
