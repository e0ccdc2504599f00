package avdaily.generate;

import java.util.Comparator;
import java.util.Locale;

/**
 * How a person lives: every movement of their money, day by day, with the balances, totals and streaks that follow.
 * Nothing is drawn from a sequence, so the same person always lives the same life.
 */
final class PersonSimulation {
    private static final long DAY = CounterRandom.stream("transactions.day");

    private final CounterRandom mix;
    private final HistoryWindow window;
    private final Person p;
    private final AjoGroup.Due[] dues;
    private int next;
    private int day;
    /** The second until which the day has come: what follows is later. */
    private int clock;

    private long outToday;
    private int penalised = -1;

    PersonSimulation(CounterRandom mix, HistoryWindow window, Person p) {
        this.mix = mix;
        this.window = window;
        this.p = p;
        this.dues = p.dues.stream()
                .sorted(Comparator.comparingInt(AjoGroup.Due::day).thenComparingInt(AjoGroup.Due::second))
                .toArray(AjoGroup.Due[]::new);
    }

    void run() {
        for (SavingsPlan plan : p.plans) {
            plan.touched = plan.start;
            plan.touchedSecond = 5 * 3600;
        }
        int last = Math.min(p.left, window.days - 1);
        for (day = p.joined + 1; day <= last; day++) {
            clock = 6 * 3600;
            outToday = 0;
            if (day < p.left) ordinaryDay();
            else takeOut(p.balance);
        }
    }

    private void ordinaryDay() {
        int firstDue = next;
        while (next < dues.length && dues[next].day() == day) next++;
        long need = 0;
        for (int i = firstDue; i < next; i++)
            if (!dues[i].isPot() && dues[i].source() == MoneyMovement.Source.WALLET) need += dues[i].amount();
        long[] payments = new long[p.plans.length];
        for (SavingsPlan plan : p.plans) {
            payments[plan.place] = payment(plan);
            if (plan.source == MoneyMovement.Source.WALLET && payments[plan.place] > 0) need += payments[plan.place];
        }
        if (need > p.balance) deposit(need - p.balance);
        clock = 8 * 3600;
        for (SavingsPlan plan : p.plans) if (payments[plan.place] != 0) contribute(plan, payments[plan.place]);
        for (int i = firstDue; i < next; i++) if (!dues[i].isPot()) payGroup(dues[i]);
        clock = 16 * 3600;
        for (SavingsPlan plan : p.plans) changes(plan);
        for (int i = firstDue; i < next; i++) if (dues[i].isPot()) takePot(dues[i]);
        clock = Math.max(clock, 19 * 3600);
        cashOut();
        if (window.isMonthsLast(day) && p.tier > 0 && p.balance > 5_000_00) earn(p.balance / 400);
    }

    /**
     * What goes into the plan today: nothing, a day's amount, or more where days were missed; less than nothing where
     * the payment fails.
     */
    private long payment(SavingsPlan plan) {
        if (plan.fate != SavingsPlan.Fate.ACTIVE || day < plan.start || day >= plan.end) return 0;
        if (day == plan.fateDay && plan.planned != SavingsPlan.Fate.COMPLETED) return 0;
        long open = plan.target() - plan.current;
        if (day == plan.end - 1) return open;
        long row = MoneyMovement.row(p, day, MoneyMovement.PAY_PLAN + plan.place);
        double will = p.diligence
                * (window.isSunday(day) ? 0.9 : 1)
                * (window.isMarketDay(day, p.market) ? 1.12 : 0.97)
                * (window.isSalaryWeek(day) ? 1.08 : 1);
        if (mix.unit(DAY, row) >= will) {
            plan.missed++;
            return 0;
        }
        if (plan.source != MoneyMovement.Source.WALLET && mix.below(1000, DAY + 1, row) < 28) return -plan.daily;
        boolean catchesUp = plan.missed > 0 && (window.isSalaryWeek(day) || mix.below(100, DAY + 2, row) < 12);
        return Math.min(open, plan.daily * (catchesUp ? 1 + plan.missed : 1));
    }

