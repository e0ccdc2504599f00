package avdaily.schema;

import avdaily.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** Entries that are in one list and not in the other, as rows: a '-' for what is missing, a '+' for what is new. */
    private static final String DIFFERENCE =
            """
            LATERAL (SELECT '-' AS change, item, position FROM unnest(base) WITH ORDINALITY b(item, position)
                WHERE NOT item = ANY (acl)
                     UNION ALL SELECT '+', item, position FROM unnest(acl) WITH ORDINALITY b(item, position)
                         WHERE NOT item = ANY (base)) d,
            LATERAL aclexplode(ARRAY[d.item]) x""";

    static void read(SchemaCatalog catalog) throws SQLException {
        if (!catalog.options.privileges()) return;
        Map<String, List<Grant>> grants = new LinkedHashMap<>();
        Map<String, String[]> objects = new LinkedHashMap<>();
        Map<String, Optional<SchemaGraph.Node>> tables = new HashMap<>();
        Database.list(
                catalog.c,
                """
                WITH objects AS (
                  SELECT c.tableoid AS catalog, c.oid, 0 AS sub, n.nspname, c.relowner AS owner, c.relacl
                      AS acl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS type, NULL AS attname
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind
                      IN ('r', 'p', 'v', 'm', 'S')
                  UNION ALL SELECT c.tableoid, c.oid, a.attnum, n.nspname, c.relowner, a.attacl, 'c',
                      quote_ident(a.attname)
                  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n
                      ON n.oid = c.relnamespace
                  WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT a.attisdropped
                    AND (a.attacl IS NOT NULL OR (a.attrelid, a.attnum::int) IN (SELECT objoid, objsubid
                        FROM pg_init_privs WHERE classoid = 'pg_class'::regclass AND objsubid <> 0))
                  UNION ALL SELECT p.tableoid, p.oid, 0, n.nspname, p.proowner, p.proacl, 'f', NULL FROM pg_proc p
                      JOIN pg_namespace n ON n.oid = p.pronamespace
                  UNION ALL SELECT t.tableoid, t.oid, 0, n.nspname, t.typowner, t.typacl, 'T', NULL FROM pg_type t
                      JOIN pg_namespace n ON n.oid = t.typnamespace
                  UNION ALL SELECT n.tableoid, n.oid, 0, n.nspname, n.nspowner, n.nspacl, 'n', NULL FROM pg_namespace n
                  UNION ALL SELECT l.tableoid, l.oid, 0, '', l.lanowner, l.lanacl, 'l', NULL FROM pg_language l),
                lists AS (
                  SELECT o.*, coalesce(o.acl, acldefault(o.type::"char", o.owner)) AS acl_now,
                    -- public has what it has in every new database, whatever it had here at first
                    CASE WHEN o.type = 'n' AND o.nspname = 'public'
                         THEN ARRAY[(o.owner::regrole || '=UC/' || o.owner::regrole)::aclitem,
                             ('=U/' || o.owner::regrole)::aclitem]
                         ELSE coalesce(i.initprivs, acldefault(o.type::"char", o.owner)) END AS base_then
                  FROM objects o LEFT JOIN pg_init_privs i ON i.classoid = o.catalog AND i.objoid = o.oid
                      AND i.objsubid = o.sub
                  WHERE (o.acl IS NOT NULL OR i.initprivs IS NOT NULL) AND (o.nspname = 'pg_catalog'
                      OR o.nspname !~ '^pg_' AND o.nspname <> 'information_schema')),
                changed AS (SELECT catalog, oid, nspname, owner, attname, acl_now AS acl, base_then AS base FROM lists)
                SELECT c.catalog, c.oid, c.nspname, c.owner, c.attname, i.type, i.identity, d.change,
                    d.position, x.grantor, x.grantee, x.is_grantable, x.privilege_type
                FROM changed c, pg_identify_object(c.catalog, c.oid, 0) i, """
                        + " " + DIFFERENCE
                        + " ORDER BY i.identity, c.attname NULLS FIRST, d.change DESC, d.position, x.is_grantable",
                row -> {
                    String type =
                            switch (row.getString("type")) {
                                case "view", "materialized view", "foreign table" -> "TABLE";
                                case "aggregate" -> "ROUTINE"; // ordered ones have another signature as AGGREGATE
                                default -> row.getString("type").toUpperCase();
                            };
                    String object = type + " " + row.getString("identity");
                    String key = object + (row.getString("attname") == null ? "" : "." + row.getString("attname"));
                    objects.putIfAbsent(key, new String[] {
                        object, row.getString("attname"), row.getString("nspname"), row.getString("owner")
                    });
                    tables.putIfAbsent(
                            key,
                            Optional.ofNullable(catalog.graph.at(SchemaCatalog.address(row)))
                                    .map(node -> node.table));
                    return add(grants.computeIfAbsent(key, k -> new ArrayList<>()), row);
                });
        grants.forEach((key, list) -> {
            String[] object = objects.get(key);
            String column = object[1] == null ? "" : " (" + object[1] + ")";
            String ddl = statements(catalog, list, Long.parseLong(object[3]), column, " ON " + object[0], "");
            // who may not use a schema cannot pass on what is in it
            SchemaGraph.Rank rank =
                    object[0].startsWith("SCHEMA ") ? SchemaGraph.Rank.SCHEMA_ACL : SchemaGraph.Rank.ACL;
            catalog.graph.add(catalog.node(rank, "ACL", object[2], key, () -> ddl)
                    .of(tables.get(key).orElse(null)));
        });
    }

    static void readDefaults(SchemaCatalog catalog) throws SQLException {
        Map<Long, List<Grant>> grants = new LinkedHashMap<>();
        Map<Long, Object[]> objects = new LinkedHashMap<>();
        Database.list(
                catalog.c,
                """
                SELECT a.tableoid AS catalog, a.oid, a.defaclrole, coalesce(n.nspname, '')
                    AS nspname, quote_ident(n.nspname) AS schema, a.defaclobjtype AS type
                FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace""",
                row -> objects.put(row.getLong("oid"), new Object[] {
                    SchemaCatalog.address(row),
                    row.getLong("defaclrole"),
                    row.getString("nspname"),
                    row.getString("schema"),
                    row.getString("type")
                }));
        Database.list(
                catalog.c,
                """
                SELECT c.oid, d.change, d.position, x.grantor, x.grantee, x.is_grantable, x.privilege_type FROM (
                  SELECT a.oid, a.defaclacl AS acl, CASE WHEN a.defaclnamespace <> 0 THEN '{}'
                    ELSE acldefault(CASE WHEN a.defaclobjtype = 'S' THEN 's'
                        ELSE a.defaclobjtype END, a.defaclrole) END AS base FROM pg_default_acl a) c, """
                        + " " + DIFFERENCE
                        + " ORDER BY c.oid, d.change DESC, d.position, x.is_grantable",
                row -> add(grants.computeIfAbsent(row.getLong("oid"), k -> new ArrayList<>()), row));
        objects.forEach((oid, object) -> {
            String what =
                    switch ((String) object[4]) {
                        case "r" -> "TABLES";
                        case "S" -> "SEQUENCES";
                        case "f" -> "FUNCTIONS";
                        case "T" -> "TYPES";
                        case "n" -> "SCHEMAS";
                        default -> "LARGE OBJECTS";
                    };
            long role = (Long) object[1];
            String scope = "FOR ROLE " + catalog.role(role) + (object[3] == null ? "" : " IN SCHEMA " + object[3]);
            String ddl = !catalog.options.privileges()
                    ? ""
                    : statements(
                            catalog,
                            grants.getOrDefault(oid, List.of()),
                            role,
                            "",
                            " ON " + what,
                            "ALTER DEFAULT PRIVILEGES " + scope + " ");
            catalog.graph.add(
                    catalog.node(
                            SchemaGraph.Rank.DEFAULT_ACL,
                            "DEFAULT ACL",
                            (String) object[2],
                            what + " " + scope,
                            () -> ddl),
                    (Long) object[0]);
        });
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
