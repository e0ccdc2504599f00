package avdaily.generate.dataset;

import avdaily.generate.BinaryCopyBuffer;
import avdaily.generate.CounterRandom;

/** What the app tells people, gives them, and remembers of them. */
final class AppRows extends RowWriter {
    private static final String[] CHANNELS = {"push", "sms", "email"};

    private static final long NOTE = CounterRandom.stream("notifications.id"),
            MILESTONE = CounterRandom.stream("savings_milestones.id"),
            REWARD = CounterRandom.stream("rewards.id"),
            AUDIT = CounterRandom.stream("audit_log.id");

    AppRows(CounterRandom random, HistoryWindow window) {
        super(random, window);
    }

    void notifications(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            for (MoneyMovement movement : person.movements) notification(person, movement, rows);
            for (SavingsPlan plan : person.plans)
                if (plan.fate == SavingsPlan.Fate.COMPLETED)
                    notification(
                            rows,
                            person,
                            1L << 59 | plan.row,
                            "milestone",
                            plan.name + " is complete",
                            "You saved " + naira(plan.target()) + " naira in " + plan.cycle + " days.",
                            "plan",
                            plan.name,
                            window.second(plan.last, plan.lastSecond + 60));
        }
    }

    /** Failures, pots and interest are told; other movements are not. */
    private void notification(Person person, MoneyMovement movement, BinaryCopyBuffer rows) {
        long row = MoneyMovement.row(person, movement.day, movement.slot);
        long at = window.second(movement.day, movement.settled());
        String amount = naira(movement.amount);
        if (movement.status == MoneyMovement.Status.FAILED) {
            String message = movement.description + ": " + movement.failure + ".";
            notification(
                    rows, person, row, "payment_failed", "A payment did not go through", message, "amount", amount, at);
        } else if (movement.due != null && movement.due.isPot()) {
            String group = movement.due.group().name;
            String message = amount + " naira from " + group + " are in your wallet.";
            notification(rows, person, row, "payout_received", "The pot is yours", message, "group", group, at);
        } else if (movement.type == MoneyMovement.Type.INTEREST) {
            String message = "Your wallet earned " + amount + " naira.";
            notification(rows, person, row, "interest", "Interest of the month", message, "amount", amount, at);
        }
    }

    private void notification(
            BinaryCopyBuffer rows,
            Person person,
            long row,
            String type,
            String title,
            String message,
            String key,
            String value,
            long at) {
        boolean isSent = random.below(100, NOTE + 1, row) < 98;
        boolean isRead = isSent && random.below(100, NOTE + 2, row) < 70;
        id(rows.row(13), NOTE, row);
        id(rows, USER, person.row)
                .text(type)
                .text(CHANNELS[random.weighted(new int[] {70, 12, 18}, NOTE + 3, row)])
                .text(title)
                .text(message)
                .jsonb("{\"" + key + "\": \"" + value + "\"}")
                .text(isSent ? "sent" : "failed")
                .bool(isRead);
        when(rows, isRead, at + 60 + random.below(3600, NOTE + 4, row));
        when(rows, isSent, at);
        if (isSent) rows.none();
        else rows.text("The device does not answer");
        rows.timestamp(at);
    }

    void milestones(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people)
            for (SavingsPlan plan : person.plans) {
                if (plan.thirty >= 0)
                    milestone(
                            rows,
                            person,
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
                            person,
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
            Person person,
            SavingsPlan plan,
            int kind,
            String type,
            String name,
            String description,
            String icon,
            int points,
            long at) {
        id(rows.row(9), MILESTONE, plan.row * 2 + kind);
        id(rows, USER, person.row);
        id(rows, PLAN, plan.row)
                .text(type)
                .text(name)
                .text(description)
                .text(icon)
                .int4(points)
                .timestamp(at);
    }

    void rewards(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people)
            for (SavingsPlan plan : person.plans) {
                if (plan.fate != SavingsPlan.Fate.COMPLETED) continue;
                long at = window.second(plan.last, plan.lastSecond + 60);
                id(rows.row(10), REWARD, plan.row);
                id(rows, USER, person.row)
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

    void audit(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            for (int tier = 1; tier <= person.tier; tier++)
                act(
                        rows,
                        person.row * 16 + tier,
                        0,
                        "kyc.approve",
                        "kyc_verification",
                        CHECK,
                        person.row * 4 + tier,
                        "192.0.2.10",
                        verified(person, tier));
            if (isSignedIn(person))
                act(
                        rows,
                        person.row * 16,
                        person.row,
                        "user.login",
                        "session",
                        SESSION,
                        person.row,
                        address(person),
                        lastSeen(person));
            for (SavingsPlan plan : person.plans)
                if (plan.fate == SavingsPlan.Fate.PAUSED || plan.fate == SavingsPlan.Fate.CANCELLED)
                    act(
                            rows,
                            person.row * 16 + 4 + plan.place,
                            person.row,
                            plan.fate == SavingsPlan.Fate.PAUSED ? "plan.pause" : "plan.cancel",
                            "savings_plans",
                            PLAN,
                            plan.row,
                            address(person),
                            window.second(plan.touched, plan.touchedSecond));
        }
        for (AjoGroup group : cohort.groups) {
            Person organizer = group.members[group.organizer];
            act(
                    rows,
                    1L << 59 | group.row,
                    organizer.row,
                    "group.create",
                    "ajo_groups",
                    GROUP,
                    group.row,
                    address(organizer),
                    founded(group));
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
                .text("{\"request\": \"req-" + padded(random.shuffled(30, AUDIT + 8, row), 19) + "\"}")
                .timestamp(at);
    }
}
