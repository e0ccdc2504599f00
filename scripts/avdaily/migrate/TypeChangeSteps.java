package avdaily.migrate;

import avdaily.migrate.SyncTrigger.Misfit;
import avdaily.migrate.SyncTrigger.Side;
import avdaily.sql.Sql;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The migrations that give a column of a table in use another type, each with its undo: a column beside it, its values,
 * its indexes, the exchange of the names, and the end of the old column.
 */
final class TypeChangeSteps {
    private static final String SWAP_UNDO =
            "The undo reads the table and builds keys under a lock, and refuses to lose what the old type cannot hold.";

    private static final String IGNORE_RENAME =
            "-- lint:ignore rename-column a column of each name stays, and a trigger keeps them alike\n";
    private static final String IGNORE_DROP = "-- lint:ignore drop-column no program reads the old column any more\n";

    private final TypeChangeParts parts;
    private final ChangedColumn column;
    private final String table;
    private final String name;
    private final String fresh;
    private final String old;
    private final String check;
    private final Side atFirst;
    private final Side beside;
    private final Side swapped;
    private final Side last;

    TypeChangeSteps(TypeChangeParts parts) {
        this.parts = parts;
        this.column = parts.column();
        this.table = column.table();
        this.name = parts.name();
        this.fresh = parts.fresh();
        this.old = parts.old();
        this.check = parts.check();
        this.atFirst = new Side(name, column.type(), parts.back(), name);
        this.beside = new Side(fresh, column.newType(), parts.using(), name);
        this.swapped = new Side(name, column.newType(), parts.using(), name);
        this.last = new Side(old, column.type(), parts.back(), name);
    }

    /** All of them, the first with this version. */
    List<Draft.Step> from(BigInteger version, String word) {
        List<Draft.Step> steps = new ArrayList<>();
        for (Draft.Step step : List.of(
                expand(version, word),
                fill(version, word),
                notNull(version, word),
                indexes(version, word),
                swap(version, word),
                validate(version, word),
                contract(version, word)))
            if (!step.isEmpty()) steps.add(step.as(version.add(BigInteger.valueOf(steps.size()))));
        return steps;
    }

    private String alter(String what) {
        return "ALTER TABLE " + table + " " + what + ";";
    }

    private Draft.Step expand(BigInteger version, String word) {
        List<String> forward = new ArrayList<>();
        forward.add(alter("ADD COLUMN " + fresh + " " + column.newType() + parts.newCollation()));
        forward.addAll(looks(fresh));
        forward.add(parts.trigger().functionFor(atFirst, beside, Misfit.FAILS));
        forward.add(parts.trigger().create());
        if (column.isNotNull()) forward.add(notNullCheck(" NOT VALID"));
        return new Draft.Step(
                version,
                word,
                List.of(
                        "Adds the column of the new type, and a trigger that keeps both alike, whichever is written.",
                        "Whoever writes a value from here on that has no place in the new type gets an error."),
                forward,
                List.of(parts.trigger().drop(), alter("DROP COLUMN " + fresh)));
    }

    private String notNullCheck(String validity) {
        return alter("ADD CONSTRAINT " + check + " CHECK (" + fresh + " IS NOT NULL)" + validity);
    }

    /** What a column has besides its type. */
    private List<String> looks(String of) {
        List<String> all = new ArrayList<>();
        column.settings().forEach(setting -> all.add(alter("ALTER COLUMN " + of + " " + setting)));
        column.grants()
                .forEach(grant -> all.add(
                        "GRANT " + grant.privilege() + " (" + of + ") ON " + table + " TO " + grant.grantee() + ";"));
        return all;
    }

    private Draft.Step fill(BigInteger version, String word) {
        String rows = name + " IS NOT NULL AND " + fresh + " IS NULL";
        String key = String.join(", ", parts.key());
        boolean isOne = parts.key().size() == 1;
        String open = isOne ? "" : "(";
        String close = isOne ? "" : ")";
        String range = "%s%s%s > %s${from}%s AND %s%s%s <= %s${to}%s"
                .formatted(open, key, close, open, close, open, key, close, open, close);
        return new Draft.Step(
                version,
                word + "_fill",
                List.of(
                        "Gives the rows that are there their value, a few at a time.",
                        "batch: table=" + table + " key=" + String.join(",", parts.key())),
                List.of(
                        "UPDATE " + table + " SET " + fresh + " = " + beside.of(name) + "\nWHERE " + range + " AND "
                                + rows + ";",
                        "-- batch: done when\nSELECT NOT EXISTS (SELECT FROM " + table + " WHERE " + rows + ");"),
                List.of("-- The undo of the version before drops the column, with its values."));
    }

