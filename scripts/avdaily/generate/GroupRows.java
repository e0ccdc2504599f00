package avdaily.generate;

import java.util.Locale;

/** The groups, who is in them, and what they pay in and get out. */
final class GroupRows extends RowWriter {
    private static final String[] ORDERS = {"manual", "random", "sequential"};

    private static final long INVITE = CounterRandom.stream("ajo_groups.invite_code"),
            MEMBER = CounterRandom.stream("group_members.id"),
            PAYMENT = CounterRandom.stream("group_contributions.id"),
            PAYOUT = CounterRandom.stream("group_payouts.id"),
            INVITATION = CounterRandom.stream("group_invitations.id");

    GroupRows(CounterRandom mix, HistoryWindow window) {
        super(mix, window);
    }

    void groups(Cohort n, BinaryCopyBuffer rows) {
        for (AjoGroup g : n.groups) {
            String status = g.recruits() ? "recruiting" : g.isComplete() ? "completed" : "active";
            id(rows.row(22), GROUP, g.row);
            id(rows, USER, g.members[g.organizer].row)
                    .text(g.name)
                    .text(g.size + " people, one pot of " + g.amount / 100 * g.size + " naira " + word(g.frequency))
                    .int4(g.size)
                    .int4(g.members.length)
                    .numeric(g.amount, 2)
                    .text(word(g.frequency))
                    .text(ORDERS[g.order])
                    .int4(g.recruits() ? 1 : g.round())
                    .int4(g.paidOut)
                    .text(status)
                    .numeric(g.collected, 2)
                    .numeric(g.amount * g.size * g.paidOut, 2)
                    .text(NAIRA);
            if (g.recruits()) rows.none().none().none();
            else {
                rows.date(window.epochDay(g.start));
                if (g.isComplete()) rows.none();
                else rows.date(window.epochDay(g.due[g.paidOut + 1]));
                rows.date(window.epochDay(g.due[g.size]));
            }
            rows.bool(g.isPrivate)
                    .text("AJO-"
                            + Long.toString(mix.shuffled(20, INVITE, g.row) + (1L << 40), 36)
                                    .toUpperCase(Locale.ROOT))
                    .timestamp(founded(g))
                    .timestamp(g.paidOut == 0 ? founded(g) : window.second(g.due[g.paidOut], 18 * 3600));
        }
    }

    private long memberJoined(AjoGroup g, int position) {
        return founded(g)
                + (position == g.organizer ? 0 : 3600 + mix.below(10 * 3600, MEMBER + 1, g.memberRow(position)));
    }

    void members(Cohort n, BinaryCopyBuffer rows) {
        for (AjoGroup g : n.groups)
            for (int i = 0; i < g.members.length; i++) {
                id(rows.row(9), MEMBER, g.memberRow(i));
                id(rows, GROUP, g.row);
                id(rows, USER, g.members[i].row)
                        .text(i == g.organizer ? "organizer" : "member")
                        .int4(i + 1)
                        .bool(i < g.paidOut);
                when(rows, i < g.paidOut, i < g.paidOut ? window.second(g.due[i + 1], 18 * 3600) : 0)
                        .numeric(g.contributed[i], 2)
                        .timestamp(memberJoined(g, i));
            }
    }

    void contributions(Cohort n, BinaryCopyBuffer rows) {
        n.eachContribution((g, round, position, paid) -> {
            long row = g.contributionRow(round, position);
            long opened = window.second(g.due[round - 1], round == 1 ? 7 * 3600 : 19 * 3600);
            id(rows.row(13), PAYMENT, row);
            id(rows, GROUP, g.row);
            id(rows, MEMBER, g.memberRow(position));
            id(rows, USER, g.members[position].row)
                    .int4(round)
                    .numeric(g.amount, 2)
                    .text(NAIRA)
                    .text(paid == null ? "pending" : "completed");
            if (paid == null) rows.none();
            else id(rows, TRANSACTION, MoneyMovement.row(g.members[position], paid));
            rows.date(window.epochDay(g.due[round]));
            when(rows, paid != null, paid == null ? 0 : paidAt(paid))
                    .timestamp(opened)
                    .timestamp(paid == null ? opened : paidAt(paid));
        });
    }

    private long paidAt(AjoGroup.Due due) {
        return window.second(due.day(), due.second()) + MoneyMovement.delay(due.source());
    }

    void payouts(Cohort n, BinaryCopyBuffer rows) {
        n.eachPot((g, round, position, pot) -> {
            long amount = g.amount * g.size;
            long at = window.second(pot.day(), pot.second());
            id(rows.row(15), PAYOUT, g.contributionRow(round, position));
            id(rows, GROUP, g.row);
            id(rows, MEMBER, g.memberRow(position));
            id(rows, USER, g.members[position].row)
                    .int4(round)
                    .numeric(amount, 2)
                    .numeric(g.fee(), 2)
                    .numeric(g.net(), 2)
                    .text(NAIRA)
                    .text("completed");
            id(rows, TRANSACTION, MoneyMovement.row(g.members[position], pot))
                    .date(window.epochDay(g.due[round]))
                    .timestamp(at)
                    .timestamp(window.second(g.due[round - 1], 19 * 3600))
                    .timestamp(at);
        });
    }

    void invitations(Cohort n, BinaryCopyBuffer rows) {
        for (AjoGroup g : n.groups) {
            for (int i = 0; i < g.members.length; i++) if (i != g.organizer) invitation(rows, g, i, g.members[i]);
            if (g.recruits()) invitation(rows, g, AjoGroup.MOST_MEMBERS, null);
        }
    }

    private void invitation(BinaryCopyBuffer rows, AjoGroup g, int place, Person guest) {
        long row = g.memberRow(place);
        id(rows.row(9), INVITATION, row);
        id(rows, GROUP, g.row);
        id(rows, USER, g.members[g.organizer].row);
        if (guest == null) rows.none().text("guest." + row + "@example.test").text("pending");
        else id(rows, USER, guest.row).text(email(guest)).text("accepted");
        rows.timestamp(founded(g) + 30 * 86_400);
        when(rows, guest != null, guest == null ? 0 : memberJoined(g, place)).timestamp(founded(g) + 600);
    }
}
