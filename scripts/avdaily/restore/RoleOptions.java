package avdaily.restore;

import avdaily.backup.Globals;
import avdaily.sql.Sql;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** The options of CREATE ROLE and ALTER ROLE. */
final class RoleOptions {
    /** What CREATE ROLE makes without options. */
    private static final Globals.Role PLAIN =
            new Globals.Role("", false, true, false, false, false, false, false, -1, null, null, null);

    private static final String FOREVER = "infinity";

    /** Whether a role has more power than over its own objects. */
    static boolean isPowerful(Globals.Role role) {
        return role.superuser() || role.createRole() || role.replication() || role.bypassRowSecurity();
    }

    /** What makes a role that is there, or a new one, like this one; empty if nothing does. */
    static String of(Globals.Role role, Optional<Globals.Role> there) {
        Globals.Role from = there.orElse(PLAIN);
        String options = flag("SUPERUSER", Globals.Role::superuser, role, from)
                + flag("INHERIT", Globals.Role::inherit, role, from)
                + flag("CREATEROLE", Globals.Role::createRole, role, from)
                + flag("CREATEDB", Globals.Role::createDatabase, role, from)
                + flag("LOGIN", Globals.Role::login, role, from)
                + flag("REPLICATION", Globals.Role::replication, role, from)
                + flag("BYPASSRLS", Globals.Role::bypassRowSecurity, role, from);
        if (role.connectionLimit() != from.connectionLimit()) options += " CONNECTION LIMIT " + role.connectionLimit();
        if (!Objects.equals(role.validUntil(), from.validUntil()))
            options += " VALID UNTIL " + Sql.literal(Objects.requireNonNullElse(role.validUntil(), FOREVER));
        if (role.password() != null && !role.password().equals(from.password()))
            options += " PASSWORD " + Sql.literal(role.password());
        return options;
    }

    private static String flag(String word, Predicate<Globals.Role> has, Globals.Role role, Globals.Role from) {
        return has.test(role) == has.test(from) ? "" : has.test(role) ? " " + word : " NO" + word;
    }

    private RoleOptions() {}
}
