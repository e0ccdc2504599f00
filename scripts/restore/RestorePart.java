import avdaily.base.Failure;
import avdaily.restore.FilterFile;
import avdaily.restore.PartSelection;
import avdaily.sql.DottedName;
import avdaily.sql.TablePattern;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** What of a backup is restored if not all of it is. */
class RestorePart {
    @Option(
            names = "--table",
            paramLabel = "TABLE",
            description =
                    "Only this table, as in orders or public.order_*; may be given more than once. All else in the "
                            + "database stays.")
    List<String> tables = new ArrayList<>();

    @Option(
            names = "--schema",
            paramLabel = "SCHEMA",
            description = "Only this schema, with all that is in it; may be given more than once.")
    List<String> schemas = new ArrayList<>();

    @Option(names = "--as", paramLabel = "NAME", description = "Another name for the one table.")
    String as;

    @Option(names = "--into-schema", paramLabel = "SCHEMA", description = "Another schema; created if it is not there.")
    String intoSchema;

    @Option(
            names = "--with",
            paramLabel = "WHAT",
            split = ",",
            description =
                    "What comes with a table: indexes, keys, sequences, triggers, grants, or nothing (default: all "
                            + "of them).")
    List<String> with;

    @Option(
            names = "--data-only",
            description = "Only rows, into a table that is there: what is missing is inserted, what differs replaced. "
                    + "Shows the difference first; avdaily-integrity fix --undo takes it back.")
    boolean dataOnly;

    @Option(
            names = "--where",
            paramLabel = "CONDITION",
            description = "With --data-only: only the rows for which this SQL holds.")
    String where;

    @Option(
            names = "--filter",
            paramLabel = "FILE",
            description = "A file that says what, in the form of pg_dump's --filter.")
    Path filter;

    @Option(names = "--list", description = "Show what is in the file, and restore nothing.")
    boolean list;

    boolean isAsked() {
        return !tables.isEmpty() || !schemas.isEmpty() || filter != null;
    }

    /** @throws Failure (2) if options do not go together */
    void check() {
        if (list && isAsked())
            throw Failure.usage(
                    "--list shows all that is in the file",
                    "leave it out, or --table, --schema and --filter; with --dry-run they show what they choose.");
        if (!isAsked() && (as != null || intoSchema != null || with != null || dataOnly || where != null))
            throw Failure.usage(
                    "--as, --into-schema, --with, --data-only and --where are for a part of a backup",
                    "name it with --table, --schema or --filter.");
        if (where != null && !dataOnly) throw Failure.usage("--where is for rows alone", "add --data-only.");
        if (dataOnly && with != null)
            throw Failure.usage("--with is for tables with their definitions", "leave it or --data-only out.");
        if (intoSchema != null && schemas.size() + Math.min(1, tables.size()) > 1)
            throw Failure.usage("--into-schema takes tables or one schema", "restore one after the other.");
    }

    PartSelection selection() {
        FilterFile file = filter == null ? FilterFile.NONE : FilterFile.read(filter);
        List<TablePattern> wanted = new ArrayList<>(file.tables());
        tables.stream().map(TablePattern::new).forEach(wanted::add);
        List<String> all = new ArrayList<>(file.schemas());
        schemas.stream().map(DottedName::unquoted).forEach(all::add);
        return new PartSelection(
                wanted,
                all,
                file.without(),
                file.withoutRows(),
                Optional.ofNullable(as),
                Optional.ofNullable(intoSchema),
                company());
    }

    private Set<PartSelection.Company> company() {
        Set<PartSelection.Company> chosen = EnumSet.noneOf(PartSelection.Company.class);
        if (with == null) return EnumSet.allOf(PartSelection.Company.class);
        for (String word : with) {
            if (word.equals("nothing")) continue;
            try {
                chosen.add(PartSelection.Company.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw Failure.usage(
                        "--with " + word + " is not known",
                        "name some of " + PartSelection.Company.names() + ", or nothing.");
            }
        }
        return chosen;
    }
}
