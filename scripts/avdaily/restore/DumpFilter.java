package avdaily.restore;

import avdaily.db.Database;
import avdaily.sql.DottedName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which statements of a dump are not run: those that the reader or the target database looks after, those that
 * --no-owner leaves out, and settings of newer servers in the head of the dump.
 */
final class DumpFilter {
    /** What SET takes beside the names of settings. */
    private static final Set<String> NO_SETTINGS = Set.of("time", "role", "transaction", "constraints");

    /** Those of pg_dump's own session, which backups of earlier versions have in the middle too. */
    private static final Set<String> VERSION_BOUND = Set.of("default_with_oids", "transaction_timeout");

    private final RestoreOptions options;
    private final Set<String> absentRoles;
    private final Optional<String> keptSchema;
    private final Set<String> settings;
    private final Set<String> ownRoles;
    private final Set<String> skipped = new LinkedHashSet<>();

    /**
     * @param absentRoles roles that the server lacks and that the restore goes without
     * @param keptSchema the schema that stays in the target, whatever the dump has of it
     */
    DumpFilter(Connection c, RestoreOptions options, Set<String> absentRoles, Optional<String> keptSchema)
            throws SQLException {
        this.keptSchema = keptSchema;
        this.options = options;
        this.absentRoles = absentRoles;
        this.settings = new HashSet<>(Database.list(c, "SELECT lower(name) FROM pg_settings", row -> row.getString(1)));
        this.ownRoles = new HashSet<>(Database.list(
                c, "SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'USAGE')", row -> row.getString(1)));
    }

    /** What was left out, said for people. */
    Set<String> skipped() {
        return skipped;
    }

    /** @param isInHeader whether nothing but settings came before */
    boolean leavesOut(DumpStatement step, boolean isInHeader) {
        if (keptSchema.filter(step::isOf).isPresent()) return skipKept();
        if (options.rows() == RestoreOptions.Rows.LEFT_OUT && step.isOfLargeObject()) return true;
        return switch (step.kind()) {
            case ENCODING, DATABASE, TRANSACTION -> true;
            case DATABASE_PROPERTY ->
                skip("the database's own options, comment and grants in the file: the target keeps its own");
            case SETTING ->
                isUnknown(step.name(), isInHeader) && skip("SET " + step.name() + ": this server does not know it");
            case OWNER ->
                options.owners() == RestoreOptions.Owners.LEFT_OUT
                        && skip("owners: everything belongs to the role that restores");
            case GRANT -> leavesOutGrant(step);
            case STATISTICS ->
                options.rows() == RestoreOptions.Rows.LEFT_OUT
                        || !options.leftEmpty().isEmpty(); // those of a view that stays empty would mislead
            case REFRESH ->
                options.leftEmpty().stream().anyMatch(view -> view.matches(DottedName.of(step.name())))
                        && skip("the rows of " + step.name() + ", which "
                                + step.statement().text() + " makes");
            default -> false;
        };
    }

    boolean takesLargeObjects() {
        return options.rows() == RestoreOptions.Rows.LOADED;
    }

    /** @param table with its schema */
    boolean leavesOutRows(String table) {
        return options.rows() == RestoreOptions.Rows.LEFT_OUT
                || keptSchema.filter(DottedName.of(table).schema()::equals).isPresent() && skipKept();
    }

    private boolean skipKept() {
        return skip("the file's schema " + keptSchema.orElseThrow() + ": the target keeps its own");
    }

    /** Takes note of what the server left out by itself. */
    void leaveOut(String what) {
        skipped.add(what);
    }

    private boolean skip(String what) {
        skipped.add(what);
        return true;
    }

    private boolean isUnknown(String name, boolean isInHeader) {
        if (name == null || name.isEmpty() || name.contains(".")) return false;
        if (settings.contains(name) || NO_SETTINGS.contains(name)) return false;
        return isInHeader || VERSION_BOUND.contains(name);
    }

    private boolean leavesOutGrant(DumpStatement step) {
        List<String> absent =
                step.roles().stream().filter(absentRoles::contains).toList();
        absent.forEach(role -> skip("grants to " + role + ": there is no such role"));
        if (!absent.isEmpty()) return true;
        return options.owners() == RestoreOptions.Owners.LEFT_OUT
                && step.name() != null
                && !ownRoles.contains(step.name())
                && skip("default privileges of " + step.name() + ": they are not this role's to give");
    }
}