    private Draft.Step notNull(BigInteger version, String word) {
        boolean isNeeded = column.isNotNull();
        return new Draft.Step(
                version,
                word + "_not_null",
                List.of("Reads the table while others write it: the exchange need not."),
                isNeeded ? List.of(alter("VALIDATE CONSTRAINT " + check)) : List.of(),
                isNeeded ? List.of(alter("DROP CONSTRAINT " + check), notNullCheck(" NOT VALID")) : List.of());
    }

    private Draft.Step indexes(BigInteger version, String word) {
        List<String> forward = new ArrayList<>();
        List<String> undo = new ArrayList<>();
        for (TypeChangeParts.Index index : parts.indexes()) {
            forward.add(index.is().on(table, "CONCURRENTLY " + index.fresh(), name, fresh));
            undo.add("DROP INDEX " + parts.inSchema(index.fresh()) + ";");
        }
        return new Draft.Step(
                version,
                word + "_indexes",
                List.of("Others read and write the table while they are built; it runs outside of a transaction."),
                forward,
                undo);
    }

    // -- the exchange

    private Draft.Step swap(BigInteger version, String word) {
        List<String> forward = new ArrayList<>(parts.drops());
        List<String> undo = new ArrayList<>(parts.drops());
        undo.add(0, guard());
        for (TypeChangeParts.Index index : parts.indexes())
            if (index.is().isKey()) {
                String drop = alter("DROP CONSTRAINT " + index.is().constraint());
                forward.add(drop);
                undo.add(drop);
            }
        forward.add(IGNORE_RENAME + alter("RENAME COLUMN " + name + " TO " + old));
        forward.add(IGNORE_RENAME + alter("RENAME COLUMN " + fresh + " TO " + name));
        forward.addAll(values(old, name, column.newType()));
        forward.add(parts.trigger().functionFor(swapped, last, Misfit.NULL));
        parts.indexes().forEach(index -> forward.addAll(takesName(index)));
        forward.addAll(parts.madeAgain());
        undo.add(alter("RENAME COLUMN " + name + " TO " + fresh));
        undo.add(alter("RENAME COLUMN " + old + " TO " + name));
        undo.addAll(values(fresh, name, column.type()));
        undo.add(parts.trigger().functionFor(atFirst, beside, Misfit.FAILS));
        parts.indexes().forEach(index -> undo.addAll(givesNameBack(index)));
        undo.addAll(parts.madeAsBefore());
        return new Draft.Step(
                version,
                word + "_swap",
                Stream.concat(
                                Stream.of(
                                        "The columns exchange their names: locks that are short, and no row is read.",
                                        SWAP_UNDO),
                                parts.remarks().stream())
                        .toList(),
                forward,
                undo);
    }

    /** The undo would lose what has no place in the old type. */
    private String guard() {
        String lost = "SELECT FROM " + table + " WHERE " + name + " IS NOT NULL AND " + old + " IS NULL";
        return """
                DO $do$
                BEGIN
                    IF EXISTS (%s) THEN
                        RAISE EXCEPTION 'rows have values that have no place in the old type';
                    END IF;
                END
                $do$;"""
                .formatted(lost);
    }

