package avdaily.generate.dataset;

import avdaily.generate.BinaryCopyBuffer;
import avdaily.generate.CounterRandom;
import java.util.Locale;

/** The groups, who is in them, and what they pay in and get out. */
final class GroupRows extends RowWriter {
    private static final String[] ORDERS = {"manual", "random", "sequential"};

    private static final long INVITE = CounterRandom.stream("ajo_groups.invite_code"),
            MEMBER = CounterRandom.stream("group_members.id"),
            PAYMENT = CounterRandom.stream("group_contributions.id"),
            PAYOUT = CounterRandom.stream("group_payouts.id"),
            INVITATION = CounterRandom.stream("group_invitations.id");

    GroupRows(CounterRandom random, HistoryWindow window) {
        super(random, window);
    }

    void groups(Cohort cohort, BinaryCopyBuffer rows) {
        for (AjoGroup group : cohort.groups) {
            id(rows.row(22), GROUP, group.row);
            id(rows, USER, group.members[group.organizer].row)
                    .text(group.name)
                    .text(group.size + " people, one pot of " + group.amount / 100 * group.size + " naira "
                            + group.frequency.word)
                    .int4(group.size)
                    .int4(group.members.length)
                    .numeric(group.amount, 2)
                    .text(group.frequency.word)
                    .text(ORDERS[group.order])
                    .int4(group.recruits() ? 1 : group.round())
                    .int4(group.paidOut)
                    .text(status(group))
                    .numeric(group.collected, 2)
                    .numeric(group.amount * group.size * group.paidOut, 2)
                    .text(NAIRA);
            if (group.recruits()) rows.none().none().none();
            else {
                rows.date(window.epochDay(group.start));
                if (group.isComplete()) rows.none();
                else rows.date(window.epochDay(group.due[group.paidOut + 1]));
                rows.date(window.epochDay(group.due[group.size]));
            }
            rows.bool(group.isPrivate)
                    .text("AJO-"
                            + Long.toString(random.shuffled(20, INVITE, group.row) + (1L << 40), 36)
                                    .toUpperCase(Locale.ROOT))
                    .timestamp(founded(group))
                    .timestamp(
                            group.paidOut == 0 ? founded(group) : window.second(group.due[group.paidOut], 18 * 3600));
        }
    }

    private static String status(AjoGroup group) {
        if (group.recruits()) return "recruiting";
        return group.isComplete() ? "completed" : "active";
    }

    private long memberJoined(AjoGroup group, int position) {
        return founded(group)
                + (position == group.organizer
                        ? 0
                        : 3600 + random.below(10 * 3600, MEMBER + 1, group.memberRow(position)));
    }

    void members(Cohort cohort, BinaryCopyBuffer rows) {
        for (AjoGroup group : cohort.groups)
            for (int i = 0; i < group.members.length; i++) {
                id(rows.row(9), MEMBER, group.memberRow(i));
                id(rows, GROUP, group.row);
                id(rows, USER, group.members[i].row)
                        .text(i == group.organizer ? "organizer" : "member")
                        .int4(i + 1)
                        .bool(i < group.paidOut);
                when(rows, i < group.paidOut, i < group.paidOut ? window.second(group.due[i + 1], 18 * 3600) : 0)
                        .numeric(group.contributed[i], 2)
                        .timestamp(memberJoined(group, i));
            }
    }

    void contributions(Cohort cohort, BinaryCopyBuffer rows) {
        cohort.eachContribution((group, round, position, paid) -> contribution(rows, group, round, position, paid));
    }

    /** @param paid null for what is not paid yet */
    private void contribution(BinaryCopyBuffer rows, AjoGroup group, int round, int position, AjoGroup.Due paid) {
        long row = group.contributionRow(round, position);
        long opened = window.second(group.due[round - 1], round == 1 ? 7 * 3600 : 19 * 3600);
        id(rows.row(13), PAYMENT, row);
        id(rows, GROUP, group.row);
        id(rows, MEMBER, group.memberRow(position));
        id(rows, USER, group.members[position].row)
                .int4(round)
                .numeric(group.amount, 2)
                .text(NAIRA)
                .text(paid == null ? "pending" : "completed");
        if (paid == null) rows.none();
        else id(rows, TRANSACTION, MoneyMovement.row(group.members[position], paid));
        rows.date(window.epochDay(group.due[round]));
        when(rows, paid != null, paid == null ? 0 : paidAt(paid))
                .timestamp(opened)
                .timestamp(paid == null ? opened : paidAt(paid));
    }

    private long paidAt(AjoGroup.Due due) {
        return window.second(due.day(), due.second()) + MoneyMovement.delay(due.source());
    }

    void payouts(Cohort cohort, BinaryCopyBuffer rows) {
        cohort.eachPot((group, round, position, pot) -> {
            long amount = group.amount * group.size;
            long at = window.second(pot.day(), pot.second());
            id(rows.row(15), PAYOUT, group.contributionRow(round, position));
            id(rows, GROUP, group.row);
            id(rows, MEMBER, group.memberRow(position));
            id(rows, USER, group.members[position].row)
                    .int4(round)
                    .numeric(amount, 2)
                    .numeric(group.fee(), 2)
                    .numeric(group.net(), 2)
                    .text(NAIRA)
                    .text("completed");
            id(rows, TRANSACTION, MoneyMovement.row(group.members[position], pot))
                    .date(window.epochDay(group.due[round]))
                    .timestamp(at)
                    .timestamp(window.second(group.due[round - 1], 19 * 3600))
                    .timestamp(at);
        });
    }

    void invitations(Cohort cohort, BinaryCopyBuffer rows) {
        for (AjoGroup group : cohort.groups) {
            for (int i = 0; i < group.members.length; i++)
                if (i != group.organizer) invitation(rows, group, i, group.members[i]);
            if (group.recruits()) invitation(rows, group, AjoGroup.MOST_MEMBERS, null);
        }
    }

    private void invitation(BinaryCopyBuffer rows, AjoGroup group, int place, Person guest) {
        long row = group.memberRow(place);
        id(rows.row(9), INVITATION, row);
        id(rows, GROUP, group.row);
        id(rows, USER, group.members[group.organizer].row);
        if (guest == null) rows.none().text("guest." + row + "@example.test").text("pending");
        else id(rows, USER, guest.row).text(email(guest)).text("accepted");
        rows.timestamp(founded(group) + 30 * 86_400);
        when(rows, guest != null, guest == null ? 0 : memberJoined(group, place))
                .timestamp(founded(group) + 600);
    }
}
