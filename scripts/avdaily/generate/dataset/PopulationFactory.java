package avdaily.generate.dataset;

import avdaily.base.Format;
import avdaily.generate.CounterRandom;
import avdaily.generate.Names;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Makes persons with their plans, and the ajo groups of a cohort with everything that is due in them. */
final class PopulationFactory {
    private static final String[] PLAN_NAMES = {
        "School Fees",
        "House Rent",
        "Shop Stock",
        "Emergency Fund",
        "Wedding",
        "Motorcycle",
        "Generator",
        "Farm Inputs",
        "Sewing Machine",
        "New Phone",
        "Land",
        "Christmas",
        "Sallah Ram",
        "Solar Panel",
        "Hospital",
        "Naming Ceremony",
        "Business Capital",
        "Laptop",
        "Roof Repair",
        "Vacation"
    };
    private static final String[] PLACES = {
        "Balogun",
        "Onitsha",
        "Kurmi",
        "Ariaria",
        "Bodija",
        "Oil Mill",
        "Wuse",
        "Alaba",
        "Sabon Gari",
        "Ogbete",
        "Oja Oba",
        "Watt",
        "Mile 12",
        "Kasuwan Barci",
        "Tejuosho",
        "New Benin"
    };
    private static final String[] TRADES = {
        "Traders",
        "Tailors",
        "Market Women",
        "Drivers",
        "Teachers",
        "Farmers",
        "Phone Sellers",
        "Friends",
        "Civil Servants",
        "Hairdressers"
    };
    private static final int[] CYCLES = {30, 60, 90, 120, 180, 365};
    private static final int[] UNVERIFIED_AMOUNTS = {100, 120, 150, 200, 250, 300};
    private static final int[] MODEST_AMOUNTS = {200, 250, 300, 400, 500, 600};
    private static final int[] WEALTHY_AMOUNTS = {500, 600, 800, 1000, 1500, 2000};
    private static final int[] GROUP_AMOUNTS = {1000, 2000, 3000, 5000, 10_000};

    private static final long JOINED = CounterRandom.stream("user.joined"),
            TIER = CounterRandom.stream("user.kyc_tier"),
            REJECTED = CounterRandom.stream("user.rejected"),
            LEFT = CounterRandom.stream("user.left"),
            DILIGENCE = CounterRandom.stream("user.diligence"),
            WEALTH = CounterRandom.stream("user.wealth"),
            MARKET = CounterRandom.stream("user.market"),
            PLANS = CounterRandom.stream("user.plans"),
            PLAN_NAME = CounterRandom.stream("savings_plans.plan_name"),
            PLAN_START = CounterRandom.stream("savings_plans.start_date"),
            CYCLE = CounterRandom.stream("savings_plans.cycle_duration"),
            DAILY = CounterRandom.stream("savings_plans.daily_amount"),
            FATE = CounterRandom.stream("savings_plans.fate"),
            FATE_DAY = CounterRandom.stream("savings_plans.fate_day"),
            FINISH = CounterRandom.stream("savings_plans.finish"),
            FUNDING = CounterRandom.stream("savings_plans.source"),
            GROUP_ORDER = CounterRandom.stream("ajo_groups.members"),
            GROUP_NAME = CounterRandom.stream("ajo_groups.group_name"),
            GROUP_SHAPE = CounterRandom.stream("ajo_groups.shape"),
            TURN = CounterRandom.stream("group_members.position");

    private final CounterRandom random;
    private final HistoryWindow window;

    PopulationFactory(CounterRandom random, HistoryWindow window) {
        this.random = random;
        this.window = window;
    }

    // -- persons

