package avdaily.generate.dataset;

import avdaily.generate.CounterRandom;
import java.util.List;

/**
 * Persons who are made together, with their savings plans and the ajo groups that they share. No other person touches
 * their money, so a cohort can be made alone, and more than once. The constructor makes people, groups and what is due;
 * {@link #simulate} adds every movement of money.
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
    private final CounterRandom random;
    private final HistoryWindow window;

    Cohort(CounterRandom random, HistoryWindow window, long number, long users) {
        this.random = random;
        this.window = window;
        PopulationFactory factory = new PopulationFactory(random, window);
        long from = number * SIZE;
        people = new Person[(int) Math.min(SIZE, users - from)];
        for (int i = 0; i < people.length; i++) people[i] = factory.person(from + i);
        groups = factory.groups(people, number * MOST_GROUPS);
    }

    /** Adds all movements of money, by person and in the order of time. */
    Cohort simulate() {
        for (Person person : people) new PersonSimulation(random, window, person).run();
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
