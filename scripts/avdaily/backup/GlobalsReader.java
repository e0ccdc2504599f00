package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Secrets;
import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.db.LimitedRole;
import avdaily.db.StandInRoles;
import avdaily.sql.SqlState;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what of a server belongs to no database. */
public final class GlobalsReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WITH_PARAMETER_GRANTS = 15;

    private static final String PARAMETERS =
            """
            SELECT parname, rolname, privilege_type, is_grantable
            FROM pg_parameter_acl, aclexplode(paracl) LEFT JOIN pg_roles r ON r.oid = grantee
            WHERE grantee = 0 OR rolname !~ ?
              AND shobj_description(r.oid, 'pg_authid') IS DISTINCT FROM ?
            ORDER BY 1, 2 NULLS FIRST, 3""";

    /**
     * Reads all that the role may see.
     *
     * @param database whose properties are read too
     * @throws Failure (21) if passwords are asked for and this role may not read them
     */
    public static Globals read(Connection c, String database, Globals.Passwords passwords) throws SQLException {
        String json = Database.one(
                c,
                SqlResource.of(GlobalsReader.class, "globals.sql"),
                String.class,
                LimitedRole.NAMES,
                StandInRoles.MARK,
                database,
                database);
        try {
            Globals read = JSON.readValue(json, Globals.class);
            return new Globals(
                    passwords == Globals.Passwords.READ ? withPasswords(c, read.roles()) : read.roles(),
                    read.memberships(),
                    read.tablespaces(),
                    read.settings(),
                    parameters(c),
                    read.database());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Globals.Role> withPasswords(Connection c, List<Globals.Role> roles) throws SQLException {
        Map<String, String> hashed = new HashMap<>();
        try {
            Database.list(
                    c,
                    "SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL",
                    row -> hashed.put(row.getString(1), row.getString(2)));
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) throw e;
            throw new Failure(
                    Failure.Kind.REFUSED,
                    "refused: the passwords of roles are for superusers to read",
                    "connect as a superuser, or leave out --role-passwords.",
                    e);
        }
        hashed.values().forEach(Secrets::add);
        return roles.stream().map(role -> role.with(hashed.get(role.name()))).toList();
    }

    private static List<Globals.Parameter> parameters(Connection c) throws SQLException {
        if (c.getMetaData().getDatabaseMajorVersion() < WITH_PARAMETER_GRANTS) return List.of();
        Map<String, List<Globals.Grant>> grants = new LinkedHashMap<>();
        Database.list(
                c,
                PARAMETERS,
                row -> grants.computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                        .add(new Globals.Grant(row.getString(2), row.getString(3), row.getBoolean(4))),
                LimitedRole.NAMES,
                StandInRoles.MARK);
        return grants.entrySet().stream()
                .map(parameter -> new Globals.Parameter(parameter.getKey(), parameter.getValue()))
                .toList();
    }

    private GlobalsReader() {}
}
