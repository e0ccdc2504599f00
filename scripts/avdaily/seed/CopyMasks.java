package avdaily.seed;

import avdaily.backup.Masking;
import avdaily.base.Failure;
import avdaily.db.MigrationTool;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The masks of an export for the rows of a backup. All columns are there, so that what an export leaves out is masked
 * too, or emptied: secrets, and what cannot be looked into.
 */
public final class CopyMasks implements Masking {
    private static final Set<String> READABLE_EXTENSIONS = Set.of("citext", "ltree");
    /** Built-in types that may hold anything in a form of their own. */
    private static final Set<String> OPAQUE = Set.of(
            "bytea",
            "tsvector",
            "tsquery",
            "xml",
            "point",
            "line",
            "lseg",
            "box",
            "path",
            "polygon",
            "circle",
            "bit",
            "varbit");

    private final TableCatalog tables;
    private final SeedFiles.Manifest manifest;
    private final Masks masks;
    private final CopyColumns columns;
    private final Set<String> open = new TreeSet<>();

    private CopyMasks(TableCatalog tables, SeedFiles.Manifest manifest, Masks masks, CopyColumns columns) {
        this.tables = tables;
        this.manifest = manifest;
        this.masks = masks;
        this.columns = columns;
    }

    /** @param manifest which says more of columns than their names do */
    public static CopyMasks of(Connection c, TableCatalog tables, SeedFiles.Manifest manifest, Masks masks)
            throws SQLException {
        return new CopyMasks(tables, manifest, masks, CopyColumns.of(c));
    }

    /** The columns whose texts stay, but for what has the form of something personal, and of which nobody says that. */
    public Set<String> open() {
        return open;
    }

    @Override
    public OfTable of(String schema, String table, List<String> names) {
        List<UnaryOperator<String>> each = new ArrayList<>();
        boolean mayMove = false;
        for (String name : names) {
            Optional<UnaryOperator<String>> mask = MigrationTool.isOfHistory(table, name)
                    ? Optional.empty()
                    : mask(new CopyColumns.Name(schema, table, name));
            each.add(mask.orElse(null));
            mayMove |= mask.isPresent()
                    && columns.type(new CopyColumns.Name(schema, table, name)).isPartitionKey();
        }
        return new MaskedCopyRows(each, mayMove);
    }

    @Override
    public Optional<String> setting(String name, String value) {
        if (name.indexOf('.') < 0) return Optional.of(masks.scrubbed(value));
        String last = name.substring(name.lastIndexOf('.') + 1);
        boolean isKnown = SeedChange.secret(last) || PersonalNames.kind(last, false) != null;
        return isKnown ? Optional.empty() : Optional.of(masks.scrubbed(value));
    }

    @Override
    public String definitions(String ddl) {
        return MaskedDefinitions.of(ddl, masks);
    }

    /** What becomes of a column's values; nothing if they stay. */
    private Optional<UnaryOperator<String>> mask(CopyColumns.Name name) {
        CopyColumns.Type own = type(name);
        CopyColumns.Name leader = columns.leader(own.place(), this::isPersonal);
        return mask(leader, type(leader), own);
    }

    private CopyColumns.Type type(CopyColumns.Name name) {
        CopyColumns.Type type = columns.type(name);
        if (type == null)
            throw Failure.locked(
                    name + " was made just now, and is not known", "run it again; nothing of this copy stays.");
        return type;
    }

    private Optional<UnaryOperator<String>> mask(
            CopyColumns.Name name, CopyColumns.Type type, CopyColumns.Type written) {
        TableCatalog.Table table = table(name);
        TableCatalog.Column column = table.columns().get(name.column());
        boolean isSecret = SeedChange.secret(table.relation(), column.name());
        boolean said = isSaid(name, type);
        if (type.kind().equals("e")) return Optional.of(masks::scrubbed); // as in the definitions
        if (isOpaque(type)) return isPublic(name) && !said && !isSecret ? Optional.empty() : emptied(written);
        if (column.isJson()) return Optional.of(value -> json(name.column(), said || isSecret, value));
        if (column.base().equals("uuid"))
            return said || isSecret ? Optional.of(value -> masks.uuid(value)) : Optional.empty();
        boolean isTime = column.base().matches("boolean|date|timestamp.*|time .*|interval.*");
        boolean asSaid = said || isSecret && !isTime || column.base().equals("cidr");
        if (Masks.leavesOut(table, column, asSaid)) return emptied(written);
        boolean isOpen = Masks.leavesOpen(table, column, asSaid);
        if (isOpen && !isPublic(name)) open.add(shown(written.place()));
        if (written.isBound() && Masks.changes(table, column, asSaid)) throw findsNoPartition(written);
        return Optional.of(value -> ServerText.of(column.base(), value, masks.masked(table, column, asSaid, value)));
    }

