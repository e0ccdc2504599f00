package avdaily.generate;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How a neighbourhood comes to be: who lives there, what they mean to save, and which groups they found, with what is
 * due in them and when.
 */
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

    private final CounterRandom mix;
    private final HistoryWindow window;

    PopulationFactory(CounterRandom mix, HistoryWindow window) {
        this.mix = mix;
        this.window = window;
    }

    // -- who they are

    Person person(long row) {
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
        p.plans = new SavingsPlan
                [row == 0 || window.days - p.joined < 3 ? 0 : 1 + mix.weighted(new int[] {56, 33, 9, 2}, PLANS, row)];
        for (int i = 0; i < p.plans.length; i++) p.plans[i] = plan(p, i);
        return p;
    }

    private SavingsPlan plan(Person p, int place) {
        SavingsPlan plan = new SavingsPlan();
        plan.row = p.row * SavingsPlan.MOST + place;
        plan.place = place;
        plan.name = PLAN_NAMES[
                (mix.below(PLAN_NAMES.length, PLAN_NAME, p.row) + place * 7) % PLAN_NAMES.length]; // all different
        int room = Math.max(1, Math.min(p.left, window.days) - p.joined - 2);
        plan.start = p.joined + 1 + (int) (room * (place == 0 ? 0.08 : 0.8) * mix.unit(PLAN_START, plan.row));
        plan.cycle = CYCLES[mix.weighted(new int[] {18, 24, 24, 18, 11, 5}, CYCLE, plan.row)];
        int[] steps = p.tier == 0
                ? new int[] {100, 120, 150, 200, 250, 300}
                : p.wealth < 2 ? new int[] {200, 250, 300, 400, 500, 600} : new int[] {500, 600, 800, 1000, 1500, 2000};
        if (p.left < window.days) plan.start = Math.min(plan.start, givingUp(p, place) - 1);
        plan.daily = 100L * steps[mix.weighted(new int[] {24, 22, 20, 16, 12, 6}, DAILY, plan.row)];
        plan.source = MoneyMovement.Source.values()[mix.weighted(new int[] {46, 22, 29, 3}, FUNDING, plan.row)];
        while (plan.target() > p.most()) plan.cycle -= 10;
        plan.end = plan.start + plan.cycle;
        if (p.left < window.days && plan.end > givingUp(p, place)) {
            plan.planned = SavingsPlan.Fate.CANCELLED;
            plan.fateDay = givingUp(p, place);
            return plan;
        }
        int draw = mix.below(100, FATE, plan.row);
        plan.planned = draw < 6
                ? SavingsPlan.Fate.CANCELLED
                : draw < 11 && plan.end > window.days && window.days - plan.start > 12
                        ? SavingsPlan.Fate.PAUSED
                        : mix.below(100, FINISH, plan.row) < 88 ? SavingsPlan.Fate.COMPLETED : SavingsPlan.Fate.ACTIVE;
        plan.fateDay = plan.planned == SavingsPlan.Fate.CANCELLED
                ? plan.start + 5 + mix.below(Math.max(1, plan.cycle - 8), FATE_DAY, plan.row)
                : plan.planned == SavingsPlan.Fate.PAUSED
                        ? Math.max(plan.start + 6, window.days - 1 - mix.below(60, FATE_DAY, plan.row))
                        : plan.end - 1;
        return plan;
    }

    /** Who leaves gives up a plan a day, and takes the rest of the money on the last. */
    private static int givingUp(Person p, int place) {
        return p.left - SavingsPlan.MOST + place;
    }

    // -- the groups that they found

    /** The groups of these people; {@code first} is the number of the first one. */
    List<AjoGroup> groups(Person[] people, long first) {
        Person[] able = Arrays.stream(people)
                .filter(p -> p.row > 0 && p.tier > 0 && p.isActive(window) && p.joined < window.days - 12)
                .sorted(Comparator.comparingLong((Person p) -> mix.bits(GROUP_ORDER, p.row)))
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
        group.size = 5 + mix.below(Math.min(able.length, AjoGroup.MOST_MEMBERS) - 4, GROUP_SHAPE, row);
        group.frequency = AjoGroup.Frequency.values()[mix.weighted(new int[] {14, 62, 24}, GROUP_SHAPE + 1, row)];
        group.amount = 100L * GROUP_AMOUNTS[mix.weighted(new int[] {24, 26, 20, 20, 10}, GROUP_SHAPE + 2, row)];
        group.order = mix.below(3, GROUP_SHAPE + 3, row);
        group.isPrivate = mix.below(100, GROUP_SHAPE + 4, row) < 35;
        group.name = mix.pick(PLACES, GROUP_NAME, row) + " " + mix.pick(TRADES, GROUP_NAME + 1, row) + " "
                + capital(group.frequency) + " " + (mix.below(2, GROUP_NAME + 2, row) == 0 ? "Ajo" : "Esusu") + " "
                + (row + 1);
        Person[] members = new Person[group.size];
        for (int i = 0; i < members.length; i++) members[i] = able[(from + i) % able.length];
        int together = Arrays.stream(members).mapToInt(p -> p.joined).max().orElseThrow();
        group.created = together + 1;
        int start = together + 8 + mix.below(45, GROUP_SHAPE + 5, row);
        boolean recruits = start > window.days - 2 || mix.below(100, GROUP_SHAPE + 6, row) < 6;
        group.members =
                recruits ? Arrays.copyOf(members, 2 + mix.below(group.size - 2, GROUP_SHAPE + 7, row)) : members;
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
                int day = group.payDay(mix, round, position);
                if (day >= window.days) continue;
                group.collected += group.amount;
                group.contributed[position] += group.amount;
                Person member = group.members[position];
                member.dues.add(new AjoGroup.Due(
                        day,
                        group.paySecond(mix, round, position),
                        group.amount,
                        false,
                        group.paySource(mix, round, position),
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
