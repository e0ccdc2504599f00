package avdaily.schema;

import avdaily.base.SqlResource;
import avdaily.db.Database;
import avdaily.sql.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Schemas, extensions, collations, types, functions, aggregates and text search: what tables are built on. */
final class SchemaTypes {
    private final SchemaCatalog catalog;
    private final int version;

    private SchemaTypes(SchemaCatalog catalog) {
        this.catalog = catalog;
        this.version = catalog.version;
    }

    static void read(SchemaCatalog catalog) throws SQLException {
        SchemaTypes types = new SchemaTypes(catalog);
        types.readSchemas();
        types.readExtensions();
        types.readCollations();
        types.readEnumsAndRanges();
        types.readComposites();
        types.readDomains();
        types.readFunctions();
        types.readAggregates();
        types.readTextSearch();
    }

    /**
     * The schema public is there in every new database: only a different owner, or that it is gone, is worth a
     * statement.
     */
    private void readSchemas() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("n") + ", n.nspname AS schema, n.nspowner, o.rolname AS owner"
                        + " FROM pg_namespace n LEFT JOIN pg_roles o ON o.oid = n.nspowner WHERE"
                        + SchemaCatalog.users("n"),
                row -> {
                    String name = SchemaCatalog.present(row.getString("identity"));
                    boolean isPublic = row.getString("schema").equals("public");
                    String create = isPublic ? "" : "CREATE SCHEMA " + name + ";";
                    String owner = isPublic && "pg_database_owner".equals(row.getString("owner"))
                            ? ""
                            : catalog.owner("SCHEMA", name, row.getLong("nspowner"));
                    return catalog.add(row, SchemaGraph.Rank.SCHEMA, "SCHEMA", () -> (create + owner).strip());
                });
        if (!Database.one(
                catalog.c, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')", Boolean.class))
            catalog.graph.add(catalog.node(
                    SchemaGraph.Rank.SCHEMA, "SCHEMA", "public", "public", () -> "DROP SCHEMA IF EXISTS public;"));
    }

    /** No version is named: a server creates the one that it offers. */
    private void readExtensions() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("x")
                        + """
                , n.nspname AS schema, x.extname, quote_ident(n.nspname) AS namespace
                FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
                WHERE x.oid >= 16384""",
                row -> {
                    catalog.extensions.add(row.getString("extname"));
                    String ddl = "CREATE EXTENSION IF NOT EXISTS " + row.getString("identity") + " WITH SCHEMA "
                            + row.getString("namespace") + ";";
                    return catalog.add(row, SchemaGraph.Rank.EXTENSION, "EXTENSION", () -> ddl);
                });
    }

    private void readCollations() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("x")
                        + ", n.nspname AS schema, collowner, collprovider, collisdeterministic, collcollate, "
                        + "collctype, " + localeColumn() + " AS locale, " + (version >= 16 ? "collicurules" : "NULL")
                        + " AS rules FROM pg_collation x JOIN pg_namespace n ON n.oid = collnamespace WHERE "
                        + SchemaCatalog.users("x"),
                row -> {
                    List<String> options = new ArrayList<>();
                    options.add("provider = "
                            + Map.of("c", "libc", "i", "icu", "b", "builtin", "d", "default")
                                    .get(row.getString("collprovider")));
                    if (!row.getBoolean("collisdeterministic")) options.add("deterministic = false");
                    if (row.getString("locale") != null) {
                        options.add("locale = " + Sql.standardLiteral(row.getString("locale")));
                    } else if (row.getString("collcollate") != null) {
                        options.add("lc_collate = " + Sql.standardLiteral(row.getString("collcollate")));
                        options.add("lc_ctype = " + Sql.standardLiteral(row.getString("collctype")));
                    }
                    if (row.getString("rules") != null)
                        options.add("rules = " + Sql.standardLiteral(row.getString("rules")));
                    return add(
                            row,
                            SchemaGraph.Rank.COLLATION,
                            "COLLATION",
                            "CREATE COLLATION " + row.getString("identity") + " (" + String.join(", ", options) + ");",
                            "collowner");
                });
    }

    private String localeColumn() {
        if (version >= 17) return "colllocale";
        return version >= 15 ? "colliculocale" : "CASE WHEN collprovider = 'i' THEN collcollate END";
    }

    private SchemaGraph.Node add(ResultSet row, SchemaGraph.Rank rank, String kind, String create, String ownerColumn)
            throws SQLException {
        String owner = catalog.owner(kind, row.getString("identity"), row.getLong(ownerColumn));
        return catalog.add(row, rank, kind, () -> create + owner);
    }

    private void readEnumsAndRanges() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("t")
                        + """
                , n.nspname AS schema, t.typowner,
                (SELECT string_agg(quote_literal(enumlabel), E',\n    ' ORDER BY enumsortorder)
                 FROM pg_enum WHERE enumtypid = t.oid) AS labels
                FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                WHERE t.typtype = 'e' AND"""
                        + SchemaCatalog.users("t"),
                row -> {
                    String labels = row.getString("labels") == null ? "" : "\n    " + row.getString("labels") + "\n";
                    return add(
                            row,
                            SchemaGraph.Rank.TYPE,
                            "TYPE",
                            "CREATE TYPE " + row.getString("identity") + " AS ENUM (" + labels + ");",
                            "typowner");
                });
        Database.list(
                catalog.c,
                SqlResource.of(SchemaTypes.class, "ranges.sql"),
                row -> add(
                        row,
                        SchemaGraph.Rank.TYPE,
                        "TYPE",
                        "CREATE TYPE " + row.getString("identity") + " AS RANGE (\n    " + row.getString("options")
                                + "\n);",
                        "typowner"));
    }

    private void readComposites() throws SQLException {
        Database.list(catalog.c, SqlResource.of(SchemaTypes.class, "composites.sql"), row -> {
            String columns = row.getString("columns") == null ? "" : "\n    " + row.getString("columns") + "\n";
            return add(
                    row,
                    SchemaGraph.Rank.TYPE,
                    "TYPE",
                    "CREATE TYPE " + row.getString("identity") + " AS (" + columns + ");",
                    "typowner");
        });
    }

    private void readDomains() throws SQLException {
        Map<Long, List<SchemaTables.Check>> checks = new HashMap<>();
        Map<Long, String> notNulls = new HashMap<>();
        Database.list(
                catalog.c,
                """
                SELECT k.tableoid AS catalog, k.oid, k.contypid, k.conname, quote_ident(k.conname) AS name, k.contype,
                  k.convalidated, pg_get_constraintdef(k.oid) AS definition
                FROM pg_constraint k WHERE k.contypid <> 0 ORDER BY k.conname""",
                row -> row.getString("contype").equals("n")
                        ? notNulls.put(row.getLong("contypid"), row.getString("name"))
                        : checks.computeIfAbsent(row.getLong("contypid"), t -> new ArrayList<>())
                                .add(new SchemaTables.Check(
                                        SchemaCatalog.address(row),
                                        row.getString("name"),
                                        row.getString("definition"),
                                        row.getBoolean("convalidated"))));
        Database.list(catalog.c, SqlResource.of(SchemaTypes.class, "domains.sql"), row -> {
            long oid = row.getLong("oid");
            String notNull = notNulls.getOrDefault(oid, row.getString("usual_name"));
            return addDomain(row, notNull, checks.getOrDefault(oid, List.of()));
        });
    }

    private SchemaGraph.Node addDomain(ResultSet row, String notNull, List<SchemaTables.Check> checks)
            throws SQLException {
        String identity = row.getString("identity");
        String expression = row.getString("expression");
        if (expression == null && row.getString("typdefault") != null)
            expression = Sql.standardLiteral(row.getString("typdefault"));
        boolean isUsual = notNull.equals(row.getString("usual_name"));
        String base = "CREATE DOMAIN " + identity + " AS " + row.getString("base")
                + (row.getString("collation") == null ? "" : row.getString("collation"))
                + (row.getBoolean("typnotnull") ? (isUsual ? "" : " CONSTRAINT " + notNull) + " NOT NULL" : "")
                + (expression == null ? "" : " DEFAULT " + expression);
        String owner = catalog.owner("DOMAIN", identity, row.getLong("typowner"));
        SchemaGraph.Node domain = catalog.add(
                row,
                SchemaGraph.Rank.TYPE,
                "DOMAIN",
                () -> base
                        + checks.stream()
                                .filter(check -> check.isInside(catalog.graph))
                                .map(check -> "\n    CONSTRAINT " + check.name() + " " + check.definition())
                                .collect(Collectors.joining())
                        + ";" + owner);
        for (SchemaTables.Check check : checks) check.addTo(catalog, domain, "ALTER DOMAIN " + identity);
        return domain;
    }

    /**
     * Where procedures share a name, the server's own names for them leave open which one is meant: the modes of their
     * arguments tell.
     */
    private void readFunctions() throws SQLException {
        Database.list(catalog.c, SqlResource.of(SchemaTypes.class, "functions.sql"), row -> {
            if (row.getBoolean("is_ambiguous"))
                catalog.call(SchemaCatalog.address(row), SchemaCatalog.present(row.getString("identity")));
            return add(
                    row,
                    SchemaGraph.Rank.FUNCTION,
                    row.getString("kind"),
                    SchemaCatalog.present(row.getString("definition")).stripTrailing() + ";",
                    "proowner");
        });
    }

    private void readAggregates() throws SQLException {
        Database.list(catalog.c, SqlResource.of(SchemaTypes.class, "aggregates.sql"), row -> {
            String create = "CREATE AGGREGATE " + SchemaCatalog.present(row.getString("signature")) + " (\n    "
                    + row.getString("options") + "\n);";
            String owner = catalog.owner("ROUTINE", row.getString("identity"), row.getLong("proowner"));
            return catalog.add(row, SchemaGraph.Rank.AGGREGATE, "AGGREGATE", () -> create + owner);
        });
    }

    private void readTextSearch() throws SQLException {
        Database.list(
                catalog.c,
                "SELECT " + SchemaCatalog.head("d")
                        + """
                , n.nspname AS schema, d.dictowner, format('%I.%I', tn.nspname, t.tmplname) AS template,
                  d.dictinitoption
                FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
                  JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
                WHERE"""
                        + SchemaCatalog.users("d"),
                row -> {
                    String options =
                            row.getString("dictinitoption") == null ? "" : ",\n    " + row.getString("dictinitoption");
                    return add(
                            row,
                            SchemaGraph.Rank.DICTIONARY,
                            "TEXT SEARCH DICTIONARY",
                            "CREATE TEXT SEARCH DICTIONARY " + row.getString("identity") + " (\n    TEMPLATE = "
                                    + row.getString("template") + options + "\n);",
                            "dictowner");
                });
        Database.list(
                catalog.c,
                SqlResource.of(SchemaTypes.class, "text-search-configurations.sql"),
                row -> add(
                        row,
                        SchemaGraph.Rank.CONFIGURATION,
                        "TEXT SEARCH CONFIGURATION",
                        "CREATE TEXT SEARCH CONFIGURATION " + row.getString("identity") + " (\n    PARSER = "
                                + row.getString("parser") + "\n);"
                                + (row.getString("mappings") == null ? "" : row.getString("mappings")),
                        "cfgowner"));
    }
}