    private TableCatalog.Table table(CopyColumns.Name name) {
        return tables.find(name.schema(), name.table())
                .orElseThrow(() -> Failure.locked(
                        name.qualifiedTable() + " was made just now, and is not known",
                        "run it again; nothing of this copy stays."));
    }

    private static String shown(CopyColumns.Name name) {
        return (name.schema().equals("public") ? "" : name.schema() + ".") + name.table() + "." + name.column();
    }

    private boolean isPersonal(CopyColumns.Name name) {
        CopyColumns.Type type = columns.type(name);
        return type != null && (Masks.isPersonal(table(name), name.column()) || isSaid(name, type));
    }

    private boolean isSaid(CopyColumns.Name name, CopyColumns.Type type) {
        return said(name, type).stream().anyMatch(table -> table.personal().contains(name.column()));
    }

    private boolean isPublic(CopyColumns.Name name) {
        return said(name, columns.type(name)).stream()
                .anyMatch(table -> table.open().contains(name.column()));
    }

    private List<SeedFiles.Table> said(CopyColumns.Name name, CopyColumns.Type type) {
        List<SeedFiles.Table> said = new ArrayList<>();
        said.add(manifest.table(table(name).name()));
        type.parents().forEach(parent -> said.add(manifest.table(parent)));
        return said;
    }

    /** Whether nobody sees from here what its values hold. */
    private static boolean isOpaque(CopyColumns.Type type) {
        if (type.isArray() && Set.of("json", "jsonb").contains(type.name())) return true;
        if (type.kind().equals("c") || type.isBuiltIn() && OPAQUE.contains(type.name())) return true;
        return type.kind().equals("b") && !type.isBuiltIn() && !READABLE_EXTENSIONS.contains(type.name());
    }

    private Optional<UnaryOperator<String>> emptied(CopyColumns.Type type) {
        CopyColumns.Name name = type.place();
        TableCatalog.Column column = table(name).columns().get(name.column());
        if (!type.isArray() && type.name().equals("bytea")) return Optional.of(masks::bytes);
        if (column.isNullable()) return Optional.of(value -> null);
        String empty = empty(type);
        if (empty == null)
            throw Failure.refused(
                    shown(name) + " may hold something personal, has no mask (" + column.type()
                            + ") and must not be null",
                    "say in seeds.yaml that it does not (tables: {" + name.table() + ": {public: [" + name.column()
                            + "]}}), or leave its rows out with --exclude-table-data " + name.qualifiedTable() + ".");
        return Optional.of(value -> empty);
    }

    /** A value that tells nothing; null if none is known. */
    private static String empty(CopyColumns.Type type) {
        if (type.isArray() || type.kind().equals("m")) return "{}";
        if (type.kind().equals("r")) return "empty";
        return switch (type.name()) {
            case "tsvector", "tsquery", "hstore" -> "";
            case "xml" -> "<masked/>";
            case "bool" -> "f";
            case "point" -> "(0,0)";
            case "int2", "int4", "int8", "numeric", "float4", "float8", "money", "oid" -> "0";
            case "interval", "time" -> "00:00:00";
            case "timetz" -> "00:00:00+00";
            case "macaddr" -> "02:00:00:00:00:00";
            case "macaddr8" -> "02:00:00:00:00:00:00:00";
            default -> null;
        };
    }

    private static Failure findsNoPartition(CopyColumns.Type type) {
        CopyColumns.Name name = type.place();
        return Failure.refused(
                shown(name) + " is personal, and rows find their partition by it: with masks they would find none",
                "leave its rows out with --exclude-table-data " + name.qualifiedTable()
                        + "; the bounds of its partitions stay in the definitions, which may tell values.");
    }

    /** The document as it is written if nothing in it is masked. */
    private String json(String name, boolean said, String value) {
        JsonNode document = ExportValues.parsed(value);
        JsonNode masked = masks.masked(name, said, document);
        boolean isSame = masked.equals(document) && ExportValues.hasEachFieldOnce(value);
        return isSame ? value : ServerText.of(masked);
    }
}
