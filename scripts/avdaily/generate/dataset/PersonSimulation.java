package avdaily.generate.dataset;

import avdaily.generate.CounterRandom;
import java.util.Comparator;

/**
 * Simulates a person's money day by day: every movement, and the balances, totals and streaks that follow. Each value
 * is a function of seed, person and day, so the same person always gets the same movements.
 *
 * <p>The steps of a day:
 *
 * <ol>
 *   <li>a deposit, if the wallet has less than plans and groups need
 *   <li>payments into plans and groups
 *   <li>pauses, cancellations and withdrawals of plans
 *   <li>pots of groups
 *   <li>a withdrawal to the bank, and the month's interest
 * </ol>
 */
final class PersonSimulation {
    private static final long DAY = CounterRandom.stream("transactions.day");

    private final CounterRandom random;
    private final HistoryWindow window;
    private final Person person;
    private final AjoGroup.Due[] dues;
    private int next;
    private int day;
    /** The second of the day up to which the simulation has come. Later movements come after it. */
    private int clock;

    private long outToday;
    private int penalised = -1;

    PersonSimulation(CounterRandom random, HistoryWindow window, Person person) {
        this.random = random;
        this.window = window;
        this.person = person;
        this.dues = person.dues.stream()
                .sorted(Comparator.comparingInt(AjoGroup.Due::day).thenComparingInt(AjoGroup.Due::second))
                .toArray(AjoGroup.Due[]::new);
    }

    void run() {
        for (SavingsPlan plan : person.plans) {
            plan.touched = plan.start;
            plan.touchedSecond = 5 * 3600;
        }
        int last = Math.min(person.left, window.days - 1);
        for (day = person.joined + 1; day <= last; day++) {
            clock = 6 * 3600;
            outToday = 0;
            if (day < person.left) ordinaryDay();
            else takeOut(person.balance);
        }
    }

    private void ordinaryDay() {
        int firstDue = next;
        while (next < dues.length && dues[next].day() == day) next++;
        long need = 0;
        for (int i = firstDue; i < next; i++)
            if (!dues[i].isPot() && dues[i].source() == MoneyMovement.Source.WALLET) need += dues[i].amount();
        long[] payments = new long[person.plans.length];
        for (SavingsPlan plan : person.plans) {
            payments[plan.place] = payment(plan);
            if (plan.source == MoneyMovement.Source.WALLET && payments[plan.place] > 0) need += payments[plan.place];
        }
        if (need > person.balance) deposit(need - person.balance);
        clock = 8 * 3600;
        for (SavingsPlan plan : person.plans) if (payments[plan.place] != 0) contribute(plan, payments[plan.place]);
        for (int i = firstDue; i < next; i++) if (!dues[i].isPot()) payGroup(dues[i]);
        clock = 16 * 3600;
        for (SavingsPlan plan : person.plans) changes(plan);
        for (int i = firstDue; i < next; i++) if (dues[i].isPot()) takePot(dues[i]);
        clock = Math.max(clock, 19 * 3600);
        cashOut();
        if (window.isMonthsLast(day) && person.tier > 0 && person.balance > 5_000_00) earn(person.balance / 400);
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
        long row = MoneyMovement.row(person, day, MoneyMovement.PAY_PLAN + plan.place);
        double will = person.diligence
                * (window.isSunday(day) ? 0.9 : 1)
                * (window.isMarketDay(day, person.market) ? 1.12 : 0.97)
                * (window.isSalaryWeek(day) ? 1.08 : 1);
        if (random.unit(DAY, row) >= will) {
            plan.missed++;
            return 0;
        }
        if (plan.source != MoneyMovement.Source.WALLET && random.below(1000, DAY + 1, row) < 28) return -plan.daily;
        boolean catchesUp = plan.missed > 0 && (window.isSalaryWeek(day) || random.below(100, DAY + 2, row) < 12);
        return Math.min(open, plan.daily * (catchesUp ? 1 + plan.missed : 1));
    }

    private void contribute(SavingsPlan plan, long amount) {
        long row = MoneyMovement.row(person, day, MoneyMovement.PAY_PLAN + plan.place);
        int at = clock + 60 + random.below(40 * 60, DAY + 3, row);
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
        person.saved += amount;
        person.contributions++;
        if (person.lastContribution != day) person.streak = person.lastContribution == day - 1 ? person.streak + 1 : 1;
        person.lastContribution = day;
        person.longest = Math.max(person.longest, person.streak);
    }

