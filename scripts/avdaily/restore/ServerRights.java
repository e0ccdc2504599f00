package avdaily.restore;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * What this role may do on this server, and what only superusers may.
 *
 * @param user the role itself
 * @param restricted the settings that only superusers give
 * @param libraries names before the dot of settings that belong to code, which may take them as its own
 */
record ServerRights(String user, boolean isSuperuser, int version, Set<String> restricted, Set<String> libraries) {
    private static final int WITH_MEMBERSHIP_OPTIONS = 16;

    static ServerRights of(Connection c) throws SQLException {
        return new ServerRights(
                Database.one(c, "SELECT current_user", String.class),
                Database.one(c, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", Boolean.class),
                c.getMetaData().getDatabaseMajorVersion(),
                new HashSet<>(Database.list(
                        c, "SELECT lower(name) FROM pg_settings WHERE context <> 'user'", row -> row.getString(1))),
                new HashSet<>(Database.list(c, "SELECT name FROM pg_available_extensions", row -> row.getString(1))));
    }

    boolean hasMembershipOptions() {
        return version >= WITH_MEMBERSHIP_OPTIONS;
    }

    boolean tellsGrantors() {
        return isSuperuser && hasMembershipOptions();
    }

    boolean isForSuperusers(String setting) {
        String name = setting.toLowerCase(Locale.ROOT);
        return restricted.contains(name)
                || name.contains(".") && libraries.contains(name.substring(0, name.indexOf('.')));
    }
}