    Person person(long row) {
        Person person = new Person();
        person.row = row;
        person.first = Names.first(random, row);
        person.family = Names.family(random, row);
        double when = random.unit(JOINED, row);
        person.joined = row == 0 ? 0 : (int) (window.days * 0.9 * when * when);
        person.joinedSecond = row == 0 ? 5 * 3600 : 6 * 3600 + random.below(15 * 3600, JOINED + 1, row);
        person.tier = tier(person);
        person.rejected = person.tier == 0 && random.below(100, REJECTED, row) < 8;
        boolean leaves = row > 0 && random.below(100, LEFT, row) < 3 && window.days - person.joined > 40;
        person.left = leaves
                ? person.joined + 30 + random.below(window.days - person.joined - 30, LEFT + 1, row)
                : window.days;
        person.diligence = 0.62 + 0.36 * Math.sqrt(random.unit(DILIGENCE, row));
        person.wealth = random.weighted(new int[] {30, 34, 24, 12}, WEALTH, row);
        person.market = random.below(4, MARKET, row);
        person.plans = new SavingsPlan[planCount(person)];
        for (int i = 0; i < person.plans.length; i++) person.plans[i] = plan(person, i);
        return person;
    }

    /** The first person administers; newcomers are not verified yet. */
    private int tier(Person person) {
        if (person.row == 0) return 2;
        return window.days - person.joined < 10 ? 0 : random.weighted(new int[] {40, 38, 22}, TIER, person.row);
    }

    private int planCount(Person person) {
        if (person.row == 0 || window.days - person.joined < 3) return 0;
        return 1 + random.weighted(new int[] {56, 33, 9, 2}, PLANS, person.row);
    }

    private SavingsPlan plan(Person person, int place) {
        SavingsPlan plan = new SavingsPlan();
        plan.row = person.row * SavingsPlan.MOST + place;
        plan.place = place;
        plan.name = PLAN_NAMES[
                (random.below(PLAN_NAMES.length, PLAN_NAME, person.row) + place * 7)
                        % PLAN_NAMES.length]; // all different
        int room = Math.max(1, Math.min(person.left, window.days) - person.joined - 2);
        plan.start = person.joined + 1 + (int) (room * (place == 0 ? 0.08 : 0.8) * random.unit(PLAN_START, plan.row));
        plan.cycle = CYCLES[random.weighted(new int[] {18, 24, 24, 18, 11, 5}, CYCLE, plan.row)];
        if (person.left < window.days) plan.start = Math.min(plan.start, givingUp(person, place) - 1);
        plan.daily = 100L * dailyAmounts(person)[random.weighted(new int[] {24, 22, 20, 16, 12, 6}, DAILY, plan.row)];
        plan.source = MoneyMovement.Source.values()[random.weighted(new int[] {46, 22, 29, 3}, FUNDING, plan.row)];
        while (plan.target() > person.planLimit()) plan.cycle -= 10;
        plan.end = plan.start + plan.cycle;
        if (person.left < window.days && plan.end > givingUp(person, place)) {
            plan.planned = SavingsPlan.Fate.CANCELLED;
            plan.fateDay = givingUp(person, place);
        } else {
            plan.planned = plannedFate(plan);
            plan.fateDay = fateDay(plan);
        }
        return plan;
    }

    /** In naira. */
    private static int[] dailyAmounts(Person person) {
        if (person.tier == 0) return UNVERIFIED_AMOUNTS;
        return person.wealth < 2 ? MODEST_AMOUNTS : WEALTHY_AMOUNTS;
    }

    private SavingsPlan.Fate plannedFate(SavingsPlan plan) {
        int draw = random.below(100, FATE, plan.row);
        if (draw < 6) return SavingsPlan.Fate.CANCELLED;
        if (draw < 11 && plan.end > window.days && window.days - plan.start > 12) return SavingsPlan.Fate.PAUSED;
        return random.below(100, FINISH, plan.row) < 88 ? SavingsPlan.Fate.COMPLETED : SavingsPlan.Fate.ACTIVE;
    }

    private int fateDay(SavingsPlan plan) {
        return switch (plan.planned) {
            case CANCELLED -> plan.start + 5 + random.below(Math.max(1, plan.cycle - 8), FATE_DAY, plan.row);
            case PAUSED -> Math.max(plan.start + 6, window.days - 1 - random.below(60, FATE_DAY, plan.row));
            case ACTIVE, COMPLETED -> plan.end - 1;
        };
    }

