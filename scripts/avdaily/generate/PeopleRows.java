package avdaily.generate;

import java.util.UUID;

/** The people, and what the app knows of them. */
final class PeopleRows extends RowWriter {
    private static final String[] STREETS = {
        "Allen Avenue",
        "Ahmadu Bello Way",
        "Aba Road",
        "Ogui Road",
        "Zik Avenue",
        "Murtala Mohammed Way",
        "Ring Road",
        "Airport Road",
        "Market Road",
        "Station Road",
        "Mission Road",
        "Iwo Road"
    };
    private static final String[] CITIES = {
        "Lagos",
        "Kano",
        "Ibadan",
        "Abuja",
        "Port Harcourt",
        "Benin City",
        "Kaduna",
        "Enugu",
        "Aba",
        "Onitsha",
        "Jos",
        "Uyo",
        "Sokoto",
        "Abeokuta"
    };
    private static final String[] BANKS = {
        "Sample Bank of Lagos", "Example Savings Bank", "Placeholder Microfinance Bank"
    };
    private static final String[] PAPERS = {"national_id", "voters_card", "drivers_license", "international_passport"};
    private static final String[] PHONES = {
        "Tecno Spark", "Infinix Hot", "Itel A70", "Samsung A15", "iPhone SE", "Redmi 13"
    };

    private static final long PHONE = CounterRandom.stream("user.phone_number"),
            BORN = CounterRandom.stream("user.date_of_birth"),
            ROLE = CounterRandom.stream("user_roles.id"),
            BANK = CounterRandom.stream("bank_accounts.id"),
            PREFERENCE = CounterRandom.stream("notification_preferences.id"),
            TOKEN = CounterRandom.stream("push_tokens.id");

    private BaseRoles roles;

    PeopleRows(CounterRandom mix, HistoryWindow window) {
        super(mix, window);
    }

    /** Which roles people have; to be said before the rows are made. */
    void have(BaseRoles roles) {
        this.roles = roles;
    }

