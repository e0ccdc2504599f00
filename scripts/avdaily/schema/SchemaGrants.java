package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Privileges, and those that new objects get: what differs from what an object has when it is created. */
final class SchemaGrants {
    /** One entry of an access list, with all privileges that go with the same right to pass them on. */
    private record Grant(
            boolean isRevoked,
            long position,
            long grantor,
            long grantee,
            boolean isGrantable,
            List<String> privileges) {}

    /** An object with privileges, or one of its columns. */
    private record Granted(String object, String column, String schema, long owner, SchemaGraph.Node table) {}

    static void read(SchemaCatalog catalog) throws SQLException {
        if (!catalog.options.privileges()) return;
        Map<String, List<Grant>> grants = new LinkedHashMap<>();
        Map<String, Granted> objects = new HashMap<>();
        Database.list(catalog.c, SqlResource.of(SchemaGrants.class, "privileges.sql"), row -> {
            Granted granted = granted(catalog, row);
            String key = granted.object + (granted.column == null ? "" : "." + granted.column);
            objects.putIfAbsent(key, granted);
            return add(grants.computeIfAbsent(key, k -> new ArrayList<>()), row);
        });
        grants.forEach((key, list) -> {
            Granted granted = objects.get(key);
            String column = granted.column == null ? "" : " (" + granted.column + ")";
            String ddl = statements(catalog, list, granted.owner, column, " ON " + granted.object, "");
            // who may not use a schema cannot pass on what is in it
            SchemaGraph.Rank rank =
                    granted.object.startsWith("SCHEMA ") ? SchemaGraph.Rank.SCHEMA_ACL : SchemaGraph.Rank.ACL;
            catalog.graph.add(
                    catalog.node(rank, "ACL", granted.schema, key, () -> ddl).of(granted.table));
        });
    }

    private static Granted granted(SchemaCatalog catalog, ResultSet row) throws SQLException {
        String type =
                switch (row.getString("type")) {
                    case "view", "materialized view", "foreign table" -> "TABLE";
                    case "aggregate" -> "ROUTINE"; // ordered ones have another signature as AGGREGATE
                    default -> row.getString("type").toUpperCase(Locale.ROOT);
                };
        SchemaGraph.Node node = catalog.graph.at(SchemaCatalog.address(row));
        return new Granted(
                type + " " + row.getString("identity"),
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

    /** First what is taken away, then what the owner gives, then what others pass on in their own name. */
    private static String statements(
            SchemaCatalog catalog, List<Grant> grants, long owner, String column, String on, String prefix) {
        List<String> first = new ArrayList<>();
        List<String> then = new ArrayList<>();
        List<String> passedOn = new ArrayList<>();
        for (Grant grant : grants) {
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
            if (grant.grantor == owner) then.add(text);
            else
                passedOn.add("SET SESSION AUTHORIZATION " + catalog.role(grant.grantor) + ";\n" + text
                        + "\nRESET SESSION AUTHORIZATION;");
        }
        first.addAll(then);
        first.addAll(passedOn);
        return String.join("\n", first);
    }

    private SchemaGrants() {}
}