    private void contribute(SavingsPlan plan, long amount) {
        long row = MoneyMovement.row(p, day, MoneyMovement.PAY_PLAN + plan.place);
        int at = clock + 60 + mix.below(40 * 60, DAY + 3, row);
        String description = "Daily saving for " + plan.name;
        if (amount < 0) {
            plan.missed++;
            fail(
                            MoneyMovement.MISS_PLAN + plan.place,
                            at,
                            MoneyMovement.Type.CONTRIBUTION,
                            plan.source,
                            -amount,
                            description)
                    .plan = plan;
            return;
        }
        MoneyMovement entry = move(
                MoneyMovement.PAY_PLAN + plan.place,
                at,
                MoneyMovement.Type.CONTRIBUTION,
                plan.source,
                amount,
                description);
        entry.plan = plan;
        if (amount > plan.daily) plan.missed = 0;
        plan.current += amount;
        plan.contributions++;
        plan.streak = plan.last == day - 1 ? plan.streak + 1 : 1;
        plan.last = day;
        plan.lastSecond = entry.settled();
        if (plan.streak == 30 && plan.thirty < 0) plan.thirty = day;
        touch(plan, entry.settled());
        saved(amount);
        if (plan.current == plan.target()) plan.fate = SavingsPlan.Fate.COMPLETED;
    }

    private void payGroup(AjoGroup.Due due) {
        MoneyMovement entry = move(
                MoneyMovement.PAY_GROUP + due.place(),
                due.second(),
                MoneyMovement.Type.CONTRIBUTION,
                due.source(),
                due.amount(),
                due.group().name + " round " + due.round());
        entry.due = due;
        saved(due.amount());
    }

    private void takePot(AjoGroup.Due due) {
        move(
                        MoneyMovement.GET_POT + due.place(),
                        due.second(),
                        MoneyMovement.Type.DEPOSIT,
                        MoneyMovement.Source.WALLET,
                        due.amount(),
                        due.group().name + " payout of round " + due.round())
                .due = due;
    }

    private void saved(long amount) {
        p.saved += amount;
        p.contributions++;
        if (p.lastContribution != day) p.streak = p.lastContribution == day - 1 ? p.streak + 1 : 1;
        p.lastContribution = day;
        p.longest = Math.max(p.longest, p.streak);
    }

    /** Pauses and cancellations, and now and then a withdrawal. */
    private void changes(SavingsPlan plan) {
        if (plan.fate != SavingsPlan.Fate.ACTIVE || day < plan.start) return;
        long row = MoneyMovement.row(p, day, MoneyMovement.LEAVE_PLAN + plan.place);
        if (day == plan.fateDay && plan.planned == SavingsPlan.Fate.PAUSED) {
            plan.fate = SavingsPlan.Fate.PAUSED;
            touch(plan, 17 * 3600);
        } else if (day >= plan.fateDay && plan.planned != SavingsPlan.Fate.COMPLETED) {
            cancel(plan);
        } else if (plan.current > 12 * plan.daily && day < plan.end - 1 && mix.below(1000, DAY + 4, row) < 2) {
            withdraw(plan, plan.current / plan.daily * 3 / 10 * plan.daily, "Withdrawal to wallet for a repair");
        }
    }

    private void cancel(SavingsPlan plan) {
        plan.fate = SavingsPlan.Fate.CANCELLED;
        if (plan.current == 0) touch(plan, clock + 600);
        else withdraw(plan, plan.current, "Withdrawal to wallet after cancelling the plan");
        if (p.balance <= 300_00 || penalised == day) return;
        penalised = day;
        move(
                MoneyMovement.PENALTY,
                clock + 60,
                MoneyMovement.Type.PENALTY,
                MoneyMovement.Source.WALLET,
                300_00,
                "Fee for cancelling a plan early");
    }

    private void withdraw(SavingsPlan plan, long amount, String why) {
        if (amount == 0) return;
        MoneyMovement entry = move(
                MoneyMovement.LEAVE_PLAN + plan.place,
                clock + 60,
                MoneyMovement.Type.WITHDRAWAL,
                MoneyMovement.Source.WALLET,
                amount,
                why);
        entry.plan = plan;
        plan.current -= amount;
        p.withdrawn += amount;
        outToday += amount;
        touch(plan, entry.settled());
    }

    private void touch(SavingsPlan plan, int second) {
        plan.touched = day;
        plan.touchedSecond = second;
    }

