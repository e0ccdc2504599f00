package avdaily.generate;

/** What the app tells people, gives them, and remembers of them. */
final class AppRows extends RowWriter {
    private static final String[] CHANNELS = {"push", "sms", "email"};

    private static final long NOTE = CounterRandom.stream("notifications.id"),
            MILESTONE = CounterRandom.stream("savings_milestones.id"),
            REWARD = CounterRandom.stream("rewards.id"),
            AUDIT = CounterRandom.stream("audit_log.id");

    AppRows(CounterRandom mix, HistoryWindow window) {
        super(mix, window);
    }

    void notifications(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            for (MoneyMovement movement : p.movements) {
                long row = MoneyMovement.row(p, movement.day, movement.slot);
                long at = window.second(movement.day, movement.settled());
                if (movement.status == MoneyMovement.Status.FAILED)
                    notification(
                            rows,
                            p,
                            row,
                            "payment_failed",
                            "A payment did not go through",
                            movement.description + ": " + movement.failure + ".",
                            "amount",
                            naira(movement.amount),
                            at);
                else if (movement.due != null && movement.due.isPot())
                    notification(
                            rows,
                            p,
                            row,
                            "payout_received",
                            "The pot is yours",
                            naira(movement.amount) + " naira from " + movement.due.group().name
                                    + " are in your wallet.",
                            "group",
                            movement.due.group().name,
                            at);
                else if (movement.type == MoneyMovement.Type.INTEREST)
                    notification(
                            rows,
                            p,
                            row,
                            "interest",
                            "Interest of the month",
                            "Your wallet earned " + naira(movement.amount) + " naira.",
                            "amount",
                            naira(movement.amount),
                            at);
            }
            for (SavingsPlan plan : p.plans)
                if (plan.fate == SavingsPlan.Fate.COMPLETED)
                    notification(
                            rows,
                            p,
                            1L << 59 | plan.row,
                            "milestone",
                            plan.name + " is complete",
                            "You saved " + naira(plan.target()) + " naira in " + plan.cycle + " days.",
                            "plan",
                            plan.name,
                            window.second(plan.last, plan.lastSecond + 60));
        }
    }

    private void notification(
            BinaryCopyBuffer rows,
            Person p,
            long row,
            String type,
            String title,
            String message,
            String key,
            String value,
            long at) {
        boolean isSent = mix.below(100, NOTE + 1, row) < 98;
        boolean isRead = isSent && mix.below(100, NOTE + 2, row) < 70;
        id(rows.row(13), NOTE, row);
        id(rows, USER, p.row)
                .text(type)
                .text(CHANNELS[mix.weighted(new int[] {70, 12, 18}, NOTE + 3, row)])
                .text(title)
                .text(message)
                .jsonb("{\"" + key + "\": \"" + value + "\"}")
                .text(isSent ? "sent" : "failed")
                .bool(isRead);
        when(rows, isRead, at + 60 + mix.below(3600, NOTE + 4, row));
        when(rows, isSent, at);
        if (isSent) rows.none();
        else rows.text("The device does not answer");
        rows.timestamp(at);
    }

    void milestones(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people)
            for (SavingsPlan plan : p.plans) {
                if (plan.thirty >= 0)
                    milestone(
                            rows,
                            p,
                            plan,
                            0,
                            "streak",
                            "30 Days in a Row",
                            "Saved for " + plan.name + " on 30 days without a gap",
                            "badge-streak-30",
                            100,
                            window.second(plan.thirty, 21 * 3600));
                if (plan.fate == SavingsPlan.Fate.COMPLETED)
                    milestone(
                            rows,
                            p,
                            plan,
                            1,
                            "plan_completed",
                            "Goal Reached: " + plan.name,
                            "Saved " + naira(plan.target()) + " in " + plan.cycle + " days",
                            "badge-goal",
                            200,
                            window.second(plan.last, plan.lastSecond));
            }
    }

    private void milestone(
            BinaryCopyBuffer rows,
            Person p,
            SavingsPlan plan,
            int kind,
            String type,
            String name,
            String description,
            String icon,
            int points,
            long at) {
        id(rows.row(9), MILESTONE, plan.row * 2 + kind);
        id(rows, USER, p.row);
        id(rows, PLAN, plan.row)
                .text(type)
                .text(name)
                .text(description)
                .text(icon)
                .int4(points)
                .timestamp(at);
    }

    void rewards(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people)
            for (SavingsPlan plan : p.plans) {
                if (plan.fate != SavingsPlan.Fate.COMPLETED) continue;
                long at = window.second(plan.last, plan.lastSecond + 60);
                id(rows.row(10), REWARD, plan.row);
                id(rows, USER, p.row)
                        .text("points")
                        .text("Goal Getter: " + plan.name)
                        .text("For a plan that was completed")
                        .int4(200)
                        .text("active")
                        .timestamp(at + 500L * 86_400)
                        .jsonb("{\"plan\": \"" + plan.name + "\"}")
                        .timestamp(at);
            }
    }

    void audit(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            for (int tier = 1; tier <= p.tier; tier++)
                act(
                        rows,
                        p.row * 16 + tier,
                        0,
                        "kyc.approve",
                        "kyc_verification",
                        CHECK,
                        p.row * 4 + tier,
                        "192.0.2.10",
                        verified(p, tier));
            if (isSignedIn(p))
                act(rows, p.row * 16, p.row, "user.login", "session", SESSION, p.row, address(p), lastSeen(p));
            for (SavingsPlan plan : p.plans)
                if (plan.fate == SavingsPlan.Fate.PAUSED || plan.fate == SavingsPlan.Fate.CANCELLED)
                    act(
                            rows,
                            p.row * 16 + 4 + plan.place,
                            p.row,
                            plan.fate == SavingsPlan.Fate.PAUSED ? "plan.pause" : "plan.cancel",
                            "savings_plans",
                            PLAN,
                            plan.row,
                            address(p),
                            window.second(plan.touched, plan.touchedSecond));
        }
        for (AjoGroup g : n.groups) {
            Person organizer = g.members[g.organizer];
            act(
                    rows,
                    1L << 59 | g.row,
                    organizer.row,
                    "group.create",
                    "ajo_groups",
                    GROUP,
                    g.row,
                    address(organizer),
                    founded(g));
        }
    }

    private void act(
            BinaryCopyBuffer rows,
            long row,
            long actor,
            String action,
            String resource,
            long stream,
            long of,
            String address,
            long at) {
        id(rows.row(10), AUDIT, row);
        id(rows, USER, actor).text(action).text(resource);
        id(rows, stream, of)
                .text("success")
                .text(address)
                .text("AVDaily/1.0")
                .text("{\"request\": \"req-" + padded(mix.shuffled(30, AUDIT + 8, row), 19) + "\"}")
                .timestamp(at);
    }
}
