package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Privileges, and those that new objects get: what differs from what an object has when it is created. */
public final class SchemaGrants {
    private static final String PRIVILEGES = SqlResource.of(SchemaGrants.class, "privileges.sql");

    /** One entry of an access list, with all privileges that go with the same right to pass them on. */
    private record Grant(
            boolean isRevoked,
            long position,
            long grantor,
            long grantee,
            boolean isGrantable,
            List<String> privileges) {
        /** Whether the other one passes on what this one gives. */
        boolean isNeededBy(Grant other) {
            return this != other
                    && isGrantable
                    && grantee == other.grantor
                    && privileges.stream().anyMatch(other.privileges::contains);
        }
    }

    /** An object with privileges, or one of its columns. */
    private record Granted(String object, String column, String schema, long owner, SchemaGraph.Node table) {}

    static void read(SchemaCatalog catalog) throws SQLException {
        if (!catalog.options.privileges()) return;
        changes(catalog, PRIVILEGES).forEach((key, changes) -> {
            String ddl = changes.statements(catalog);
            Granted granted = changes.granted;
            // who may not use a schema cannot pass on what is in it
            SchemaGraph.Rank rank =
                    granted.object.startsWith("SCHEMA ") ? SchemaGraph.Rank.SCHEMA_ACL : SchemaGraph.Rank.ACL;
            catalog.graph.add(
                    catalog.node(rank, "ACL", granted.schema, key, () -> ddl).of(granted.table));
        });
    }

    /** The statements that give the schema public and the server's own objects the privileges of a new database. */
    public static List<String> resets(Connection c) throws SQLException {
        SchemaCatalog catalog = new SchemaCatalog(c, Schema.Options.DEFAULT);
        String backwards = PRIVILEGES.replace("acl_now AS acl, base_then AS base", "base_then AS acl, acl_now AS base");
        return changes(catalog, backwards).values().stream()
                .filter(changes -> !changes.granted.schema.equals(Schema.OWN))
                .map(changes -> changes.statements(catalog))
                .toList();
    }

    /** How the privileges of one object change. */
    private record Changes(Granted granted, List<Grant> grants) {
        String statements(SchemaCatalog catalog) {
            String column = granted.column == null ? "" : " (" + granted.column + ")";
            return SchemaGrants.statements(catalog, grants, granted.owner, column, " ON " + granted.object, "");
        }
    }

    private static Map<String, Changes> changes(SchemaCatalog catalog, String query) throws SQLException {
        Map<String, Changes> all = new LinkedHashMap<>();
        Database.list(catalog.c, query, row -> {
            Granted granted = granted(catalog, row);
            String key = granted.object + (granted.column == null ? "" : "." + granted.column);
            return add(all.computeIfAbsent(key, k -> new Changes(granted, new ArrayList<>())).grants, row);
        });
        return all;
    }

    private static Granted granted(SchemaCatalog catalog, ResultSet row) throws SQLException {
        String type =
                switch (SchemaCatalog.present(row.getString("type"))) {
                    case "view", "materialized view", "foreign table" -> "TABLE";
                    case "aggregate" -> "ROUTINE"; // ordered ones have another signature as AGGREGATE
                    default -> row.getString("type").toUpperCase(Locale.ROOT);
                };
        long address = SchemaCatalog.address(row);
        SchemaGraph.Node node = catalog.graph.at(address);
        return new Granted(
                type + " " + catalog.identity(address, row.getString("identity")),
                row.getString("attname"),
                row.getString("nspname"),
                row.getLong("owner"),
                node == null ? null : node.table);
    }

    /** Privileges of the objects that a role is still to create, in one schema or in all. */
    private record Default(long address, long role, String schemaName, String schema, String type) {}

    static void readDefaults(SchemaCatalog catalog) throws SQLException {
        Map<Long, List<Grant>> grants = new LinkedHashMap<>();
        Map<Long, Default> defaults = new LinkedHashMap<>();
        Database.list(
                catalog.c,
                """
                SELECT a.tableoid AS catalog, a.oid, a.defaclrole, coalesce(n.nspname, '') AS nspname,
                  quote_ident(n.nspname) AS schema, a.defaclobjtype AS type
                FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace""",
                row -> defaults.put(
                        row.getLong("oid"),
                        new Default(
                                SchemaCatalog.address(row),
                                row.getLong("defaclrole"),
                                row.getString("nspname"),
                                row.getString("schema"),
                                row.getString("type"))));
        Database.list(
                catalog.c,
                SqlResource.of(SchemaGrants.class, "default-privileges.sql"),
                row -> add(grants.computeIfAbsent(row.getLong("oid"), k -> new ArrayList<>()), row));
        defaults.forEach((oid, one) -> addDefault(catalog, one, grants.getOrDefault(oid, List.of())));
    }