    /** At least what is missing; more in the week of salaries. */
    private void deposit(long missing) {
        long row = MoneyMovement.row(p, day, MoneyMovement.DEPOSIT);
        long usual = (p.tier == 0 ? 1_000_00L : 4_000_00L) * (1 + p.wealth) * (window.isSalaryWeek(day) ? 2 : 1);
        long wish = (long) (usual * (0.5 + mix.unit(DAY + 5, row)));
        long amount = (missing + wish + 499_99) / 500_00 * 500_00;
        MoneyMovement.Source source =
                MoneyMovement.Source.values()[1 + mix.weighted(new int[] {56, 41, 3}, DAY + 6, row)];
        String description = "Wallet top-up by "
                + (source == MoneyMovement.Source.BANK
                        ? "bank transfer"
                        : source.name().toLowerCase(Locale.ROOT));
        int draw = mix.below(100, DAY + 7, row);
        if (draw < 4) {
            MoneyMovement entry =
                    fail(MoneyMovement.BAD_DEPOSIT, clock, MoneyMovement.Type.DEPOSIT, source, amount, description);
            if (draw == 3) entry.cancel();
        }
        move(
                MoneyMovement.DEPOSIT,
                clock + 300 + mix.below(1800, DAY + 8, row),
                MoneyMovement.Type.DEPOSIT,
                source,
                amount,
                description);
    }

    private void earn(long amount) {
        p.interest += amount;
        move(
                MoneyMovement.INTEREST,
                20 * 3600 + 2700,
                MoneyMovement.Type.INTEREST,
                MoneyMovement.Source.WALLET,
                amount,
                "Wallet interest of the month");
    }

    private void cashOut() {
        long row = MoneyMovement.row(p, day, MoneyMovement.CASH_OUT);
        int draw = mix.below(1000, DAY + 9, row);
        if (draw >= 990 && draw < 992) {
            if (p.balance >= 2_000_00)
                fail(
                        MoneyMovement.BAD_CASH_OUT,
                        clock,
                        MoneyMovement.Type.WITHDRAWAL,
                        MoneyMovement.Source.BANK,
                        2_000_00,
                        "Withdrawal to bank account");
        } else if (draw >= 997 && p.plans.length > 0 && p.balance > 0) {
            move(
                    MoneyMovement.REFUND,
                    clock,
                    MoneyMovement.Type.REFUND,
                    MoneyMovement.Source.WALLET,
                    p.plans[0].daily,
                    "Refund of a card payment charged twice");
        } else if (p.balance > p.comfortable() || draw < 25 && p.balance > 15_000_00) {
            takeOut((p.balance > p.comfortable() ? p.balance - p.comfortable() / 4 : p.balance / 2) / 500_00 * 500_00);
        }
    }

    private void takeOut(long wish) {
        long amount = Math.min(wish, p.daily() - outToday);
        if (amount <= 0) return;
        clock = Math.max(clock, 19 * 3600);
        p.withdrawn += amount;
        int second = clock + mix.below(3000, DAY + 10, MoneyMovement.row(p, day, MoneyMovement.CASH_OUT));
        move(
                MoneyMovement.CASH_OUT,
                second,
                MoneyMovement.Type.WITHDRAWAL,
                MoneyMovement.Source.BANK,
                amount,
                "Withdrawal to bank account");
    }

    /** Money that moves; the wallet's balance moves with it. */
    private MoneyMovement move(
            int slot,
            int second,
            MoneyMovement.Type type,
            MoneyMovement.Source source,
            long amount,
            String description) {
        p.balance += switch (type) {
            case DEPOSIT, REFUND, INTEREST -> amount;
            case PENALTY -> -amount;
            case CONTRIBUTION -> source == MoneyMovement.Source.WALLET ? -amount : 0;
            case WITHDRAWAL ->
                source == MoneyMovement.Source.WALLET
                        ? amount
                        : -amount; // out of a plan into the wallet, or out of the wallet to the bank
        };
        return enter(slot, second, type, MoneyMovement.Status.COMPLETED, source, amount, description);
    }

    /** Money that would have moved. */
    private MoneyMovement fail(
            int slot,
            int second,
            MoneyMovement.Type type,
            MoneyMovement.Source source,
            long amount,
            String description) {
        MoneyMovement entry = enter(slot, second, type, MoneyMovement.Status.FAILED, source, amount, description);
        entry.failure =
                source == MoneyMovement.Source.CARD ? "Card declined by the issuer" : "The bank was not reachable";
        return entry;
    }

    private MoneyMovement enter(
            int slot,
            int second,
            MoneyMovement.Type type,
            MoneyMovement.Status status,
            MoneyMovement.Source source,
            long amount,
            String description) {
        MoneyMovement entry = new MoneyMovement();
        entry.day = day;
        entry.slot = slot;
        entry.second = second;
        entry.type = type;
        entry.status = status;
        entry.source = source;
        entry.amount = amount;
        entry.description = description;
        p.movements.add(entry);
        clock = Math.max(clock, entry.settled());
        if (status == MoneyMovement.Status.COMPLETED) {
            p.lastMovement = day;
            p.lastMovementSecond = entry.settled();
        }
        return entry;
    }
}
