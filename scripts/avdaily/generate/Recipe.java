package avdaily.generate;

import avdaily.base.Failure;
import avdaily.seed.TableCatalog;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The rows of any project's tables, described as data. A table has a number of rows, or some for each row of its
 * parent. Each column has a method that makes its values. A block is some rows of a table without a parent, with all
 * their descendants.
 */
public final class Recipe implements RowSource {
    private static final int ROWS_A_BLOCK = 256;

    /**
     * How far the rows reach.
     *
     * @param asOf the day after the history's last one
     * @param days the history's length
     * @param users the number that "rows: users" stands for; null if nobody said it
     */
    public record Scale(LocalDate asOf, int days, Long users) {}

    private final RecipeFile file;
    private final CounterRandom random;
    private final Map<String, RecipeTable> tables;

    private Recipe(RecipeFile file, CounterRandom random, Map<String, RecipeTable> tables) {
        this.file = file;
        this.random = random;
        this.tables = tables;
    }

    /**
     * Reads a recipe.
     *
     * @param names what {first} and {family} stand for
     * @throws Failure (2) naming table and column of what it does not understand
     */
    public static Recipe read(Path path, TableCatalog catalog, PeopleNames names, long seed, Scale scale) {
        RecipeFile file = new RecipeFile(path);
        CounterRandom random = new CounterRandom(seed);
        return new Recipe(file, random, new RecipeReader(file, random, catalog, names, scale).read());
    }

    @Override
    public List<Target> targets() {
        return tables.values().stream().map(RecipeTable::target).toList();
    }

    @Override
    public long blocks(Target target) {
        return (tables.get(target.table()).root().rows + ROWS_A_BLOCK - 1) / ROWS_A_BLOCK;
    }

    @Override
    public void write(Target target, long block, BinaryCopyBuffer rows) {
        RecipeTable table = tables.get(target.table());
        RecipeTable root = table.root();
        for (long key = block * ROWS_A_BLOCK; key < Math.min(root.rows, (block + 1) * ROWS_A_BLOCK); key++)
            write(table, new RecipeRow(root, key, null), rows);
    }

    private void write(RecipeTable table, RecipeRow row, BinaryCopyBuffer rows) {
        if (row.table() != table) {
            RecipeTable step = table;
            while (step.parent != row.table()) step = step.parent;
            int count = step.children(random, row);
            for (int i = 0; i < count; i++) write(table, step.child(row, i), rows);
            return;
        }
        if (table.format() == Format.TEXT) {
            rows.line(table.columns.values().stream()
                    .map(maker -> plain(maker.value(row)))
                    .toList());
            return;
        }
        rows.row(table.columns.size());
        table.columns.forEach(
                (column, maker) -> encode(rows, table.name + "." + column, table.types.get(column), maker.value(row)));
    }

    private void encode(BinaryCopyBuffer rows, String where, String type, Object value) {
        if (value == null) {
            rows.none();
            return;
        }
        try {
            switch (RecipeTable.plain(type)) {
                case "uuid" ->
                    rows.uuid(((UUID) value).getMostSignificantBits(), ((UUID) value).getLeastSignificantBits());
                case "text", "character varying", "character", "json" -> rows.text(plain(value));
                case "jsonb" -> rows.jsonb(plain(value));
                case "boolean" ->
                    rows.bool(value instanceof Boolean flag ? flag : Boolean.parseBoolean(value.toString()));
                case "smallint" -> rows.int2(ValueMakers.decimal(value).shortValueExact());
                case "integer" -> rows.int4(ValueMakers.decimal(value).intValueExact());
                case "bigint" -> rows.int8(ValueMakers.decimal(value).longValueExact());
                case "real" -> rows.float4(ValueMakers.decimal(value).floatValue());
                case "double precision" ->
                    rows.float8(ValueMakers.decimal(value).doubleValue());
                case "numeric" ->
                    rows.numeric(
                            whole(ValueMakers.decimal(value)).unscaledValue().longValueExact(),
                            whole(ValueMakers.decimal(value)).scale());
                case "date" -> rows.date(((LocalDate) value).toEpochDay());
                case "timestamp without time zone", "timestamp with time zone" ->
                    rows.timestamp(
                            value instanceof LocalDate day
                                    ? day.toEpochDay() * 86_400
                                    : ((Instant) value).getEpochSecond());
                default -> throw new IllegalStateException("no binary form of " + type);
            }
        } catch (ArithmeticException | ClassCastException | NumberFormatException e) {
            throw file.mistake(
                    where, "the value " + value + " does not fit the type " + type, "choose another way to make it.");
        }
    }

    /** 1E+20 has no decimals either, and is written in full. */
    private static BigDecimal whole(BigDecimal number) {
        return number.scale() < 0 ? number.setScale(0) : number;
    }

    /** As the server reads it; null for null. */
    static String plain(Object value) {
        if (value == null) return null;
        return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    }
}