    private static void addDefault(SchemaCatalog catalog, Default one, List<Grant> grants) {
        String what =
                switch (one.type) {
                    case "r" -> "TABLES";
                    case "S" -> "SEQUENCES";
                    case "f" -> "FUNCTIONS";
                    case "T" -> "TYPES";
                    case "n" -> "SCHEMAS";
                    default -> "LARGE OBJECTS";
                };
        if (!catalog.hasRole(one.role)) return;
        String scope = "FOR ROLE " + catalog.role(one.role) + (one.schema == null ? "" : " IN SCHEMA " + one.schema);
        String prefix = "ALTER DEFAULT PRIVILEGES " + scope + " ";
        String on = " ON " + what;
        String ddl = catalog.options.privileges() ? statements(catalog, grants, one.role, "", on, prefix) : "";
        catalog.graph.add(
                catalog.node(
                        SchemaGraph.Rank.DEFAULT_ACL, "DEFAULT ACL", one.schemaName, what + " " + scope, () -> ddl),
                one.address);
    }

    private static boolean add(List<Grant> list, ResultSet row) throws SQLException {
        boolean isRevoked = row.getString("change").equals("-");
        Grant last = list.isEmpty() ? null : list.get(list.size() - 1);
        if (last == null
                || last.isRevoked != isRevoked
                || last.position != row.getLong("position")
                || last.isGrantable != row.getBoolean("is_grantable")) {
            last = new Grant(
                    isRevoked,
                    row.getLong("position"),
                    row.getLong("grantor"),
                    row.getLong("grantee"),
                    row.getBoolean("is_grantable"),
                    new ArrayList<>());
            list.add(last);
        }
        return last.privileges.add(row.getString("privilege_type"));
    }

    /**
     * First what is taken away, then what the owner gives, then what others pass on in their own name. What a dropped
     * role passed on is the owner's to give.
     */
    private static String statements(
            SchemaCatalog catalog, List<Grant> grants, long owner, String column, String on, String prefix) {
        List<String> first = new ArrayList<>();
        List<String> then = new ArrayList<>();
        for (Grant grant : inOrder(grants, owner)) {
            if (!catalog.hasRole(grant.grantee)) continue;
            String who = catalog.role(grant.grantee);
            if (grant.isRevoked) {
                String revoke = prefix + "REVOKE ALL" + column + on + " FROM " + who + ";";
                if (!first.contains(revoke)) first.add(revoke);
                continue;
            }
            String text = prefix + "GRANT "
                    + String.join(
                            ", ",
                            grant.privileges.stream()
                                    .sorted()
                                    .map(p -> p + column)
                                    .toList()) + on + " TO " + who + (grant.isGrantable ? " WITH GRANT OPTION;" : ";");
            then.add(
                    grant.grantor == owner || !catalog.hasRole(grant.grantor)
                            ? text
                            : "SET SESSION AUTHORIZATION " + catalog.role(grant.grantor) + ";\n" + text
                                    + "\nRESET SESSION AUTHORIZATION;");
        }
        first.addAll(then);
        return String.join("\n", first);
    }

    /** The owner's before those of others, and who passes a privilege on has it first. A list need not be so. */
    private static List<Grant> inOrder(List<Grant> grants, long owner) {
        List<Grant> open = new ArrayList<>(grants);
        List<Grant> order = new ArrayList<>();
        for (Grant grant : grants) if (grant.isRevoked || grant.grantor == owner) order.add(grant);
        open.removeAll(order);
        while (!open.isEmpty()) {
            Grant next = open.stream()
                    .filter(grant -> open.stream().noneMatch(other -> other.isNeededBy(grant)))
                    .findFirst()
                    .orElse(open.get(0));
            order.add(next);
            open.remove(next);
        }
        return order;
    }

    private SchemaGrants() {}
}
