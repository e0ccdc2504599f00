package avdaily.studio;

import avdaily.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What belongs to a table beside its columns.
 *
 * @param definition the SQL that makes it, or the part of it that tells them apart
 * @param comment null if it has none
 * @param isValid whether it holds for every row
 */
record TablePart(String name, String definition, String comment, boolean isValid) {
    /** The parts of which a table may have several. */
    enum Kind {
        CONSTRAINTS(
                """
                SELECT conname, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'), convalidated
                FROM pg_constraint WHERE conrelid = ? AND contype IN ('p', 'u', 'c', 'x')
                ORDER BY array_position('{p,u,x,c}'::"char"[], contype), conname"""),
        TRIGGERS(
                """
                SELECT tgname, pg_get_triggerdef(oid) || CASE tgenabled WHEN 'D' THEN ' (disabled)' ELSE '' END,
                  obj_description(oid, 'pg_trigger'), true
                FROM pg_trigger WHERE tgrelid = ? AND NOT tgisinternal ORDER BY tgname"""),
        POLICIES(
                """
                SELECT polname, format('%s FOR %s TO %s%s%s',
                    CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                    CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                    array_to_string(ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END
                                          FROM unnest(polroles) r), ', '),
                    ' USING (' || pg_get_expr(polqual, polrelid) || ')',
                    ' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')'),
                  obj_description(oid, 'pg_policy'), true
                FROM pg_policy WHERE polrelid = ? ORDER BY polname"""),
        INDEXES(
                """
                SELECT c.relname, pg_get_indexdef(i.indexrelid), obj_description(c.oid, 'pg_class'), i.indisvalid
                FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indrelid = ? ORDER BY i.indisprimary DESC, i.indisunique DESC, c.relname"""),
        DEFINITION(
                """
                SELECT relname, pg_get_viewdef(oid, true), NULL::text, true
                FROM pg_class WHERE oid = ? AND relkind IN ('v', 'm')""");

        private final String query;

        Kind(String query) {
            this.query = query;
        }
    }

    static List<TablePart> of(Connection c, Kind kind, Relation relation) throws SQLException {
        return Database.list(
                c,
                kind.query,
                row -> new TablePart(row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4)),
                relation.oid());
    }
}
