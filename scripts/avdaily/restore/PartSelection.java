package avdaily.restore;

import avdaily.base.Failure;
import avdaily.sql.DottedName;
import avdaily.sql.TablePattern;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which part of a dump is wanted, and what becomes of it.
 *
 * @param tables the wanted tables; with a partitioned one come its partitions
 * @param schemas the wanted schemas, with all that is in them
 * @param without tables that are left out
 * @param withoutRows tables whose rows are left out
 * @param as another name for the one table
 * @param intoSchema another schema
 * @param with what comes with a table beside its columns, checks and policies
 */
public record PartSelection(
        List<TablePattern> tables,
        List<String> schemas,
        List<TablePattern> without,
        List<TablePattern> withoutRows,
        Optional<String> as,
        Optional<String> intoSchema,
        Set<Company> with) {
    /** What a table may have with it. */
    public enum Company {
        /** Statistics too. */
        INDEXES,
        /** Primary, unique, exclusion and foreign keys. */
        KEYS,
        /** Those that its columns own, with the defaults that use them. */
        SEQUENCES,
        /** Rules too. */
        TRIGGERS,
        GRANTS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static String names() {
            return EnumSet.allOf(Company.class).stream().map(Company::toString).collect(Collectors.joining(", "));
        }
    }

    boolean takes(DottedName table) {
        boolean isWanted =
                tables.stream().anyMatch(pattern -> pattern.matches(table)) || schemas.contains(table.schema());
        return isWanted && without.stream().noneMatch(pattern -> pattern.matches(table));
    }

    /** Whether it gets another name or schema. */
    boolean isElsewhere() {
        return as.isPresent() || intoSchema.isPresent();
    }

    boolean takesRows(DottedName table) {
        return withoutRows.stream().noneMatch(pattern -> pattern.matches(table));
    }

    /**
     * The tables of the dump that are wanted.
     *
     * @throws Failure (2) if something wanted is not in the dump
     */
    public List<String> of(DumpReader dump) {
        List<DottedName> all =
                dump.contents().tables().stream().map(DottedName::of).toList();
        for (TablePattern pattern : tables)
            if (all.stream().noneMatch(pattern::matches)) throw lacks(dump, "table " + pattern.text());
        for (String schema : schemas)
            if (all.stream().noneMatch(table -> table.schema().equals(schema))) throw lacks(dump, "schema " + schema);
        List<String> wanted =
                all.stream().filter(this::takes).map(DottedName::toString).toList();
        if (wanted.isEmpty()) throw lacks(dump, "table that is wanted");
        if (as.isPresent() && wanted.size() > 1)
            throw Failure.usage(
                    "--as is a name for one table, and there are " + wanted.size() + ": " + String.join(", ", wanted),
                    "name one of them, or use --into-schema.");
        if (intoSchema.isPresent()) checkNames(wanted);
        return wanted;
    }

    private static void checkNames(List<String> wanted) {
        Map<String, String> tables = new HashMap<>();
        for (String table : wanted) {
            String other = tables.put(DottedName.of(table).name(), table);
            if (other != null)
                throw Failure.usage(
                        other + " and " + table + " have one name, and --into-schema is one schema",
                        "name one by its schema, and restore the other by itself, into another schema or with --as.");
        }
    }

    private static Failure lacks(DumpReader dump, String what) {
        return Failure.usage(
                dump.file() + " has no " + what,
                "see what it has: avdaily-restore " + dump.file().place() + " --list");
    }

    /** For people: what is wanted. */
    String description() {
        return (schemas.isEmpty() ? "" : "schema " + String.join(", ", schemas))
                + (schemas.isEmpty() || tables.isEmpty() ? "" : " and ")
                + (tables.isEmpty()
                        ? ""
                        : "table " + tables.stream().map(TablePattern::text).collect(Collectors.joining(", ")));
    }

    /** The name of a table of the dump in the database. */
    public DottedName target(String table) {
        DottedName own = DottedName.of(table);
        return new DottedName(intoSchema.orElse(own.schema()), as.orElse(own.name()));
    }
}
