package avdaily.db;

import avdaily.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** The extensions that somebody put into the model of a scratch database, and that no script makes. */
final class ScratchExtensions {
    /** One of the model. */
    private record Extension(String name, String schema, boolean isOurs) {}

    /** Schemas that every database has. */
    private static final Set<String> SHARED = Set.of("public", "pg_catalog");

    private static final String THOSE_OF_MODEL =
            """
            SELECT e.extname, n.nspname, pg_catalog.pg_has_role(e.extowner, 'USAGE')
            FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace ORDER BY e.oid""";

    private static final String MEMBERS =
            """
            SELECT e.extname FROM pg_catalog.pg_extension e WHERE e.extname = ?
            UNION
            SELECT coalesce(t.typname, p.proname, o.opcname, c.relname, f.fdwname, l.lanname)
            FROM pg_catalog.pg_extension e
              JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid AND d.deptype = 'e'
                AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
              LEFT JOIN pg_catalog.pg_type t ON d.classid = t.tableoid AND t.oid = d.objid
              LEFT JOIN pg_catalog.pg_proc p ON d.classid = p.tableoid AND p.oid = d.objid
              LEFT JOIN pg_catalog.pg_opclass o ON d.classid = o.tableoid AND o.oid = d.objid
              LEFT JOIN pg_catalog.pg_class c ON d.classid = c.tableoid AND c.oid = d.objid
              LEFT JOIN pg_catalog.pg_foreign_data_wrapper f ON d.classid = f.tableoid AND f.oid = d.objid
              LEFT JOIN pg_catalog.pg_language l ON d.classid = l.tableoid AND l.oid = d.objid
            WHERE e.extname = ?""";

    private final Database model;
    private final TrialScripts scripts;

    ScratchExtensions(Database model, TrialScripts scripts) {
        this.model = model;
        this.scripts = scripts;
    }

    /**
     * Puts them into the scratch database. What cannot be had there is named if a script uses it.
     *
     * @param mighty the same database as a superuser; null if there is none to ask
     */
    void install(Database scratch, Database mighty) throws SQLException {
        List<Extension> all = Database.list(
                model.connection(),
                THOSE_OF_MODEL,
                row -> new Extension(row.getString(1), row.getString(2), row.getBoolean(3)));
        for (Extension extension : all) {
            if (comesWithScripts(extension) || isThere(scratch.connection(), extension)) continue;
            try {
                install(scratch, mighty, extension);
                if (mighty == null && !SHARED.contains(extension.schema))
                    ScratchSchemas.grant(model, scratch, extension.schema);
            } catch (SQLException e) {
                lack(extension, e, mighty == null);
            }
        }
    }

    private boolean comesWithScripts(Extension extension) {
        return scripts.createExtension(extension.name)
                || extension.isOurs && scripts.createExtensionIfMissing(extension.name);
    }

    private static boolean isThere(Connection scratch, Extension extension) throws SQLException {
        return Database.one(
                scratch,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = ?)",
                Boolean.class,
                extension.name);
    }

    private static void install(Database scratch, Database mighty, Extension extension) throws SQLException {
        String statement = statement(scratch, extension);
        try {
            Database.run(scratch.connection(), statement);
        } catch (SQLException e) {
            if (mighty == null) throw e;
            Database.run(mighty.connection(), statement);
        }
    }

    private static String statement(Database scratch, Extension extension) throws SQLException {
        String create = "CREATE EXTENSION " + Sql.quoted(extension.name);
        String hasOwnSchema =
                """
                SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions
                               WHERE name = ? AND schema IS NOT NULL)""";
        if (Database.one(scratch.connection(), hasOwnSchema, Boolean.class, extension.name)) return create + " CASCADE";
        String schema = Sql.quoted(extension.schema);
        String before = SHARED.contains(extension.schema)
                ? ""
                : "CREATE SCHEMA IF NOT EXISTS " + schema + " AUTHORIZATION "
                        + Sql.quoted(scratch.url().user()) + "; ";
        return before + create + " SCHEMA " + schema + " CASCADE";
    }

    private void lack(Extension extension, SQLException e, boolean isOnOwnServer) throws SQLException {
        String what = "The scratch database goes without the extension " + extension.name + " of " + model.name() + ": "
                + Failures.message(e) + ".";
        List<String> members =
                Database.list(model.connection(), MEMBERS, row -> row.getString(1), extension.name, extension.name);
        if (members.stream().noneMatch(scripts::name)) {
            model.out().detail(what);
            return;
        }
        String way = isOnOwnServer
                ? "have a superuser make a database with it, and name that: CREATE DATABASE avdaily_template TEMPLATE "
                        + "template0; in it " + statement(model, extension) + "; ALTER DATABASE avdaily_template "
                        + "IS_TEMPLATE true; then " + Scratch.TEMPLATE + "=avdaily_template."
                : "let the scratch database lie beside " + model.name() + ": ALTER ROLE "
                        + Sql.quoted(model.url().user()) + " CREATEDB.";
        model.out().noteOnce("Note: " + what + " If a migration fails for it, " + way);
    }
}
