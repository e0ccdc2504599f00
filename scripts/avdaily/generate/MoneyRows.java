package avdaily.generate;

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

    MoneyRows(CounterRandom mix, HistoryWindow window) {
        super(mix, window);
        this.days = new long[window.days][COUNTS];
    }

    void wallets(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            id(rows.row(7), WALLET, p.row);
            id(rows, USER, p.row)
                    .numeric(p.balance, 2)
                    .text(NAIRA)
                    .bool(p.isActive(window))
                    .timestamp(joined(p))
                    .timestamp(p.lastMovement < 0 ? joined(p) : window.second(p.lastMovement, p.lastMovementSecond));
        }
    }

    void plans(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people)
            for (SavingsPlan plan : p.plans) {
                boolean isAutomatic =
                        plan.source == MoneyMovement.Source.WALLET && mix.below(2, PLAN + 1, plan.row) == 0;
                id(rows.row(18), PLAN, plan.row);
                id(rows, USER, p.row)
                        .text(plan.name)
                        .numeric(plan.daily, 2)
                        .int4(plan.cycle)
                        .numeric(plan.target(), 2)
                        .numeric(plan.current, 2)
                        .bool(isAutomatic)
                        .time((7 + mix.below(3, PLAN + 2, plan.row)) * 3600)
                        .text(word(plan.fate))
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

    void transactions(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people)
            for (MoneyMovement movement : p.movements) {
                long row = MoneyMovement.row(p, movement.day, movement.slot);
                long settled = window.second(movement.day, movement.settled());
                id(rows.row(15), TRANSACTION, row);
                id(rows, USER, p.row);
                if (movement.plan == null) rows.none();
                else id(rows, PLAN, movement.plan.row);
                rows.numeric(movement.amount, 2)
                        .text(NAIRA)
                        .text(word(movement.type))
                        .text(word(movement.status))
                        .text("TXN-GEN-" + padded(mix.shuffled(30, REFERENCE, row), 19))
                        .text(movement.description)
                        .timestamp(window.second(movement.day, movement.second));
                when(rows, movement.status == MoneyMovement.Status.COMPLETED, settled)
                        .timestamp(settled)
                        .text(word(movement.source));
                when(rows, movement.status == MoneyMovement.Status.FAILED, settled);
                if (movement.failure == null) rows.none();
                else rows.text(movement.failure);
            }
        count(n);
    }

    void analytics(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            int completed = 0;
            int active = 0;
            for (SavingsPlan plan : p.plans) {
                if (plan.fate == SavingsPlan.Fate.COMPLETED) completed++;
                if (plan.fate == SavingsPlan.Fate.ACTIVE) active++;
            }
            id(rows.row(14), ANALYTICS, p.row);
            id(rows, USER, p.row)
                    .numeric(p.saved, 2)
                    .numeric(p.withdrawn, 2)
                    .int4(p.streak)
                    .int4(p.longest)
                    .int4(p.contributions)
                    .int4(completed)
                    .int4(active)
                    .numeric(p.interest, 2)
                    .text(NAIRA);
            if (p.lastContribution < 0) rows.none();
            else rows.date(window.epochDay(p.lastContribution));
            rows.timestamp(joined(p))
                    .timestamp(p.lastMovement < 0 ? joined(p) : window.second(p.lastMovement, p.lastMovementSecond));
        }
    }

    /** Adds a neighbourhood to the days; sums do not depend on the order. */
    private void count(Cohort n) {
        long[][] own = new long[window.days][COUNTS];
        for (Person p : n.people) {
            own[p.joined][NEW_USERS]++;
            int seen = -1;
            for (MoneyMovement movement : p.movements) {
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
            for (SavingsPlan plan : p.plans) {
                own[plan.start][PLANS]++;
                own[plan.start][ACTIVE_PLANS]++;
                if (plan.fate != SavingsPlan.Fate.ACTIVE) own[plan.touched][ACTIVE_PLANS]--;
            }
        }
        for (AjoGroup g : n.groups) {
            if (!g.recruits()) own[g.start][ACTIVE_GROUPS]++;
            if (g.isComplete()) own[g.due[g.size]][ACTIVE_GROUPS]--;
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
