package avdaily.generate.dataset;

import avdaily.generate.BinaryCopyBuffer;
import avdaily.generate.CounterRandom;
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

    PeopleRows(CounterRandom random, HistoryWindow window) {
        super(random, window);
    }

    /** Sets the roles that people have. They are needed before rows are made. */
    void useRoles(BaseRoles roles) {
        this.roles = roles;
    }

    void users(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            boolean isVerified = person.tier > 0;
            rows.row(15);
            id(rows, USER, person.row)
                    .text(person.first + " " + person.family)
                    .text(email(person))
                    .bool(true)
                    .text(phone(person.row))
                    .bool(random.below(100, PHONE + 8, person.row) < 94)
                    .date(born(person))
                    .int4(person.tier)
                    .text(kycStatus(person));
            when(rows, isVerified, verified(person, person.tier));
            rows.bool(random.below(100, USER + 1, person.row) < 40)
                    .bool(person.isActive(window))
                    .bool(false)
                    .timestamp(joined(person));
            rows.timestamp(
                    person.isActive(window)
                            ? isVerified ? verified(person, person.tier) : joined(person)
                            : window.second(person.left, 21 * 3600));
        }
    }

    private static String kycStatus(Person person) {
        if (person.tier > 0) return "verified";
        return person.rejected ? "rejected" : "pending";
    }

    /** No number of Nigeria begins with 0 after the country's code, so this one rings nowhere. */
    private String phone(long row) {
        return "+2340" + padded(random.shuffledBelow(1_000_000_000L, PHONE, row), 9);
    }

    private long born(Person person) {
        return window.epochDay(0) - 18 * 366 - random.below(40 * 365, BORN, person.row);
    }

    void roles(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            role(rows, person, person.row * 2, roles.user());
            if (person.row == 0) role(rows, person, 1, roles.admin());
        }
    }

    private void role(BinaryCopyBuffer rows, Person person, long row, UUID role) {
        id(rows.row(5), ROLE, row);
        id(rows, USER, person.row).uuid(role.getMostSignificantBits(), role.getLeastSignificantBits());
        id(rows, USER, 0).timestamp(joined(person));
    }

    void checks(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            for (int tier = 1; tier <= person.tier; tier++)
                check(rows, person, tier, "verified", verified(person, tier));
            if (person.rejected) check(rows, person, 1, "rejected", 0);
            else if (person.tier < 2 && random.below(100, CHECK + 1, person.row) < 10)
                check(rows, person, person.tier + 1, "pending", 0);
        }
    }

    private void check(BinaryCopyBuffer rows, Person person, int tier, String status, long at) {
        long row = person.row * 4 + tier;
        long asked = at == 0
                ? Math.max(joined(person) + 600, window.second(Math.min(person.joined + 9, window.days - 1), 10 * 3600))
                : at - 3600;
        id(rows.row(16), CHECK, row);
        id(rows, USER, person.row)
                .int4(tier)
                .text(status)
                .text(person.first)
                .text(person.family)
                .date(born(person))
                .text(1 + random.below(180, CHECK + 2, row) + " " + random.pick(STREETS, CHECK + 3, person.row) + ", "
                        + random.pick(CITIES, CHECK + 4, person.row))
                .text(random.pick(PAPERS, CHECK + 5, row))
                .text("SPECIMEN-" + padded(row, 9))
                .jsonb("{\"method\": \"" + (tier == 1 ? "automatic" : "manual_review") + "\", \"documents_checked\": "
                        + tier + "}");
        if (at == 0) rows.none().none();
        else id(rows, USER, 0).timestamp(at);
        if (status.equals("rejected")) rows.text("The picture of the document cannot be read");
        else rows.none();
        rows.timestamp(asked).timestamp(at == 0 ? asked : at);
    }

    void accounts(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            if (person.tier == 0) continue;
            int bank = random.below(BANKS.length, BANK + 1, person.row);
            id(rows.row(10), BANK, person.row);
            id(rows, USER, person.row)
                    .text("99900" + (bank + 1))
                    .text(BANKS[bank])
                    .text("0" + padded(random.shuffledBelow(1_000_000_000L, BANK + 8, person.row), 9))
                    .text(person.first + " " + person.family)
                    .bool(random.below(100, BANK + 2, person.row) < 85)
                    .bool(true)
                    .timestamp(verified(person, 1) + 900)
                    .timestamp(verified(person, 1) + 900);
        }
    }

    void preferences(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            boolean isQuiet = random.below(100, PREFERENCE + 1, person.row) < 20;
            id(rows.row(10), PREFERENCE, person.row);
            id(rows, USER, person.row)
                    .bool(random.below(100, PREFERENCE + 2, person.row) < 88)
                    .bool(random.below(100, PREFERENCE + 3, person.row) < 22)
                    .bool(random.below(100, PREFERENCE + 4, person.row) < 75)
                    .bool(isQuiet);
            if (isQuiet) rows.text("22:00").text("06:00");
            else rows.none().none();
            rows.timestamp(joined(person)).timestamp(joined(person));
        }
    }

    void tokens(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            if (random.below(100, TOKEN + 1, person.row) >= 70) continue;
            String phone = random.pick(PHONES, TOKEN + 2, person.row);
            long used = person.isActive(window) ? lastSeen(person) : joined(person);
            id(rows.row(9), TOKEN, person.row);
            id(rows, USER, person.row)
                    .text("example-push-" + hex(TOKEN + 8, person.row))
                    .text(phone.startsWith("iPhone") ? "ios" : "android")
                    .text(phone)
                    .bool(person.isActive(window))
                    .timestamp(used)
                    .timestamp(joined(person) + 60)
                    .timestamp(used);
        }
    }

    private String hex(long stream, long row) {
        return Long.toHexString(random.shuffled(30, stream, row) | 1L << 60)
                + Long.toHexString(random.bits(stream, row) | 1L << 63);
    }

    void sessions(Cohort cohort, BinaryCopyBuffer rows) {
        for (Person person : cohort.people) {
            if (!isSignedIn(person)) continue;
            id(rows.row(9), SESSION, person.row)
                    .timestamp(lastSeen(person) + 30 * 86_400)
                    .text("example-session-" + hex(SESSION + 8, person.row))
                    .timestamp(lastSeen(person))
                    .timestamp(lastSeen(person))
                    .text(address(person))
                    .text("AVDaily/1.0")
                    .timestamp(lastSeen(person));
            id(rows, USER, person.row);
        }
    }
}
