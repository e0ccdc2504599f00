package avdaily.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a new server needs before a database: roles, tablespaces and settings. They are kept as values, not as
 * statements: a restore says itself what it runs.
 *
 * @param parameters grants on the server's parameters
 * @param database what the server knows of the database that was backed up; null if there is none
 */
public record Globals(
        List<Role> roles,
        List<Membership> memberships,
        List<Tablespace> tablespaces,
        List<Setting> settings,
        List<Parameter> parameters,
        Properties database) {
    public Globals {
        roles = orEmpty(roles);
        memberships = orEmpty(memberships);
        tablespaces = orEmpty(tablespaces);
        settings = orEmpty(settings);
        parameters = orEmpty(parameters);
    }

    /** Whether passwords are among what is read. */
    public enum Passwords {
        READ,
        LEFT_OUT
    }

    /**
     * A role.
     *
     * @param validUntil until when its password holds; null if always
     * @param password as the server keeps it, hashed; null if there is none or it was left out
     */
    public record Role(
            String name,
            boolean superuser,
            boolean inherit,
            boolean createRole,
            boolean createDatabase,
            boolean login,
            boolean replication,
            boolean bypassRowSecurity,
            int connectionLimit,
            String validUntil,
            String comment,
            @JsonInclude(JsonInclude.Include.NON_NULL) String password) {
        public Role {
            Objects.requireNonNull(name, "a role's name");
        }

        Role with(String hashed) {
            return new Role(
                    name,
                    superuser,
                    inherit,
                    createRole,
                    createDatabase,
                    login,
                    replication,
                    bypassRowSecurity,
                    connectionLimit,
                    validUntil,
                    comment,
                    hashed);
        }
    }

    /**
     * A role granted to a role.
     *
     * @param grantor null for the role with which the server was made
     * @param inherit whether the member has its privileges at once; null as the member's own attribute says
     * @param set whether the member may act as the role; null if so, on servers that know no other way
     */
    public record Membership(String role, String member, String grantor, boolean admin, Boolean inherit, Boolean set) {
        public Membership {
            Objects.requireNonNull(role, "a membership's role");
            Objects.requireNonNull(member, "a membership's member");
        }
    }

    /** @param grants null if nobody ever granted or revoked anything */
    public record Tablespace(
            String name,
            String owner,
            String location,
            String comment,
            Map<String, String> options,
            List<Grant> grants) {
        public Tablespace {
            Objects.requireNonNull(name, "a tablespace's name");
            Objects.requireNonNull(owner, "a tablespace's owner");
            Objects.requireNonNull(location, "a tablespace's location");
            options = options == null ? Map.of() : options;
        }
    }

    /**
     * What {@code ALTER ROLE ... SET} and {@code ALTER DATABASE ... SET} say.
     *
     * @param role null for all
     * @param ofDatabase whether it holds in the database that was backed up, and not in all
     */
    public record Setting(String role, boolean ofDatabase, String name, String value) {
        public Setting {
            Objects.requireNonNull(name, "a setting's name");
            Objects.requireNonNull(value, "a setting's value");
        }
    }

    /** A setting of the server's that needs a grant to be set. */
    public record Parameter(String name, List<Grant> grants) {
        public Parameter {
            Objects.requireNonNull(name, "a parameter's name");
            grants = orEmpty(grants);
        }
    }

    /**
     * A privilege.
     *
     * @param role null for PUBLIC
     */
    public record Grant(String role, String privilege, boolean withGrantOption) {
        public Grant {
            if (!String.valueOf(privilege).matches("[A-Z]+( [A-Z]+)?"))
                throw new IllegalArgumentException("a privilege is not one: " + privilege);
        }
    }

    /**
     * A database, as {@code CREATE} and {@code ALTER DATABASE} make it.
     *
     * @param tablespace null for the server's own
     * @param grants null if nobody ever granted or revoked anything
     */
    public record Properties(String owner, String tablespace, int connectionLimit, String comment, List<Grant> grants) {
        public Properties {
            Objects.requireNonNull(owner, "a database's owner");
        }
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }

    public Optional<Role> role(String name) {
        return roles.stream().filter(role -> role.name.equals(name)).findFirst();
    }

    public Optional<Tablespace> tablespace(String name) {
        return tablespaces.stream().filter(space -> space.name.equals(name)).findFirst();
    }
}
