package avdaily.migrate;

import avdaily.sql.Sql;

/**
 * The trigger that keeps two columns alike, whichever of them somebody writes: programs before and after a change of
 * type work at the same time. If both are written, that of the column with its own name counts.
 *
 * @param table as SQL names it
 * @param function its function, as SQL names it
 * @param name its own name, as SQL has it
 */
record SyncTrigger(String table, String function, String name) {
    /**
     * A column, and how its value is made of that of the other one.
     *
     * @param name as SQL has it
     * @param type as SQL names it
     * @param using how it is made of the other's value, which {@code other} names; null for a cast
     * @param other the name that the other column has in {@code using}
     */
    record Side(String name, String type, String using, String other) {
        /** This column's value, made of that of the other. */
        String of(String value) {
            String made =
                    using == null ? value : "(SELECT (" + using + ") FROM (SELECT " + value + ") r (" + other + "))";
            return "CAST(" + made + " AS " + type + ")";
        }
    }

    /** What becomes of a value that has no place in the other column's type. */
    enum Misfit {
        /** Whoever writes it gets an error. */
        FAILS,
        /** The other column has none. */
        NULL
    }

    /**
     * The statement that makes the function, or makes it anew.
     *
     * @param main the column with its own name
     * @param beside the other one
     */
    String functionFor(Side main, Side beside, Misfit misfit) {
        String mine = "NEW." + main.name;
        String other = "NEW." + beside.name;
        // of both directions, the one that fails for none of the values that are there
        String differs = misfit == Misfit.FAILS ? differ(other, beside.of(mine)) : differ(mine, main.of(other));
        String text =
                """

                BEGIN
                    IF TG_OP = 'INSERT' AND %2$s IS NOT NULL THEN
                        IF %3$s THEN
                            %1$s := %4$s;
                        END IF;
                    ELSIF TG_OP = 'INSERT' OR %5$s
                          OR %2$s IS NULL AND OLD.%6$s IS NULL THEN
                %7$s
                    ELSIF %8$s
                          AND %3$s THEN
                        %1$s := %4$s;
                    END IF;
                    RETURN NEW;
                END
                """
                        .formatted(
                                mine,
                                other,
                                differs,
                                main.of(other),
                                differ(mine, "OLD." + main.name),
                                beside.name,
                                taken(other, beside.of(mine), misfit),
                                differ(other, "OLD." + beside.name));
        return "CREATE OR REPLACE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS " + quoted(text)
                + ";";
    }

    /** Compares bytes: not every type can be compared otherwise, and to some what differs is equal. */
    private static String differ(String one, String other) {
        return "pg_catalog.record_image_ne(ROW(" + one + "), ROW(" + other + "))";
    }

    private static String taken(String name, String value, Misfit misfit) {
        String taken = "    " + name + " := " + value + ";";
        if (misfit == Misfit.FAILS) return "    " + taken;
        return """
                            BEGIN
                            %s
                            EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                                %s := NULL;
                            END;"""
                .formatted(taken, name)
                .indent(8)
                .stripTrailing();
    }

    /** In dollars whose tag the text does not hold. */
    private static String quoted(String text) {
        String tag = "$sync$";
        for (int i = 2; text.contains(tag); i++) tag = "$sync" + i + "$";
        return tag + text + tag;
    }

    String create() {
        return "CREATE TRIGGER " + name + " BEFORE INSERT OR UPDATE ON " + table
                + "\n    FOR EACH ROW EXECUTE FUNCTION " + function + "();";
    }

    String drop() {
        return "DROP TRIGGER " + name + " ON " + table + ";\n\nDROP FUNCTION " + function + "();";
    }
}