    /** Default, NOT NULL, comment and numbers go from one column to the other. */
    private List<String> values(String from, String to, String type) {
        List<String> all = new ArrayList<>();
        if (column.standard() != null) all.add(alter("ALTER COLUMN " + from + " DROP DEFAULT"));
        boolean isForward = from.equals(old);
        if (column.isNotNull() && !column.isIdentity()) {
            all.add(alter("ALTER COLUMN " + from + " DROP NOT NULL"));
            all.add(alter("ALTER COLUMN " + to + " SET NOT NULL"));
        }
        if (column.isIdentity()) all.add(identity(from, to));
        if (column.isNotNull()) all.add(isForward ? alter("DROP CONSTRAINT " + check) : notNullCheck(""));
        if (column.sequence() != null && !column.isIdentity()) {
            all.add("ALTER SEQUENCE " + column.sequence().name() + " OWNED BY " + table + "." + to + ";");
            String is = isForward ? type : column.sequence().type();
            if (!column.newType().equals(column.sequence().type()))
                all.add("ALTER SEQUENCE " + column.sequence().name() + " AS " + is + ";");
        }
        if (column.standard() != null)
            all.add(alter(
                    "ALTER COLUMN " + to + " SET DEFAULT " + (isForward ? parts.newDefault() : column.standard())));
        if (column.comment() != null) {
            all.add("COMMENT ON COLUMN " + table + "." + from + " IS NULL;");
            all.add("COMMENT ON COLUMN " + table + "." + to + " IS "
                    + Sql.literal(column.comment()).strip() + ";");
        }
        return all;
    }

    /** The numbers go on where they are. */
    private String identity(String from, String to) {
        ChangedColumn.Sequence sequence = column.sequence();
        return """
                DO $do$
                DECLARE
                    was record;
                BEGIN
                    SELECT last_value, is_called INTO was FROM %1$s;
                    ALTER TABLE %2$s ALTER COLUMN %3$s DROP IDENTITY;
                    ALTER TABLE %2$s ALTER COLUMN %3$s DROP NOT NULL;
                    ALTER TABLE %2$s ALTER COLUMN %4$s SET NOT NULL;
                    ALTER TABLE %2$s ALTER COLUMN %4$s ADD GENERATED %5$s AS IDENTITY (SEQUENCE NAME %1$s %6$s);
                    PERFORM setval(%7$s, was.last_value, was.is_called);
                END
                $do$;"""
                .formatted(
                        sequence.name(),
                        table,
                        from,
                        to,
                        column.identity().equals("a") ? "ALWAYS" : "BY DEFAULT",
                        sequence.options(),
                        Sql.literal(sequence.name()).strip());
    }

    private List<String> takesName(TypeChangeParts.Index index) {
        List<String> all = new ArrayList<>();
        if (index.is().isKey())
            all.add(alter("ADD CONSTRAINT " + index.is().constraint() + " "
                    + index.is().using(index.fresh())));
        else {
            all.add("ALTER INDEX " + index.is().name() + " RENAME TO " + index.old() + ";");
            all.add("ALTER INDEX " + parts.inSchema(index.fresh()) + " RENAME TO " + index.name() + ";");
        }
        all.addAll(index.is().looks(table, parts.inSchema(index.old())));
        return all;
    }

    private List<String> givesNameBack(TypeChangeParts.Index index) {
        List<String> all = new ArrayList<>();
        if (index.is().isKey()) {
            all.add(index.is().on(table, index.fresh(), name, fresh));
            all.add(alter("ADD CONSTRAINT " + index.is().constraint() + " "
                    + index.is().definition()));
        } else {
            all.add("ALTER INDEX " + index.is().name() + " RENAME TO " + index.fresh() + ";");
            all.add("ALTER INDEX " + parts.inSchema(index.old()) + " RENAME TO " + index.name() + ";");
        }
        all.addAll(index.is().looks(table, parts.inSchema(index.fresh())));
        return all;
    }

    // -- the end

    private Draft.Step validate(BigInteger version, String word) {
        return new Draft.Step(
                version,
                word + "_validate",
                List.of("Reads the tables while others write them."),
                parts.validations(),
                parts.unvalidations());
    }

    private Draft.Step contract(BigInteger version, String word) {
        List<String> undo = new ArrayList<>();
        undo.add(alter("ADD COLUMN " + old + " " + column.type() + column.collation()));
        undo.addAll(looks(old));
        undo.add("UPDATE " + table + " SET " + old + " = " + last.of(name) + ";");
        undo.add(parts.trigger().functionFor(swapped, last, Misfit.NULL));
        undo.add(parts.trigger().create());
        for (TypeChangeParts.Index index : parts.indexes())
            if (!index.is().isKey()) undo.add(index.is().on(table, index.old(), name, old));
        return new Draft.Step(
                version,
                word + "_drop",
                List.of(
                        "phase: contract",
                        "Nothing reads or writes the old column any more: it goes, and the trigger with it."),
                List.of(parts.trigger().drop(), IGNORE_DROP + alter("DROP COLUMN " + old)),
                undo);
    }
}
