package avdaily.migrate;

import avdaily.schema.Schema;
import java.util.List;
import java.util.stream.Stream;

/**
 * A column that gets another type, and all that reads it or names it. Names are as SQL wants them.
 *
 * @param tables the table and its partitions
 * @param schema of the table
 * @param name the column
 * @param fresh the column of the new type, before both exchange their names
 * @param old the column of the old type, after that
 * @param check has the new column be NOT NULL before it is
 * @param using how a new value is made of an old one; null for a cast
 * @param back the other way round
 * @param key the columns along which the table is walked through
 * @param dependents what reads the column and goes before the exchange
 * @param others what makes those of them again that are no constraints
 * @param isAssigned whether values of the old type become values of the new one without a cast
 */
record TypeChangeParts(
        ChangedColumn column,
        List<String> tables,
        String schema,
        String name,
        String fresh,
        String old,
        String check,
        SyncTrigger trigger,
        String using,
        String back,
        List<String> key,
        List<Index> indexes,
        List<Dependent> dependents,
        List<Schema.Item> others,
        boolean isAssigned,
        String newCollation) {
    /**
     * An index, and the one that takes its place. Names are without their schema.
     *
     * @param fresh the name of the new one until then
     * @param old the name of the old one after that
     */
    record Index(TypeChangeIndex is, String fresh, String name, String old) {}

    /**
     * What names the column.
     *
     * @param drop null if it cannot go
     * @param relation of a constraint, its table; else null
     * @param mayBeInvalid whether a constraint can come back without reading rows
     */
    record Dependent(
            String what, String drop, String relation, String constraint, String definition, boolean mayBeInvalid) {
        boolean isConstraint() {
            return constraint != null;
        }

        private String alter(String what) {
            return "ALTER TABLE " + relation + " " + what + ";";
        }

        private String add() {
            return alter("ADD CONSTRAINT " + constraint + " " + definition);
        }

        private String addInvalid() {
            return mayBeInvalid ? alter("ADD CONSTRAINT " + constraint + " " + definition + " NOT VALID") : add();
        }

        private String validate() {
            return alter("VALIDATE CONSTRAINT " + constraint);
        }
    }

    String inSchema(String relation) {
        return schema + "." + relation;
    }

    /** Has out of the way what reads the column, what hangs on others first. */
    List<String> drops() {
        return dependents.stream().map(Dependent::drop).toList();
    }

    /** Makes it again without reading rows, the last that went first. */
    List<String> madeAgain() {
        return made(constraints().map(Dependent::addInvalid));
    }

    /** Makes it again as it was. */
    List<String> madeAsBefore() {
        return made(constraints().map(Dependent::add));
    }

    private List<String> made(Stream<String> constraints) {
        return Stream.concat(constraints, others.stream().map(Schema.Item::ddl)).toList();
    }

    private Stream<Dependent> constraints() {
        return dependents.stream().filter(Dependent::isConstraint);
    }

    List<String> validations() {
        return constraints()
                .filter(Dependent::mayBeInvalid)
                .map(Dependent::validate)
                .toList();
    }

    List<String> unvalidations() {
        return constraints()
                .filter(Dependent::mayBeInvalid)
                .flatMap(one -> Stream.of(one.drop, one.addInvalid()))
                .toList();
    }

    List<String> remarks() {
        return isAssigned
                ? List.of()
                : List.of("Programs that hand over values as " + column.type() + " need a cast from here on.");
    }

    /** The default of the new column. */
    String newDefault() {
        return isAssigned ? column.standard() : "CAST(" + column.standard() + " AS " + column.newType() + ")";
    }
}