    /** A person who leaves cancels a plan a day, and withdraws the rest of the money on the last day. */
    private static int givingUp(Person person, int place) {
        return person.left - SavingsPlan.MOST + place;
    }

    // -- groups

    /** The groups of these people; {@code first} is the number of the first one. */
    List<AjoGroup> groups(Person[] people, long first) {
        Person[] able = Arrays.stream(people)
                .filter(person -> person.row > 0
                        && person.tier > 0
                        && person.isActive(window)
                        && person.joined < window.days - 12)
                .sorted(Comparator.comparingLong((Person person) -> random.bits(GROUP_ORDER, person.row)))
                .toArray(Person[]::new);
        List<AjoGroup> groups = new ArrayList<>();
        for (int i = 0; i < Math.min(Cohort.MOST_GROUPS, able.length / 7); i++) {
            AjoGroup group = group(first + i, able, i * 7);
            groups.add(group);
            if (!group.recruits()) schedule(group);
        }
        return groups;
    }

    private AjoGroup group(long row, Person[] able, int from) {
        AjoGroup group = new AjoGroup();
        group.row = row;
        group.size = 5 + random.below(Math.min(able.length, AjoGroup.MOST_MEMBERS) - 4, GROUP_SHAPE, row);
        group.frequency = AjoGroup.Frequency.values()[random.weighted(new int[] {14, 62, 24}, GROUP_SHAPE + 1, row)];
        group.amount = 100L * GROUP_AMOUNTS[random.weighted(new int[] {24, 26, 20, 20, 10}, GROUP_SHAPE + 2, row)];
        group.order = random.below(3, GROUP_SHAPE + 3, row);
        group.isPrivate = random.below(100, GROUP_SHAPE + 4, row) < 35;
        group.name = random.pick(PLACES, GROUP_NAME, row) + " " + random.pick(TRADES, GROUP_NAME + 1, row) + " "
                + Format.capital(group.frequency.word) + " "
                + (random.below(2, GROUP_NAME + 2, row) == 0 ? "Ajo" : "Esusu") + " " + (row + 1);
        Person[] members = new Person[group.size];
        for (int i = 0; i < members.length; i++) members[i] = able[(from + i) % able.length];
        int together =
                Arrays.stream(members).mapToInt(person -> person.joined).max().orElseThrow();
        group.created = together + 1;
        int start = together + 8 + random.below(45, GROUP_SHAPE + 5, row);
        boolean recruits = start > window.days - 2 || random.below(100, GROUP_SHAPE + 6, row) < 6;
        group.members =
                recruits ? Arrays.copyOf(members, 2 + random.below(group.size - 2, GROUP_SHAPE + 7, row)) : members;
        group.organizer = random.below(recruits ? 1 : group.size, TURN, row);
        group.contributed = new long[group.members.length];
        if (recruits) group.created = Math.max(together + 1, window.days - 25);
        if (recruits && group.created > window.days - 2) group.created = window.days - 2;
        if (!recruits) group.start = start;
        return group;
    }

    /** Round r is due r periods after the start; its pot goes to the member in position r that evening. */
    private void schedule(AjoGroup group) {
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
                int day = group.payDay(random, round, position);
                if (day >= window.days) continue;
                group.collected += group.amount;
                group.contributed[position] += group.amount;
                Person member = group.members[position];
                member.dues.add(new AjoGroup.Due(
                        day,
                        group.paySecond(random, round, position),
                        group.amount,
                        false,
                        group.paySource(random, round, position),
                        group,
                        round,
                        member.groups - 1));
            }
            if (round > group.paidOut) continue;
            Person winner = group.members[round - 1];
            winner.dues.add(new AjoGroup.Due(
                    group.due[round],
                    18 * 3600,
                    group.net(),
                    true,
                    MoneyMovement.Source.WALLET,
                    group,
                    round,
                    winner.groups - 1));
        }
    }
}
