package avdaily.generate.dataset;

import avdaily.generate.BinaryCopyBuffer;
import avdaily.generate.CounterRandom;

/** Wallets, plans and transactions, and what they add up to: by person, and by day. */
final class MoneyRows extends RowWriter {
    /** What a day adds up to; the transactions' pass counts it and daily_analytics writes it. */
    private static final int NEW_USERS = 0,
            ACTIVE_USERS = 1,
            PLANS = 2,
            ACTIVE_PLANS = 3,
            CONTRIBUTIONS = 4,
            CONTRIBUTED = 5,
            WITHDRAWALS = 6,
            WITHDRAWN = 7,
            ACTIVE_GROUPS = 8,
            COUNTS = 9;

    private static final long WALLET = CounterRandom.stream("wallets.id"),
            REFERENCE = CounterRandom.stream("transactions.reference"),
            ANALYTICS = CounterRandom.stream("user_analytics.id"),
            DAY = CounterRandom.stream("daily_analytics.id");

    private final long[][] days;

    MoneyRows(CounterRandom random, HistoryWindow window) {
        super(random, window);
        this.days = new long[window.days][COUNTS];
    }

    void wallets(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            id(rows.row(7), WALLET, person.row);
            id(rows, USER, person.row)
                    .numeric(person.balance, 2)
                    .text(NAIRA)
                    .bool(person.isActive(window))
                    .timestamp(joined(person))
                    .timestamp(
                            person.lastMovement < 0
                                    ? joined(person)
                                    : window.second(person.lastMovement, person.lastMovementSecond));
        }
    }

    void plans(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people)
            for (SavingsPlan plan : person.plans) {
                boolean isAutomatic =
                        plan.source == MoneyMovement.Source.WALLET && random.below(2, PLAN + 1, plan.row) == 0;
                id(rows.row(18), PLAN, plan.row);
                id(rows, USER, person.row)
                        .text(plan.name)
                        .numeric(plan.daily, 2)
                        .int4(plan.cycle)
                        .numeric(plan.target(), 2)
                        .numeric(plan.current, 2)
                        .bool(isAutomatic)
                        .time((7 + random.below(3, PLAN + 2, plan.row)) * 3600)
                        .text(plan.fate.word)
                        .date(window.epochDay(plan.start))
                        .date(window.epochDay(plan.end))
                        .int4(plan.streak)
                        .int4(plan.contributions)
                        .text(NAIRA)
                        .timestamp(window.second(plan.start, 5 * 3600))
                        .timestamp(window.second(plan.touched, plan.touchedSecond))
                        .int4(1 + plan.contributions);
            }
    }

    void transactions(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people)
            for (MoneyMovement movement : person.movements) {
                long row = MoneyMovement.row(person, movement.day, movement.slot);
                long settled = window.second(movement.day, movement.settled());
                id(rows.row(15), TRANSACTION, row);
                id(rows, USER, person.row);
                if (movement.plan == null) rows.none();
                else id(rows, PLAN, movement.plan.row);
                rows.numeric(movement.amount, 2)
                        .text(NAIRA)
                        .text(movement.type.word)
                        .text(movement.status.word)
                        .text("TXN-GEN-" + padded(random.shuffled(30, REFERENCE, row), 19))
                        .text(movement.description)
                        .timestamp(window.second(movement.day, movement.second));
                when(rows, movement.status == MoneyMovement.Status.COMPLETED, settled)
                        .timestamp(settled)
                        .text(movement.source.word);
                when(rows, movement.status == MoneyMovement.Status.FAILED, settled);
                if (movement.failure == null) rows.none();
                else rows.text(movement.failure);
            }
        count(cohort);
    }

    void analytics(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            int completed = 0;
            int active = 0;
            for (SavingsPlan plan : person.plans) {
                if (plan.fate == SavingsPlan.Fate.COMPLETED) completed++;
                if (plan.fate == SavingsPlan.Fate.ACTIVE) active++;
            }
            id(rows.row(14), ANALYTICS, person.row);
            id(rows, USER, person.row)
                    .numeric(person.saved, 2)
                    .numeric(person.withdrawn, 2)
                    .int4(person.streak)
                    .int4(person.longest)
                    .int4(person.contributions)
                    .int4(completed)
                    .int4(active)
                    .numeric(person.interest, 2)
                    .text(NAIRA);
            if (person.lastContribution < 0) rows.none();
            else rows.date(window.epochDay(person.lastContribution));
            rows.timestamp(joined(person))
                    .timestamp(
                            person.lastMovement < 0
                                    ? joined(person)
                                    : window.second(person.lastMovement, person.lastMovementSecond));
        }
    }

    /** Adds a cohort to the sums of days, which do not depend on the order of cohorts. */
    private void count(Cohort cohort) {
        long[][] own = new long[window.days][COUNTS];
        for (Person person : cohort.people) {
            own[person.joined][NEW_USERS]++;
            int seen = -1;
            for (MoneyMovement movement : person.movements) {
                if (movement.status != MoneyMovement.Status.COMPLETED) continue;
                long[] day = own[movement.day];
                if (movement.day != seen) day[ACTIVE_USERS]++;
                seen = movement.day;
                if (movement.type == MoneyMovement.Type.CONTRIBUTION) {
                    day[CONTRIBUTIONS]++;
                    day[CONTRIBUTED] += movement.amount;
                } else if (movement.type == MoneyMovement.Type.WITHDRAWAL) {
                    day[WITHDRAWALS]++;
                    day[WITHDRAWN] += movement.amount;
                }
            }
            for (SavingsPlan plan : person.plans) {
                own[plan.start][PLANS]++;
                own[plan.start][ACTIVE_PLANS]++;
                if (plan.fate != SavingsPlan.Fate.ACTIVE) own[plan.touched][ACTIVE_PLANS]--;
            }
        }
        for (AjoGroup group : cohort.groups) {
            if (!group.recruits()) own[group.start][ACTIVE_GROUPS]++;
            if (group.isComplete()) own[group.due[group.size]][ACTIVE_GROUPS]--;
        }
        synchronized (days) {
            for (int i = 0; i < days.length; i++) for (int k = 0; k < COUNTS; k++) days[i][k] += own[i][k];
        }
    }

    void daily(BinaryCopyBuffer rows) {
        long[] until = new long[COUNTS];
        for (int i = 0; i < window.days; i++) {
            long[] day = days[i];
            for (int k : new int[] {NEW_USERS, PLANS, ACTIVE_PLANS, ACTIVE_GROUPS}) until[k] += day[k];
            id(rows.row(14), DAY, i)
                    .date(window.epochDay(i))
                    .int4((int) until[NEW_USERS])
                    .int4((int) day[ACTIVE_USERS])
                    .int4((int) day[NEW_USERS])
                    .int4((int) until[PLANS])
                    .int4((int) until[ACTIVE_PLANS])
                    .int4((int) day[CONTRIBUTIONS])
                    .numeric(day[CONTRIBUTED], 2)
                    .int4((int) day[WITHDRAWALS])
                    .numeric(day[WITHDRAWN], 2)
                    .int4((int) until[ACTIVE_GROUPS])
                    .text(NAIRA)
                    .timestamp(window.second(i, 23 * 3600 + 1800));
        }
    }
}
