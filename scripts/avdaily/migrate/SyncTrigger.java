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
            String made = using == null ? value : "(SELECT (" + using + ") FROM (SELECT " + value + ") r (" + other + "))";
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
        String m = "NEW." + main.name;
        String b = "NEW." + beside.name;
        String oldB = "OLD." + beside.name;
        String differs = "ROW(%s) OPERATOR(pg_catalog.*<>) ROW(%s)";
        String toBeside = b + " := " + beside.of(m) + ";";
        if (misfit == Misfit.NULL)
            toBeside = """
                    BEGIN
                            %s
                        EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                            %s := NULL;
                        END;"""
                    .formatted(toBeside, b);
        String written = differs.formatted(b, beside.of(m));
        if (misfit == Misfit.NULL) written = differs.formatted(m, main.of(b));
        String text = """

                BEGIN
                    IF TG_OP = 'INSERT' AND %2$s IS NOT NULL THEN
                        IF %5$s THEN %1$s := %6$s; END IF;
                    ELSIF TG_OP = 'INSERT' OR %3$s OR %2$s IS NULL AND %4$s IS NULL THEN
                        %7$s
                    ELSIF %8$s AND %5$s THEN
                        %1$s := %6$s;
                    END IF;
                    RETURN NEW;
                END
                """
                .formatted(
                        m,
                        b,
                        differs.formatted(m, "OLD." + main.name),
                        oldB,
                        written,
                        main.of(b),
                        toBeside,
                        differs.formatted(b, oldB));
        return "CREATE OR REPLACE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS " + quoted(text) + ";";
    }

    /** In dollars whose tag the text does not hold. */
    private static String quoted(String text) {
        String tag = "$sync$";
        for (int i = 2; text.contains(tag); i++) tag = "$sync" + i + "$";
        return tag + text + tag;
    }

    String create() {
        return "CREATE TRIGGER " + name + " BEFORE INSERT OR UPDATE ON " + table + " FOR EACH ROW EXECUTE FUNCTION "
                + function + "();";
    }

    String drop() {
        return "DROP TRIGGER " + name + " ON " + table + ";\n\nDROP FUNCTION " + function + "();";
    }
}