    /** Pauses and cancellations, and now and then a withdrawal. */
    private void changes(SavingsPlan plan) {
        if (plan.fate != SavingsPlan.Fate.ACTIVE || day < plan.start) return;
        long row = MoneyMovement.row(person, day, MoneyMovement.LEAVE_PLAN + plan.place);
        if (day == plan.fateDay && plan.planned == SavingsPlan.Fate.PAUSED) {
            plan.fate = SavingsPlan.Fate.PAUSED;
            touch(plan, 17 * 3600);
        } else if (day >= plan.fateDay && plan.planned != SavingsPlan.Fate.COMPLETED) {
            cancel(plan);
        } else if (plan.current > 12 * plan.daily && day < plan.end - 1 && random.below(1000, DAY + 4, row) < 2) {
            withdraw(plan, plan.current / plan.daily * 3 / 10 * plan.daily, "Withdrawal to wallet for a repair");
        }
    }

    private void cancel(SavingsPlan plan) {
        plan.fate = SavingsPlan.Fate.CANCELLED;
        if (plan.current == 0) touch(plan, clock + 600);
        else withdraw(plan, plan.current, "Withdrawal to wallet after cancelling the plan");
        if (person.balance <= 300_00 || penalised == day) return;
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
        person.withdrawn += amount;
        outToday += amount;
        touch(plan, entry.settled());
    }

    private void touch(SavingsPlan plan, int second) {
        plan.touched = day;
        plan.touchedSecond = second;
    }

    /** At least what is missing; more in the week of salaries. */
    private void deposit(long missing) {
        long row = MoneyMovement.row(person, day, MoneyMovement.DEPOSIT);
        long usual =
                (person.tier == 0 ? 1_000_00L : 4_000_00L) * (1 + person.wealth) * (window.isSalaryWeek(day) ? 2 : 1);
        long wish = (long) (usual * (0.5 + random.unit(DAY + 5, row)));
        long amount = (missing + wish + 499_99) / 500_00 * 500_00;
        MoneyMovement.Source source =
                MoneyMovement.Source.values()[1 + random.weighted(new int[] {56, 41, 3}, DAY + 6, row)];
        String description =
                "Wallet top-up by " + (source == MoneyMovement.Source.BANK ? "bank transfer" : source.word);
        int draw = random.below(100, DAY + 7, row);
        if (draw < 4) {
            MoneyMovement entry =
                    fail(MoneyMovement.BAD_DEPOSIT, clock, MoneyMovement.Type.DEPOSIT, source, amount, description);
            if (draw == 3) entry.cancel();
        }
        move(
                MoneyMovement.DEPOSIT,
                clock + 300 + random.below(1800, DAY + 8, row),
                MoneyMovement.Type.DEPOSIT,
                source,
                amount,
                description);
    }

    private void earn(long amount) {
        person.interest += amount;
        move(
                MoneyMovement.INTEREST,
                20 * 3600 + 2700,
                MoneyMovement.Type.INTEREST,
                MoneyMovement.Source.WALLET,
                amount,
                "Wallet interest of the month");
    }

    private void cashOut() {
        long row = MoneyMovement.row(person, day, MoneyMovement.CASH_OUT);
        int draw = random.below(1000, DAY + 9, row);
        if (draw >= 990 && draw < 992) {
            if (person.balance >= 2_000_00)
                fail(
                        MoneyMovement.BAD_CASH_OUT,
                        clock,
                        MoneyMovement.Type.WITHDRAWAL,
                        MoneyMovement.Source.BANK,
                        2_000_00,
                        "Withdrawal to bank account");
        } else if (draw >= 997 && person.plans.length > 0 && person.balance > 0) {
            move(
                    MoneyMovement.REFUND,
                    clock,
                    MoneyMovement.Type.REFUND,
                    MoneyMovement.Source.WALLET,
                    person.plans[0].daily,
                    "Refund of a card payment charged twice");
        } else if (person.balance > person.comfortableBalance() || draw < 25 && person.balance > 15_000_00) {
            takeOut((person.balance > person.comfortableBalance()
                            ? person.balance - person.comfortableBalance() / 4
                            : person.balance / 2)
                    / 500_00
                    * 500_00);
        }
    }

    private void takeOut(long wish) {
        long amount = Math.min(wish, person.dailyLimit() - outToday);
        if (amount <= 0) return;
        clock = Math.max(clock, 19 * 3600);
        person.withdrawn += amount;
        int second = clock + random.below(3000, DAY + 10, MoneyMovement.row(person, day, MoneyMovement.CASH_OUT));
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
        person.balance += switch (type) {
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
        person.movements.add(entry);
        clock = Math.max(clock, entry.settled());
        if (status == MoneyMovement.Status.COMPLETED) {
            person.lastMovement = day;
            person.lastMovementSecond = entry.settled();
        }
        return entry;
    }
}