    void users(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            boolean isVerified = p.tier > 0;
            rows.row(15);
            id(rows, USER, p.row)
                    .text(p.first + " " + p.family)
                    .text(email(p))
                    .bool(true)
                    .text(phone(p.row))
                    .bool(mix.below(100, PHONE + 8, p.row) < 94)
                    .date(born(p))
                    .int4(p.tier)
                    .text(isVerified ? "verified" : p.rejected ? "rejected" : "pending");
            when(rows, isVerified, verified(p, p.tier));
            rows.bool(mix.below(100, USER + 1, p.row) < 40)
                    .bool(p.isActive(window))
                    .bool(false)
                    .timestamp(joined(p));
            rows.timestamp(
                    p.isActive(window)
                            ? isVerified ? verified(p, p.tier) : joined(p)
                            : window.second(p.left, 21 * 3600));
        }
    }

    /** No number of Nigeria begins with 0 after the country's code, so this one rings nowhere. */
    private String phone(long row) {
        return "+2340" + padded(mix.shuffledBelow(1_000_000_000L, PHONE, row), 9);
    }

    private long born(Person p) {
        return window.epochDay(0) - 18 * 366 - mix.below(40 * 365, BORN, p.row);
    }

    void roles(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            role(rows, p, p.row * 2, roles.user());
            if (p.row == 0) role(rows, p, 1, roles.admin());
        }
    }

    private void role(BinaryCopyBuffer rows, Person p, long row, UUID role) {
        id(rows.row(5), ROLE, row);
        id(rows, USER, p.row).uuid(role.getMostSignificantBits(), role.getLeastSignificantBits());
        id(rows, USER, 0).timestamp(joined(p));
    }

    void checks(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            for (int tier = 1; tier <= p.tier; tier++) check(rows, p, tier, "verified", verified(p, tier));
            if (p.rejected) check(rows, p, 1, "rejected", 0);
            else if (p.tier < 2 && mix.below(100, CHECK + 1, p.row) < 10) check(rows, p, p.tier + 1, "pending", 0);
        }
    }

    private void check(BinaryCopyBuffer rows, Person p, int tier, String status, long at) {
        long row = p.row * 4 + tier;
        long asked = at == 0
                ? Math.max(joined(p) + 600, window.second(Math.min(p.joined + 9, window.days - 1), 10 * 3600))
                : at - 3600;
        id(rows.row(16), CHECK, row);
        id(rows, USER, p.row)
                .int4(tier)
                .text(status)
                .text(p.first)
                .text(p.family)
                .date(born(p))
                .text(1 + mix.below(180, CHECK + 2, row) + " " + mix.pick(STREETS, CHECK + 3, p.row) + ", "
                        + mix.pick(CITIES, CHECK + 4, p.row))
                .text(mix.pick(PAPERS, CHECK + 5, row))
                .text("SPECIMEN-" + padded(row, 9))
                .jsonb("{\"method\": \"" + (tier == 1 ? "automatic" : "manual_review") + "\", \"documents_checked\": "
                        + tier + "}");
        if (at == 0) rows.none().none();
        else id(rows, USER, 0).timestamp(at);
        if (status.equals("rejected")) rows.text("The picture of the document cannot be read");
        else rows.none();
        rows.timestamp(asked).timestamp(at == 0 ? asked : at);
    }

    void accounts(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            if (p.tier == 0) continue;
            int bank = mix.below(BANKS.length, BANK + 1, p.row);
            id(rows.row(10), BANK, p.row);
            id(rows, USER, p.row)
                    .text("99900" + (bank + 1))
                    .text(BANKS[bank])
                    .text("0" + padded(mix.shuffledBelow(1_000_000_000L, BANK + 8, p.row), 9))
                    .text(p.first + " " + p.family)
                    .bool(mix.below(100, BANK + 2, p.row) < 85)
                    .bool(true)
                    .timestamp(verified(p, 1) + 900)
                    .timestamp(verified(p, 1) + 900);
        }
    }

    void preferences(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            boolean isQuiet = mix.below(100, PREFERENCE + 1, p.row) < 20;
            id(rows.row(10), PREFERENCE, p.row);
            id(rows, USER, p.row)
                    .bool(mix.below(100, PREFERENCE + 2, p.row) < 88)
                    .bool(mix.below(100, PREFERENCE + 3, p.row) < 22)
                    .bool(mix.below(100, PREFERENCE + 4, p.row) < 75)
                    .bool(isQuiet);
            if (isQuiet) rows.text("22:00").text("06:00");
            else rows.none().none();
            rows.timestamp(joined(p)).timestamp(joined(p));
        }
    }

    void tokens(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            if (mix.below(100, TOKEN + 1, p.row) >= 70) continue;
            String phone = mix.pick(PHONES, TOKEN + 2, p.row);
            long used = p.isActive(window) ? lastSeen(p) : joined(p);
            id(rows.row(9), TOKEN, p.row);
            id(rows, USER, p.row)
                    .text("example-push-" + hex(TOKEN + 8, p.row))
                    .text(phone.startsWith("iPhone") ? "ios" : "android")
                    .text(phone)
                    .bool(p.isActive(window))
                    .timestamp(used)
                    .timestamp(joined(p) + 60)
                    .timestamp(used);
        }
    }

    private String hex(long stream, long row) {
        return Long.toHexString(mix.shuffled(30, stream, row) | 1L << 60)
                + Long.toHexString(mix.bits(stream, row) | 1L << 63);
    }

    void sessions(Cohort n, BinaryCopyBuffer rows) {
        for (Person p : n.people) {
            if (!isSignedIn(p)) continue;
            id(rows.row(9), SESSION, p.row)
                    .timestamp(lastSeen(p) + 30 * 86_400)
                    .text("example-session-" + hex(SESSION + 8, p.row))
                    .timestamp(lastSeen(p))
                    .timestamp(lastSeen(p))
                    .text(address(p))
                    .text("AVDaily/1.0")
                    .timestamp(lastSeen(p));
            id(rows, USER, p.row);
        }
    }
}
