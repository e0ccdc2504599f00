import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Some people who live side by side, their savings plans and the ajo groups that they share. Nobody beyond it touches their money, so a
 * neighbourhood can be made by itself, again and again: first the people and groups with what is due and when, then, with {@link #live},
 * every movement of money, day by day, with the balances, totals and streaks that follow. Amounts are in kobo.
 */
final class Neighbourhood {
    static final int SIZE = 64;
    static final int MOST_PLANS = 4;
    static final int MOST_MEMBERS = 10;
    static final int MOST_GROUPS = 16;

    enum Type { CONTRIBUTION, WITHDRAWAL, DEPOSIT, INTEREST, PENALTY, REFUND }

    enum Status { COMPLETED, FAILED, CANCELLED }

    enum Source { WALLET, BANK, CARD, CRYPTO }

    enum Fate { ACTIVE, PAUSED, COMPLETED, CANCELLED }

    enum Frequency { DAILY, WEEKLY, MONTHLY }

    /** Something that happens at most once a day to a person: with the day it names a transaction. The numbers leave room for plans and groups. */
    private static final int PAY_PLAN = 0, MISS_PLAN = 4, DEPOSIT = 8, BAD_DEPOSIT = 9, LEAVE_PLAN = 10, PAY_GROUP = 14, GET_POT = 18,
            CASH_OUT = 22, INTEREST = 23, PENALTY = 24, REFUND = 25, BAD_CASH_OUT = 26;

    private static final String[] PLAN_NAMES = {"School Fees", "House Rent", "Shop Stock", "Emergency Fund", "Wedding", "Motorcycle", "Generator",
            "Farm Inputs", "Sewing Machine", "New Phone", "Land",
        "Christmas", "Sallah Ram", "Solar Panel", "Hospital", "Naming Ceremony", "Business Capital", "Laptop", "Roof Repair", "Vacation"};
    private static final String[] PLACES = {"Balogun", "Onitsha", "Kurmi", "Ariaria", "Bodija", "Oil Mill", "Wuse", "Alaba", "Sabon Gari", "Ogbete",
            "Oja Oba", "Watt", "Mile 12", "Kasuwan Barci", "Tejuosho", "New Benin"};
    private static final String[] TRADES = {"Traders", "Tailors", "Market Women", "Drivers", "Teachers", "Farmers", "Phone Sellers", "Friends",
            "Civil Servants", "Hairdressers"};
    private static final int[] CYCLES = {30, 60, 90, 120, 180, 365};
    private static final int[] GROUP_AMOUNTS = {1000, 2000, 3000, 5000, 10_000};

    private static final long ORDER = Mix.stream("user.order"), JOINED = Mix.stream("user.joined"), TIER = Mix.stream("user.kyc_tier"),
            REJECTED = Mix.stream("user.rejected"), LEFT = Mix.stream("user.left"),
            DILIGENCE = Mix.stream("user.diligence"), WEALTH = Mix.stream("user.wealth"), MARKET = Mix.stream("user.market"),
            PLANS = Mix.stream("user.plans"), PLAN = Mix.stream("savings_plans"),
            PLAN_NAME = Mix.stream("savings_plans.plan_name"), PLAN_START = Mix.stream("savings_plans.start_date"),
            CYCLE = Mix.stream("savings_plans.cycle_duration"), DAILY = Mix.stream("savings_plans.daily_amount"),
            FATE = Mix.stream("savings_plans.fate"), FATE_DAY = Mix.stream("savings_plans.fate_day"), FINISH = Mix.stream("savings_plans.finish"),
            FUNDING = Mix.stream("savings_plans.source"),
            DAY = Mix.stream("transactions.day"), GROUP = Mix.stream("ajo_groups"), GROUP_ORDER = Mix.stream("ajo_groups.members"),
            GROUP_NAME = Mix.stream("ajo_groups.group_name"),
            GROUP_SHAPE = Mix.stream("ajo_groups.shape"), TURN = Mix.stream("group_members.position"),
            DUE = Mix.stream("group_contributions.paid_at");

    static final class Person {
        long row;
        String first;
        String family;
        int joined;
        int joinedSecond;
        int tier;
        boolean rejected;
        /** The day on which they gave all up, or the number of days. */
        int left;
        double diligence;
        int wealth;
        int market;
        Plan[] plans;
        final List<Due> dues = new ArrayList<>();
        int groups;

        // what follows from living
        final List<Entry> entries = new ArrayList<>();
        long balance;
        long saved;
        long withdrawn;
        long interest;
        int contributions;
        int streak;
        int longest;
        int lastContribution = -1;
        int lastMovement = -1;
        int lastMovementSecond;

        boolean isActive(Days window) {
            return left == window.days;
        }

        /** What a wallet of their tier may hold, with room for a pot. */
        long comfortable() {
            return tier == 0 ? 25_000_00 : tier == 1 ? 120_000_00 : 300_000_00;
        }

        /** What a plan of theirs may lead to. */
        long most() {
            return tier == 0 ? 18_000_00 : tier == 1 ? 90_000_00 : 250_000_00;
        }

        /** What they may take out in a day. */
        long daily() {
            return tier == 0 ? 50_000_00 : tier == 1 ? 200_000_00 : 5_000_000_00L;
        }
    }

    static final class Plan {
        long row;
        int place;
        String name;
        long daily;
        int cycle;
        int start;
        int end;
        Source source;
        Fate planned;
        int fateDay;

        // what follows from living
        Fate fate = Fate.ACTIVE;
        long current;
        int contributions;
        int streak;
        int last = -1;
        int missed;
        int lastSecond;
        int touched;
        int touchedSecond;
        int thirty = -1;

        long target() {
            return daily * cycle;
        }
    }

    static final class Group {
        long row;
        String name;
        int size;
        long amount;
        Frequency frequency;
        int order;
        boolean isPrivate;
        Person[] members; // by position, the first at 0
        int organizer;
        int created;
        /** Negative while it recruits. */
        int start = -1;
        int[] due;
        int paidOut;
        long collected;
        long[] contributed;

        boolean recruits() {
            return start < 0;
        }

        boolean isComplete() {
            return !recruits() && paidOut == size;
        }

        int round() {
            return Math.min(paidOut + 1, size);
        }

        /** How many rounds have contributions: those paid out, and the one that runs. */
        int rounds() {
            return recruits() ? 0 : round();
        }

        long memberRow(int position) {
            return row * 16 + position;
        }

        /** Between the last due day and this one; the same for everybody who asks. */
        int payDay(Mix mix, int round, int position) {
            int early = frequency == Frequency.DAILY ? 1 : frequency == Frequency.WEEKLY ? 4 : 6;
            return due[round] - mix.below(early, DUE, contributionRow(round, position));
        }

        int paySecond(Mix mix, int round, int position) {
            return 12 * 3600 + mix.below(4 * 3600, DUE + 1, contributionRow(round, position));
        }

        Source paySource(Mix mix, int round, int position) {
            return Source.values()[mix.weighted(new int[] {60, 15, 25}, DUE + 2, contributionRow(round, position))];
        }

        long contributionRow(int round, int position) {
            return (row * 16 + round) * 16 + position;
        }
    }

    /** A contribution to a group, or its pot, on the day on which the money moves. */
    record Due(int day, int second, long amount, boolean isPot, Source source, Group group, int round, int place) {}

    /** A movement of money, or an attempt. */
    static final class Entry {
        int day;
        int second;
        int slot;
        Type type;
        Status status;
        Source source;
        long amount;
        Plan plan;
        Due due;
        String description;
        String failure;

        void cancel() {
            status = Status.CANCELLED;
            failure = null;
        }

        int settled() {
            return second + delay(source);
        }
    }

    final long number;
    final Person[] people;
    final List<Group> groups = new ArrayList<>();
    private final Mix mix;
    private final Days window;

    Neighbourhood(Mix mix, Days window, long number, long users) {
        this.mix = mix;
        this.window = window;
        this.number = number;
        long from = number * SIZE;
        people = new Person[(int) Math.min(SIZE, users - from)];
        for (int i = 0; i < people.length; i++) people[i] = person(from + i);
        found();
    }

    // -- who they are

    private Person person(long row) {
        Person p = new Person();
        p.row = row;
        p.first = Names.first(mix, row);
        p.family = Names.family(mix, row);
        double when = mix.unit(JOINED, row);
        p.joined = row == 0 ? 0 : (int) (window.days * 0.9 * when * when);
        p.joinedSecond = row == 0 ? 5 * 3600 : 6 * 3600 + mix.below(15 * 3600, JOINED + 1, row);
        p.tier = row == 0 ? 2 : window.days - p.joined < 10 ? 0 : mix.weighted(new int[] {40, 38, 22}, TIER, row);
        p.rejected = p.tier == 0 && mix.below(100, REJECTED, row) < 8;
        boolean leaves = row > 0 && mix.below(100, LEFT, row) < 3 && window.days - p.joined > 40;
        p.left = leaves ? p.joined + 30 + mix.below(window.days - p.joined - 30, LEFT + 1, row) : window.days;
        p.diligence = 0.62 + 0.36 * Math.sqrt(mix.unit(DILIGENCE, row));
        p.wealth = mix.weighted(new int[] {30, 34, 24, 12}, WEALTH, row);
        p.market = mix.below(4, MARKET, row);
        p.plans = new Plan[row == 0 || window.days - p.joined < 3 ? 0 : 1 + mix.weighted(new int[] {56, 33, 9, 2}, PLANS, row)];
        for (int i = 0; i < p.plans.length; i++) p.plans[i] = plan(p, i);
        return p;
    }

    private Plan plan(Person p, int place) {
        Plan plan = new Plan();
        plan.row = p.row * MOST_PLANS + place;
        plan.place = place;
        plan.name = PLAN_NAMES[(mix.below(PLAN_NAMES.length, PLAN_NAME, p.row) + place * 7) % PLAN_NAMES.length]; // all different
        int room = Math.max(1, Math.min(p.left, window.days) - p.joined - 2);
        plan.start = p.joined + 1 + (int) (room * (place == 0 ? 0.08 : 0.8) * mix.unit(PLAN_START, plan.row));
        plan.cycle = CYCLES[mix.weighted(new int[] {18, 24, 24, 18, 11, 5}, CYCLE, plan.row)];
        int[] steps = p.tier == 0 ? new int[] {100, 120, 150, 200, 250, 300} : p.wealth < 2 ? new int[] {200, 250, 300, 400, 500, 600}
                : new int[] {500, 600, 800, 1000, 1500, 2000};
        if (p.left < window.days) plan.start = Math.min(plan.start, givingUp(p, place) - 1);
        plan.daily = 100L * steps[mix.weighted(new int[] {24, 22, 20, 16, 12, 6}, DAILY, plan.row)];
        plan.source = Source.values()[mix.weighted(new int[] {46, 22, 29, 3}, FUNDING, plan.row)];
        while (plan.target() > p.most()) plan.cycle -= 10;
        plan.end = plan.start + plan.cycle;
        if (p.left < window.days && plan.end > givingUp(p, place)) {
            plan.planned = Fate.CANCELLED;
            plan.fateDay = givingUp(p, place);
            return plan;
        }
        int draw = mix.below(100, FATE, plan.row);
        plan.planned = draw < 6 ? Fate.CANCELLED : draw < 11 && plan.end > window.days && window.days - plan.start > 12 ? Fate.PAUSED
                : mix.below(100, FINISH, plan.row) < 88 ? Fate.COMPLETED : Fate.ACTIVE;
        plan.fateDay = plan.planned == Fate.CANCELLED ? plan.start + 5 + mix.below(Math.max(1, plan.cycle - 8), FATE_DAY, plan.row)
                : plan.planned == Fate.PAUSED ? Math.max(plan.start + 6, window.days - 1 - mix.below(60, FATE_DAY, plan.row)) : plan.end - 1;
        return plan;
    }

    /** Who leaves gives up a plan a day, and takes the rest of the money on the last. */
    private static int givingUp(Person p, int place) {
        return p.left - MOST_PLANS + place;
    }

    // -- the groups that they found

    private void found() {
        Person[] able = Arrays.stream(people).filter(p -> p.row > 0 && p.tier > 0 && p.isActive(window) && p.joined < window.days - 12)
                .sorted(Comparator.comparingLong((Person p) -> mix.bits(GROUP_ORDER, p.row))).toArray(Person[]::new);
        int most = Math.min(MOST_GROUPS, able.length / 7);
        for (int i = 0; i < most; i++) {
            long row = number * MOST_GROUPS + i;
            Group group = group(row, able, i * 7);
            groups.add(group);
            if (!group.recruits()) schedule(group);
        }
    }

    private Group group(long row, Person[] able, int from) {
        Group group = new Group();
        group.row = row;
        group.size = 5 + mix.below(Math.min(able.length, MOST_MEMBERS) - 4, GROUP_SHAPE, row);
        group.frequency = Frequency.values()[mix.weighted(new int[] {14, 62, 24}, GROUP_SHAPE + 1, row)];
        group.amount = 100L * GROUP_AMOUNTS[mix.weighted(new int[] {24, 26, 20, 20, 10}, GROUP_SHAPE + 2, row)];
        group.order = mix.below(3, GROUP_SHAPE + 3, row);
        group.isPrivate = mix.below(100, GROUP_SHAPE + 4, row) < 35;
        group.name = mix.pick(PLACES, GROUP_NAME, row) + " " + mix.pick(TRADES, GROUP_NAME + 1, row) + " " + capital(group.frequency) + " "
                + (mix.below(2, GROUP_NAME + 2, row) == 0 ? "Ajo" : "Esusu") + " " + (row + 1);
        Person[] members = new Person[group.size];
        for (int i = 0; i < members.length; i++) members[i] = able[(from + i) % able.length];
        int together = Arrays.stream(members).mapToInt(p -> p.joined).max().orElseThrow();
        group.created = together + 1;
        int start = together + 8 + mix.below(45, GROUP_SHAPE + 5, row);
        boolean recruits = start > window.days - 2 || mix.below(100, GROUP_SHAPE + 6, row) < 6;
        group.members = recruits ? Arrays.copyOf(members, 2 + mix.below(group.size - 2, GROUP_SHAPE + 7, row)) : members;
        group.organizer = mix.below(recruits ? 1 : group.size, TURN, row);
        group.contributed = new long[group.members.length];
        if (recruits) group.created = Math.max(together + 1, window.days - 25);
        if (recruits && group.created > window.days - 2) group.created = window.days - 2;
        if (!recruits) group.start = start;
        return group;
    }

    private static String capital(Enum<?> word) {
        return word.name().charAt(0) + word.name().substring(1).toLowerCase(Locale.ROOT);
    }

    /** Round r is due r periods after the start; its pot goes to the member in position r that evening. */
    private void schedule(Group group) {
        group.due = new int[group.size + 1];
        LocalDate start = window.date(group.start);
        group.due[0] = group.start;
        for (int round = 1; round <= group.size; round++)
            group.due[round] = switch (group.frequency) {
                case DAILY -> group.start + round;
                case WEEKLY -> group.start + 7 * round;
                case MONTHLY -> window.day(start.plusMonths(round));
            };
        while (group.paidOut < group.size && group.due[group.paidOut + 1] < window.days) group.paidOut++;
        for (Person member : group.members) member.groups++;
        for (int round = 1; round <= group.rounds(); round++) {
            for (int position = 0; position < group.size; position++) {
                int day = group.payDay(mix, round, position);
                if (day >= window.days) continue;
                group.collected += group.amount;
                group.contributed[position] += group.amount;
                Person member = group.members[position];
                member.dues.add(new Due(day, group.paySecond(mix, round, position), group.amount, false, group.paySource(mix, round, position),
                        group, round, member.groups - 1));
            }
            if (round > group.paidOut) continue;
            Person winner = group.members[round - 1];
            winner.dues.add(new Due(group.due[round], 18 * 3600, net(group), true, Source.WALLET, group, round, winner.groups - 1));
        }
    }

    static long fee(Group group) {
        return group.amount * group.size / 50; // 2 %
    }

    static long net(Group group) {
        return group.amount * group.size - fee(group);
    }

    // -- how they live

    /** Every movement of money of everybody, in the order of time. */
    Neighbourhood live() {
        for (Person p : people) new Life(p).run();
        return this;
    }

    /** The number of a transaction: its user, day and slot. */
    static long transactionRow(Person p, int day, int slot) {
        return (p.row << 12 | day) << 5 | slot;
    }

    static long dueTransaction(Person member, Due due) {
        return transactionRow(member, due.day, (due.isPot ? GET_POT : PAY_GROUP) + due.place);
    }

    /** Seconds until money from there has arrived. */
    static int delay(Source source) {
        return source == Source.WALLET ? 0 : source == Source.BANK ? 120 : 60;
    }

    interface Turn {
        /** {@code due} is null for what is not paid yet. */
        void of(Group group, int round, int position, Due due);
    }

    void eachContribution(Turn turn) {
        for (Group group : groups)
            for (int round = 1; round <= group.rounds(); round++)
                for (int position = 0; position < group.size; position++) turn.of(group, round, position, due(group, round, position, false));
    }

    void eachPot(Turn turn) {
        for (Group group : groups)
            for (int round = 1; round <= group.paidOut; round++) turn.of(group, round, round - 1, due(group, round, round - 1, true));
    }

    private static Due due(Group group, int round, int position, boolean isPot) {
        for (Due due : group.members[position].dues) if (due.group == group && due.round == round && due.isPot == isPot) return due;
        return null;
    }

    private final class Life {
        private final Person p;
        private final Due[] dues;
        private int next;
        private int day;
        /** The second until which the day has come: what follows is later. */
        private int clock;
        private long outToday;
        private int penalised = -1;

        Life(Person p) {
            this.p = p;
            this.dues = p.dues.stream().sorted(Comparator.comparingInt(Due::day).thenComparingInt(Due::second)).toArray(Due[]::new);
        }

        void run() {
            for (Plan plan : p.plans) {
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
            while (next < dues.length && dues[next].day == day) next++;
            long need = 0;
            for (int i = firstDue; i < next; i++) if (!dues[i].isPot && dues[i].source == Source.WALLET) need += dues[i].amount;
            long[] payments = new long[p.plans.length];
            for (Plan plan : p.plans) {
                payments[plan.place] = payment(plan);
                if (plan.source == Source.WALLET && payments[plan.place] > 0) need += payments[plan.place];
            }
            if (need > p.balance) deposit(need - p.balance);
            clock = 8 * 3600;
            for (Plan plan : p.plans) if (payments[plan.place] != 0) contribute(plan, payments[plan.place]);
            for (int i = firstDue; i < next; i++) if (!dues[i].isPot) payGroup(dues[i]);
            clock = 16 * 3600;
            for (Plan plan : p.plans) changes(plan);
            for (int i = firstDue; i < next; i++) if (dues[i].isPot) takePot(dues[i]);
            clock = Math.max(clock, 19 * 3600);
            cashOut();
            if (window.isMonthsLast(day) && p.tier > 0 && p.balance > 5_000_00)
                earn(p.balance / 400);
        }

        /** What goes into the plan today: nothing, a day's amount, or more where days were missed; less than nothing where the payment fails. */
        private long payment(Plan plan) {
            if (plan.fate != Fate.ACTIVE || day < plan.start || day >= plan.end) return 0;
            if (day == plan.fateDay && plan.planned != Fate.COMPLETED) return 0;
            long open = plan.target() - plan.current;
            if (day == plan.end - 1) return open;
            long row = transactionRow(p, day, PAY_PLAN + plan.place);
            double will = p.diligence * (window.isSunday(day) ? 0.9 : 1) * (window.isMarketDay(day, p.market) ? 1.12 : 0.97)
                    * (window.isSalaryWeek(day) ? 1.08 : 1);
            if (mix.unit(DAY, row) >= will) {
                plan.missed++;
                return 0;
            }
            if (plan.source != Source.WALLET && mix.below(1000, DAY + 1, row) < 28) return -plan.daily;
            boolean catchesUp = plan.missed > 0 && (window.isSalaryWeek(day) || mix.below(100, DAY + 2, row) < 12);
            return Math.min(open, plan.daily * (catchesUp ? 1 + plan.missed : 1));
        }

        private void contribute(Plan plan, long amount) {
            long row = transactionRow(p, day, PAY_PLAN + plan.place);
            int at = clock + 60 + mix.below(40 * 60, DAY + 3, row);
            String description = "Daily saving for " + plan.name;
            if (amount < 0) {
                plan.missed++;
                fail(MISS_PLAN + plan.place, at, Type.CONTRIBUTION, plan.source, -amount, description).plan = plan;
                return;
            }
            Entry entry = move(PAY_PLAN + plan.place, at, Type.CONTRIBUTION, plan.source, amount, description);
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
            if (plan.current == plan.target()) plan.fate = Fate.COMPLETED;
        }

        private void payGroup(Due due) {
            Entry entry = move(PAY_GROUP + due.place, due.second, Type.CONTRIBUTION, due.source, due.amount, due.group.name + " round " + due.round);
            entry.due = due;
            saved(due.amount);
        }

        private void takePot(Due due) {
            move(GET_POT + due.place, due.second, Type.DEPOSIT, Source.WALLET, due.amount, due.group.name + " payout of round "
                    + due.round).due = due;
        }

        private void saved(long amount) {
            p.saved += amount;
            p.contributions++;
            if (p.lastContribution != day) p.streak = p.lastContribution == day - 1 ? p.streak + 1 : 1;
            p.lastContribution = day;
            p.longest = Math.max(p.longest, p.streak);
        }

        /** Pauses and cancellations, and now and then a withdrawal. */
        private void changes(Plan plan) {
            if (plan.fate != Fate.ACTIVE || day < plan.start) return;
            long row = transactionRow(p, day, LEAVE_PLAN + plan.place);
            if (day == plan.fateDay && plan.planned == Fate.PAUSED) {
                plan.fate = Fate.PAUSED;
                touch(plan, 17 * 3600);
            } else if (day >= plan.fateDay && plan.planned != Fate.COMPLETED) {
                cancel(plan);
            } else if (plan.current > 12 * plan.daily && day < plan.end - 1 && mix.below(1000, DAY + 4, row) < 2) {
                withdraw(plan, plan.current / plan.daily * 3 / 10 * plan.daily, "Withdrawal to wallet for a repair");
            }
        }

        private void cancel(Plan plan) {
            plan.fate = Fate.CANCELLED;
            if (plan.current == 0) touch(plan, clock + 600);
            else withdraw(plan, plan.current, "Withdrawal to wallet after cancelling the plan");
            if (p.balance <= 300_00 || penalised == day) return;
            penalised = day;
            move(PENALTY, clock + 60, Type.PENALTY, Source.WALLET, 300_00, "Fee for cancelling a plan early");
        }

        private void withdraw(Plan plan, long amount, String why) {
            if (amount == 0) return;
            Entry entry = move(LEAVE_PLAN + plan.place, clock + 60, Type.WITHDRAWAL, Source.WALLET, amount, why);
            entry.plan = plan;
            plan.current -= amount;
            p.withdrawn += amount;
            outToday += amount;
            touch(plan, entry.settled());
        }

        private void touch(Plan plan, int second) {
            plan.touched = day;
            plan.touchedSecond = second;
        }

        /** At least what is missing; more in the week of salaries. */
        private void deposit(long missing) {
            long row = transactionRow(p, day, DEPOSIT);
            long usual = (p.tier == 0 ? 1_000_00L : 4_000_00L) * (1 + p.wealth) * (window.isSalaryWeek(day) ? 2 : 1);
            long wish = (long) (usual * (0.5 + mix.unit(DAY + 5, row)));
            long amount = (missing + wish + 499_99) / 500_00 * 500_00;
            Source source = Source.values()[1 + mix.weighted(new int[] {56, 41, 3}, DAY + 6, row)];
            String description = "Wallet top-up by " + (source == Source.BANK ? "bank transfer" : source.name().toLowerCase(Locale.ROOT));
            int draw = mix.below(100, DAY + 7, row);
            if (draw < 4) {
                Entry entry = fail(BAD_DEPOSIT, clock, Type.DEPOSIT, source, amount, description);
                if (draw == 3) entry.cancel();
            }
            move(DEPOSIT, clock + 300 + mix.below(1800, DAY + 8, row), Type.DEPOSIT, source, amount, description);
        }

        private void earn(long amount) {
            p.interest += amount;
            move(INTEREST, 20 * 3600 + 2700, Type.INTEREST, Source.WALLET, amount, "Wallet interest of the month");
        }

        private void cashOut() {
            long row = transactionRow(p, day, CASH_OUT);
            int draw = mix.below(1000, DAY + 9, row);
            if (draw >= 990 && draw < 992) {
                if (p.balance >= 2_000_00) fail(BAD_CASH_OUT, clock, Type.WITHDRAWAL, Source.BANK, 2_000_00, "Withdrawal to bank account");
            } else if (draw >= 997 && p.plans.length > 0 && p.balance > 0) {
                move(REFUND, clock, Type.REFUND, Source.WALLET, p.plans[0].daily, "Refund of a card payment charged twice");
            } else if (p.balance > p.comfortable() || draw < 25 && p.balance > 15_000_00) {
                takeOut((p.balance > p.comfortable() ? p.balance - p.comfortable() / 4 : p.balance / 2) / 500_00 * 500_00);
            }
        }

        private void takeOut(long wish) {
            long amount = Math.min(wish, p.daily() - outToday);
            if (amount <= 0) return;
            clock = Math.max(clock, 19 * 3600);
            p.withdrawn += amount;
            move(CASH_OUT, clock + mix.below(3000, DAY + 10, transactionRow(p, day, CASH_OUT)), Type.WITHDRAWAL, Source.BANK, amount,
                    "Withdrawal to bank account");
        }

        /** Money that moves; the wallet's balance moves with it. */
        private Entry move(int slot, int second, Type type, Source source, long amount, String description) {
            p.balance += switch (type) {
                case DEPOSIT, REFUND, INTEREST -> amount;
                case PENALTY -> -amount;
                case CONTRIBUTION -> source == Source.WALLET ? -amount : 0;
                case WITHDRAWAL -> source == Source.WALLET ? amount : -amount; // out of a plan into the wallet, or out of the wallet to the bank
            };
            return enter(slot, second, type, Status.COMPLETED, source, amount, description);
        }

        /** Money that would have moved. */
        private Entry fail(int slot, int second, Type type, Source source, long amount, String description) {
            Entry entry = enter(slot, second, type, Status.FAILED, source, amount, description);
            entry.failure = source == Source.CARD ? "Card declined by the issuer" : "The bank was not reachable";
            return entry;
        }

        private Entry enter(int slot, int second, Type type, Status status, Source source, long amount, String description) {
            Entry entry = new Entry();
            entry.day = day;
            entry.slot = slot;
            entry.second = second;
            entry.type = type;
            entry.status = status;
            entry.source = source;
            entry.amount = amount;
            entry.description = description;
            p.entries.add(entry);
            clock = Math.max(clock, entry.settled());
            if (status == Status.COMPLETED) {
                p.lastMovement = day;
                p.lastMovementSecond = entry.settled();
            }
            return entry;
        }
    }
}
