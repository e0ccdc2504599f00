package avdaily.schema;

import avdaily.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What is put on tables after their rows: foreign keys, statistics, rules, triggers, policies; and event triggers. */
final class SchemaRules {
    private final SchemaCatalog catalog;
    private final SchemaTables tables;

    private SchemaRules(SchemaCatalog catalog, SchemaTables tables) {
        this.catalog = catalog;
        this.tables = tables;
    }

    static void read(SchemaCatalog catalog, SchemaTables tables) throws SQLException {
        SchemaRules rules = new SchemaRules(catalog, tables);
        rules.readForeignKeys();
        rules.readStatistics();
        rules.readRules();
        rules.readTriggers();
        rules.readPolicies();
        rules.readRowSecurity();
        rules.readEventTriggers();
    }

    private void readForeignKeys() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT k.tableoid AS catalog, k.oid, k.conrelid, quote_ident(k.conname) AS name,
                  pg_get_constraintdef(k.oid) AS definition
                FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0"""
                        + catalog.onlyOf("k.connamespace"),
                row -> {
                    SchemaTables.Table t = tables.tables.get(row.getLong("conrelid"));
                    if (t == null) return false;
                    String ddl = "ALTER TABLE " + (t.kind == 'p' ? "" : "ONLY ") + t.name + "\n    ADD CONSTRAINT "
                            + row.getString("name") + " " + SchemaCatalog.present(row.getString("definition")) + ";";
                    SchemaGraph.Node key = catalog.node(
                                    SchemaGraph.Rank.FOREIGN_KEY,
                                    "FK CONSTRAINT",
                                    t.schema,
                                    row.getString("name") + " on " + t.name,
                                    () -> ddl)
                            .of(t.node);
                    catalog.graph.add(key, SchemaCatalog.address(row));
                    catalog.graph.depend(key, t.node);
                    return true;
                });
        catalog.omitted.addAll(Database.list(
                catalog.c,
                """
                SELECT DISTINCT
                  format('the disabled triggers of FK CONSTRAINT %I on %s', k.conname, k.conrelid::regclass)
                FROM pg_trigger g JOIN pg_constraint k ON k.oid = g.tgconstraint AND k.contype = 'f'
                WHERE g.tgisinternal AND g.tgenabled <> 'O'""",
                row -> row.getString(1)));
    }

    private void readStatistics() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("s")
                        + """
                , n.nspname AS schema, s.stxrelid, s.stxowner, pg_get_statisticsobjdef(s.oid) AS definition,
                  nullif(s.stxstattarget, -1)::text AS target
                FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE"""
                        + SchemaCatalog.users("s"),
                row -> {
                    SchemaTables.Table t = tables.tables.get(row.getLong("stxrelid"));
                    if (t == null) return false;
                    String name = row.getString("identity");
                    String target = row.getString("target");
                    String ddl = SchemaCatalog.present(row.getString("definition")) + ";"
                            + (target == null ? "" : "\nALTER STATISTICS " + name + " SET STATISTICS " + target + ";")
                            + catalog.owner("STATISTICS", name, row.getLong("stxowner"));
                    return catalog.add(row, SchemaGraph.Rank.STATISTICS, "STATISTICS", () -> ddl)
                            .of(t.node);
                });
    }

    private void readRules() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT r.tableoid AS catalog, r.oid, r.ev_class, quote_ident(r.rulename) AS name,
                  pg_get_ruledef(r.oid) AS definition, r.ev_enabled
                FROM pg_rewrite r WHERE r.rulename <> '_RETURN' AND r.oid >= 16384""",
                row -> {
                    SchemaTables.Table t = tables.tables.get(row.getLong("ev_class"));
                    if (t == null) return false;
                    String ddl = SchemaCatalog.present(row.getString("definition"))
                            + state(t, "RULE", row.getString("name"), row.getString("ev_enabled"), "O");
                    SchemaGraph.Node rule = catalog.node(
                                    SchemaGraph.Rank.RULE,
                                    "RULE",
                                    t.schema,
                                    row.getString("name") + " on " + t.name,
                                    () -> ddl)
                            .of(t.node);
                    catalog.graph.depend(rule, t.node);
                    return catalog.graph.add(rule, SchemaCatalog.address(row));
                });
    }

    /** What switches a rule or trigger from its first state to this one. */
    private static String state(SchemaTables.Table t, String kind, String name, String state, String first) {
        String verb =
                switch (state) {
                    case "D" -> "DISABLE";
                    case "R" -> "ENABLE REPLICA";
                    case "A" -> "ENABLE ALWAYS";
                    default -> "ENABLE";
                };
        return state.equals(first) ? "" : "\nALTER TABLE " + t.name + " " + verb + " " + kind + " " + name + ";";
    }

    /** A partition's copy of its parent's trigger comes with it; only its state may be its own. */
    private void readTriggers() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT g.tableoid AS catalog, g.oid, g.tgrelid, quote_ident(g.tgname) AS name, g.tgenabled,
                  g.tgparentid, CASE WHEN g.tgparentid = 0 THEN pg_get_triggerdef(g.oid, false) END AS definition
                FROM pg_trigger g LEFT JOIN pg_trigger u ON u.oid = g.tgparentid
                  LEFT JOIN pg_constraint k ON k.oid = g.tgconstraint
                WHERE k.contype IS DISTINCT FROM 'f'
                  AND (NOT g.tgisinternal AND g.tgparentid = 0
                    OR g.tgparentid <> 0 AND (g.tgenabled <> 'O' OR u.tgenabled <> 'O'))
                ORDER BY g.oid""",
                row -> {
                    SchemaTables.Table t = tables.tables.get(row.getLong("tgrelid"));
                    if (t == null) return false;
                    String name = row.getString("name");
                    long parent = row.getLong("tgparentid");
                    String ddl = parent == 0
                            ? SchemaCatalog.present(row.getString("definition")) + ";"
                                    + state(t, "TRIGGER", name, row.getString("tgenabled"), "O")
                            : state(t, "TRIGGER", name, row.getString("tgenabled"), "")
                                    .strip();
                    SchemaGraph.Node trigger = catalog.node(
                                    SchemaGraph.Rank.TRIGGER, "TRIGGER", t.schema, name + " on " + t.name, () -> ddl)
                            .of(t.node);
                    catalog.graph.depend(trigger, t.node);
                    if (parent != 0)
                        catalog.graph.depend(
                                trigger, catalog.graph.at(SchemaGraph.address(row.getLong("catalog"), parent)));
                    return catalog.graph.add(trigger, SchemaCatalog.address(row));
                });
    }

    private void readPolicies() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT p.tableoid AS catalog, p.oid, p.polrelid, quote_ident(p.polname) AS name, p.polcmd,
                  p.polpermissive, p.polroles, pg_get_expr(p.polqual, p.polrelid) AS qualification,
                  pg_get_expr(p.polwithcheck, p.polrelid) AS with_check
                FROM pg_policy p""",
                row -> {
                    SchemaTables.Table t = tables.tables.get(row.getLong("polrelid"));
                    List<String> roles = t == null ? List.of() : rolesOf(row);
                    if (roles.isEmpty()) return false;
                    String ddl = policy(t, row, roles);
                    SchemaGraph.Node policy = catalog.node(
                                    SchemaGraph.Rank.POLICY,
                                    "POLICY",
                                    t.schema,
                                    row.getString("name") + " on " + t.name,
                                    () -> ddl)
                            .of(t.node);
                    catalog.graph.depend(policy, t.node);
                    return catalog.graph.add(policy, SchemaCatalog.address(row));
                });
    }

    private List<String> rolesOf(ResultSet policy) throws SQLException {
        List<String> roles = new ArrayList<>();
        for (Object role : (Object[]) policy.getArray("polroles").getArray()) {
            long oid = ((Number) role).longValue();
            if (catalog.hasRole(oid)) roles.add(catalog.role(oid));
        }
        return roles;
    }

    private static String policy(SchemaTables.Table t, ResultSet row, List<String> roles) throws SQLException {
        String command =
                switch (row.getString("polcmd")) {
                    case "r" -> " FOR SELECT";
                    case "a" -> " FOR INSERT";
                    case "w" -> " FOR UPDATE";
                    case "d" -> " FOR DELETE";
                    default -> "";
                };
        String using = row.getString("qualification");
        String withCheck = row.getString("with_check");
        return "CREATE POLICY " + row.getString("name") + " ON " + t.name
                + (row.getBoolean("polpermissive") ? "" : " AS RESTRICTIVE") + command
                + (roles.equals(List.of("PUBLIC")) ? "" : " TO " + String.join(", ", roles))
                + (using == null ? "" : " USING (" + using + ")")
                + (withCheck == null ? "" : " WITH CHECK (" + withCheck + ")")
                + ";";
    }

    private void readRowSecurity() throws SQLException {
        Database.list(
                catalog.c,
                """
                SELECT oid, relrowsecurity, relforcerowsecurity FROM pg_class
                WHERE relrowsecurity OR relforcerowsecurity""",
                row -> {
                    SchemaTables.Table t = tables.tables.get(row.getLong(1));
                    if (t == null) return false;
                    String ddl = (row.getBoolean(2) ? "ALTER TABLE " + t.name + " ENABLE ROW LEVEL SECURITY;" : "")
                            + (row.getBoolean(3) ? "\nALTER TABLE ONLY " + t.name + " FORCE ROW LEVEL SECURITY;" : "");
                    catalog.follow(t.node, SchemaGraph.Rank.ROW_SECURITY, "ROW SECURITY", t.name, ddl.strip());
                    return true;
                });
    }

    /** The very last, so that they do not fire for what is still to be created. */
    private void readEventTriggers() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("v")
                        + """
                , '' AS schema, v.evtevent, v.evtowner, v.evtenabled, v.evtfoid::regproc AS function,
                (SELECT string_agg(quote_literal(tag), ', ') FROM unnest(v.evttags) tag) AS tags
                FROM pg_event_trigger v WHERE"""
                        + " " + SchemaCatalog.notMember("v"),
                row -> {
                    String name = row.getString("identity");
                    String state =
                            switch (row.getString("evtenabled")) {
                                case "D" -> "DISABLE";
                                case "R" -> "ENABLE REPLICA";
                                case "A" -> "ENABLE ALWAYS";
                                default -> null;
                            };
                    String ddl = "CREATE EVENT TRIGGER " + name + " ON " + row.getString("evtevent")
                            + (row.getString("tags") == null ? "" : "\n    WHEN TAG IN (" + row.getString("tags") + ")")
                            + "\n    EXECUTE FUNCTION " + row.getString("function") + "();"
                            + (state == null ? "" : "\nALTER EVENT TRIGGER " + name + " " + state + ";")
                            + catalog.owner("EVENT TRIGGER", name, row.getLong("evtowner"));
                    return catalog.add(row, SchemaGraph.Rank.EVENT_TRIGGER, "EVENT TRIGGER", () -> ddl);
                });
    }
}
