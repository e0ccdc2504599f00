package avdaily.generate.dataset;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.ResourceFolder;
import avdaily.db.Database;
import avdaily.seed.SeedFile;
import avdaily.seed.SeedPlan;
import avdaily.seed.SeedRow;
import avdaily.seed.SeedValues;
import avdaily.sql.Sql;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The roles that made-up people have. */
record BaseRoles(UUID admin, UUID user) {
    /**
     * Roles and permissions stay as they are; where there are none, those of the base seeds come in, with the ids that
     * seeding gives them.
     */
    static BaseRoles of(Connection c, Path seeds, LocalDate first) throws SQLException {
        if (Database.one(c, "SELECT count(*) FROM roles WHERE name IN ('admin', 'user')", Long.class) < 2) {
            for (SeedRow role : base(seeds, "roles")) insert(c, "roles", role, first);
            for (SeedRow permission : base(seeds, "permissions")) insert(c, "permissions", permission, first);
            for (SeedRow grant : base(seeds, "role_permissions")) grant(c, grant, first);
        }
        return new BaseRoles(role(c, "admin", seeds), role(c, "user", seeds));
    }

    private static UUID role(Connection c, String name, Path seeds) throws SQLException {
        UUID id = Database.one(c, "SELECT id FROM roles WHERE name = ?", UUID.class, name);
        if (id == null)
            throw Failure.usage(
                    "there is no role " + name + ", neither in the database nor in base/ of "
                            + ResourceFolder.show(seeds),
                    "add it to roles there.");
        return id;
    }

    private static List<SeedRow> base(Path seeds, String table) {
        Path folder = seeds.resolve("base");
        for (Path file : ResourceFolder.files(folder))
            if (file.getFileName().toString().matches(table + "\\.\\w+"))
                return SeedFile.read(file).rows();
        throw Failure.usage(
                "there is no file for " + table + " in " + ResourceFolder.show(folder),
                "name another folder with --seeds, or bring the roles into the database first.");
    }

    /** What the file leaves out gets the database's default. */
    private static void insert(Connection c, String table, SeedRow row, LocalDate first) throws SQLException {
        ObjectNode values = Json.mapper().valueToTree(row.fields());
        values.put(
                        "id",
                        SeedValues.id(table, SeedPlan.text(List.of(text(row, "name"))))
                                .toString())
                .put("created_at", first.toString())
                .put("updated_at", first.toString());
        List<String> columns = new ArrayList<>();
        values.fieldNames().forEachRemaining(column -> columns.add(Sql.quoted(column)));
        Database.update(
                c,
                """
                INSERT INTO %1$s (%2$s) SELECT %2$s FROM jsonb_populate_record(null::%1$s, ?::jsonb)
                    ON CONFLICT (name) DO NOTHING"""
                        .formatted(table, String.join(", ", columns)),
                values.toString());
    }

    private static void grant(Connection c, SeedRow grant, LocalDate first) throws SQLException {
        UUID role = Database.one(c, "SELECT id FROM roles WHERE name = ?", UUID.class, text(grant, "role"));
        UUID permission =
                Database.one(c, "SELECT id FROM permissions WHERE name = ?", UUID.class, text(grant, "permission"));
        Database.update(
                c,
                "INSERT INTO role_permissions (id, role_id, permission_id, created_at) VALUES (?, ?, ?, ?) ON "
                        + "CONFLICT DO NOTHING",
                SeedValues.id("role_permissions", SeedPlan.text(List.of(role.toString(), permission.toString()))),
                role,
                permission,
                first.atStartOfDay());
    }

    private static String text(SeedRow row, String field) {
        if (!row.fields().containsKey(field))
            throw row.mistake(field, "it has no value, and the row is recognised by it", "give it one.");
        return row.fields().get(field).asText();
    }
}
