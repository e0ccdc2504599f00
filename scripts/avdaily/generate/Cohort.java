package avdaily.generate;

import java.util.List;

/**
 * Some people who live side by side, their savings plans and the ajo groups that they share. Nobody beyond it touches
 * their money, so a neighbourhood can be made by itself, again and again: first the people and groups with what is due
 * and when, then, with {@link #live}, every movement of money.
 */
final class Cohort {
    static final int SIZE = 64;
    static final int MOST_GROUPS = 16;

    interface Turn {
        /** {@code due} is null for what is not paid yet. */
        void of(AjoGroup group, int round, int position, AjoGroup.Due due);
    }

    final Person[] people;
    final List<AjoGroup> groups;
    private final CounterRandom mix;
    private final HistoryWindow window;

    Cohort(CounterRandom mix, HistoryWindow window, long number, long users) {
        this.mix = mix;
        this.window = window;
        PopulationFactory founding = new PopulationFactory(mix, window);
        long from = number * SIZE;
        people = new Person[(int) Math.min(SIZE, users - from)];
        for (int i = 0; i < people.length; i++) people[i] = founding.person(from + i);
        groups = founding.groups(people, number * MOST_GROUPS);
    }

    /** Every movement of money of everybody, in the order of time. */
    Cohort live() {
        for (Person p : people) new PersonSimulation(mix, window, p).run();
        return this;
    }

    void eachContribution(Turn turn) {
        for (AjoGroup group : groups)
            for (int round = 1; round <= group.rounds(); round++)
                for (int position = 0; position < group.size; position++)
                    turn.of(group, round, position, due(group, round, position, false));
    }

    void eachPot(Turn turn) {
        for (AjoGroup group : groups)
            for (int round = 1; round <= group.paidOut; round++)
                turn.of(group, round, round - 1, due(group, round, round - 1, true));
    }

    private static AjoGroup.Due due(AjoGroup group, int round, int position, boolean isPot) {
        for (AjoGroup.Due due : group.members[position].dues)
            if (due.group() == group && due.round() == round && due.isPot() == isPot) return due;
        return null;
    }
}
