import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** AV-Daily at volume: the rows of every table, written from neighbourhoods whose lives agree with each other. Blocks are neighbourhoods. */
final class History implements RowSource {
    private interface Writer {
        void write(Neighbourhood n, CopyRows rows);
    }

    private record Table(Target target, boolean lives, Writer writer) {}

    /** What a day adds up to; the transactions' pass counts it and daily_analytics writes it. */
    private static final int NEW_USERS = 0, ACTIVE_USERS = 1, PLANS = 2, ACTIVE_PLANS = 3, CONTRIBUTIONS = 4, CONTRIBUTED = 5, WITHDRAWALS = 6,
            WITHDRAWN = 7, ACTIVE_GROUPS = 8, COUNTS = 9;
    private static final byte[] NAIRA = {'N', 'G', 'N'};
    private static final String[] STREETS = {"Allen Avenue", "Ahmadu Bello Way", "Aba Road", "Ogui Road", "Zik Avenue", "Murtala Mohammed Way",
            "Ring Road", "Airport Road", "Market Road", "Station Road", "Mission Road", "Iwo Road"};
    private static final String[] CITIES = {"Lagos", "Kano", "Ibadan", "Abuja", "Port Harcourt", "Benin City", "Kaduna", "Enugu", "Aba", "Onitsha",
            "Jos", "Uyo", "Sokoto", "Abeokuta"};
    private static final String[] BANKS = {"Sample Bank of Lagos", "Example Savings Bank", "Placeholder Microfinance Bank"};
    private static final String[] PAPERS = {"national_id", "voters_card", "drivers_license", "international_passport"};
    private static final String[] PHONES = {"Tecno Spark", "Infinix Hot", "Itel A70", "Samsung A15", "iPhone SE", "Redmi 13"};
    private static final String[] CHANNELS = {"push", "sms", "email"};
    private static final String[] ORDERS = {"manual", "random", "sequential"};

    private static final long USER = Mix.stream("user.id"), EMAIL = Mix.stream("user.email"), PHONE = Mix.stream("user.phone_number"),
            BORN = Mix.stream("user.date_of_birth"), VERIFIED = Mix.stream("user.kyc_verified_at"),
            ROLE = Mix.stream("user_roles.id"), CHECK = Mix.stream("kyc_verification.id"), BANK = Mix.stream("bank_accounts.id"),
            WALLET = Mix.stream("wallets.id"), PLAN = Mix.stream("savings_plans.id"),
            TRANSACTION = Mix.stream("transactions.id"), REFERENCE = Mix.stream("transactions.reference"), GROUP = Mix.stream("ajo_groups.id"),
            INVITE = Mix.stream("ajo_groups.invite_code"), MEMBER = Mix.stream("group_members.id"),
            PAYMENT = Mix.stream("group_contributions.id"), PAYOUT = Mix.stream("group_payouts.id"),
            INVITATION = Mix.stream("group_invitations.id"), PREFERENCE = Mix.stream("notification_preferences.id"),
            TOKEN = Mix.stream("push_tokens.id"), SESSION = Mix.stream("session.id"), NOTE = Mix.stream("notifications.id"),
            MILESTONE = Mix.stream("savings_milestones.id"), REWARD = Mix.stream("rewards.id"),
            ANALYTICS = Mix.stream("user_analytics.id"), DAY = Mix.stream("daily_analytics.id"), AUDIT = Mix.stream("audit_log.id");

    private final Mix mix;
    private final Days window;
    private final long users;
    private final long[][] days;
    private UUID adminRole;
    private UUID userRole;

    private final List<Table> tables = List.of(
            table("user", "id name email email_verified phone_number phone_verified date_of_birth kyc_tier kyc_status kyc_verified_at "
                    + "biometric_enabled is_active is_suspended created_at updated_at", false, this::users),
            table("user_roles", "id user_id role_id assigned_by assigned_at", false, this::roles),
            table("kyc_verification", "id user_id tier status first_name last_name date_of_birth address government_id_type government_id_number "
                    + "verification_data verified_by verified_at rejection_reason created_at updated_at", false, this::checks),
            table("bank_accounts", "id user_id bank_code bank_name account_number account_name is_verified is_primary created_at updated_at", false,
                    this::accounts),
            table("notification_preferences", "id user_id push_enabled sms_enabled email_weekly_report quiet_hours_enabled quiet_hours_start "
                    + "quiet_hours_end created_at updated_at", false, this::preferences),
            table("push_tokens", "id user_id token platform device_name is_active last_used_at created_at updated_at", false, this::tokens),
            table("session", "id expires_at token created_at updated_at ip_address user_agent last_activity_at user_id", false, this::sessions),
            table("wallets", "id user_id balance currency is_active created_at updated_at", true, this::wallets),
            table("savings_plans", "id user_id plan_name daily_amount cycle_duration target_amount current_amount auto_save_enabled auto_save_time "
                    + "status start_date end_date contribution_streak total_contributions currency created_at updated_at version", true, this::plans),
            table("transactions", "id user_id plan_id amount currency type status reference description created_at completed_at updated_at "
                    + "payment_source failed_at failure_reason", true, this::transactions),
            table("ajo_groups", "id organizer_id group_name description member_count current_member_count contribution_amount "
                    + "contribution_frequency rotation_order current_round current_position status total_collected total_disbursed currency "
                    + "start_date next_payout_date end_date is_private invite_code created_at updated_at", false, this::groups),
            table("group_members", "id group_id user_id role position has_received_payout payout_received_at total_contributed joined_at", false,
                    this::members),
            table("group_contributions", "id group_id member_id user_id round amount currency status transaction_id due_date paid_at created_at "
                    + "updated_at", false, this::contributions),
            table("group_payouts", "id group_id member_id user_id round amount service_fee net_amount currency status transaction_id scheduled_date "
                    + "disbursed_at created_at updated_at", false, this::payouts),
            table("group_invitations", "id group_id invited_by invited_user_id invited_email status expires_at accepted_at created_at", false,
                    this::invitations),
            table("notifications", "id user_id type channel title message data status is_read read_at sent_at failure_reason created_at", true,
                    this::notifications),
            table("savings_milestones", "id user_id plan_id milestone_type milestone_name description badge_icon reward_points achieved_at", true,
                    this::milestones),
            table("rewards", "id user_id reward_type reward_name description points status expires_at metadata created_at", true, this::rewards),
            table("user_analytics", "id user_id total_saved total_withdrawn current_streak longest_streak total_contributions completed_plans "
                    + "active_plans total_interest_earned currency last_contribution_date created_at updated_at", true, this::analytics),
            table("daily_analytics", "id date total_users active_users new_users total_savings_plans active_savings_plans total_contributions "
                    + "total_contribution_amount total_withdrawals total_withdrawal_amount active_ajo_groups currency created_at", false, null),
            table("audit_log", "id user_id action resource resource_id status ip_address user_agent metadata created_at", true, this::audit));

    History(long seed, LocalDate asOf, int days, long users) {
        this.mix = new Mix(seed);
        this.window = new Days(asOf, days);
        this.users = users;
        this.days = new long[days][COUNTS];
    }

    private static Table table(String name, String columns, boolean lives, Writer writer) {
        return new Table(new Target(name, List.of(columns.split(" "))), lives, writer);
    }

    @Override
    public List<Target> targets() {
        return tables.stream().map(Table::target).toList();
    }

    @Override
    public long blocks(Target target) {
        return target.table().equals("daily_analytics") ? 1 : (users + Neighbourhood.SIZE - 1) / Neighbourhood.SIZE;
    }

    @Override
    public void write(Target target, long block, CopyRows rows) {
        Table table = tables.stream().filter(t -> t.target.equals(target)).findFirst().orElseThrow();
        if (table.writer == null) {
            daily(rows);
            return;
        }
        Neighbourhood n = new Neighbourhood(mix, window, block, users);
        table.writer.write(table.lives ? n.live() : n, rows);
    }

    // -- what is there before

    /** Roles and permissions stay as they are; where there are none, those of the base seeds come in, with the ids that seeding gives them. */
    void prepare(Connection c, Path seeds) throws SQLException {
        if (Database.one(c, "SELECT count(*) FROM roles WHERE name IN ('admin', 'user')", Long.class) < 2) {
            for (SeedRow role : base(seeds, "roles")) insert(c, "roles", role);
            for (SeedRow permission : base(seeds, "permissions")) insert(c, "permissions", permission);
            for (SeedRow grant : base(seeds, "role_permissions")) grant(c, grant);
        }
        adminRole = role(c, "admin", seeds);
        userRole = role(c, "user", seeds);
    }

    private static UUID role(Connection c, String name, Path seeds) throws SQLException {
        UUID id = Database.one(c, "SELECT id FROM roles WHERE name = ?", UUID.class, name);
        if (id == null)
            throw Failure.usage("there is no role " + name + ", neither in the database nor in base/ of " + Folder.show(seeds),
                    "add it to roles there.");
        return id;
    }

    private static List<SeedRow> base(Path seeds, String table) {
        Path folder = seeds.resolve("base");
        for (Path file : Folder.files(folder))
            if (file.getFileName().toString().matches(table + "\\.\\w+")) return SeedFile.read(file).rows();
        throw Failure.usage("there is no file for " + table + " in " + Folder.show(folder),
                "name another folder with --seeds, or bring the roles into the database first.");
    }

    /** What the file leaves out gets the database's default. */
    private void insert(Connection c, String table, SeedRow row) throws SQLException {
        String first = window.date(0).toString();
        ObjectNode values = Json.MAPPER.valueToTree(row.fields());
        values.put("id", SeedValues.id(table, SeedPlan.text(List.of(row.fields().get("name").asText()))).toString())
                .put("created_at", first).put("updated_at", first);
        List<String> columns = new ArrayList<>();
        values.fieldNames().forEachRemaining(column -> columns.add(Out.quoted(column)));
        Database.update(c, """
                INSERT INTO %1$s (%2$s) SELECT %2$s FROM jsonb_populate_record(null::%1$s, ?::jsonb) ON CONFLICT (name) DO NOTHING"""
                .formatted(table, String.join(", ", columns)), values.toString());
    }

    private void grant(Connection c, SeedRow grant) throws SQLException {
        UUID role = Database.one(c, "SELECT id FROM roles WHERE name = ?", UUID.class, grant.fields().get("role").asText());
        UUID permission = Database.one(c, "SELECT id FROM permissions WHERE name = ?", UUID.class, grant.fields().get("permission").asText());
        Database.update(c, "INSERT INTO role_permissions (id, role_id, permission_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                SeedValues.id("role_permissions", SeedPlan.text(List.of(role.toString(), permission.toString()))), role, permission,
                window.date(0).atStartOfDay());
    }

    // -- people

    private void users(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            boolean isVerified = p.tier > 0;
            rows.row(15);
            id(rows, USER, p.row).text(p.first + " " + p.family).text(email(p)).bool(true).text(phone(p.row))
                    .bool(mix.below(100, PHONE + 8, p.row) < 94).date(born(p)).int4(p.tier)
                    .text(isVerified ? "verified" : p.rejected ? "rejected" : "pending");
            when(rows, isVerified, verified(p, p.tier));
            rows.bool(mix.below(100, USER + 1, p.row) < 40).bool(p.isActive(window)).bool(false).timestamp(joined(p));
            rows.timestamp(p.isActive(window) ? isVerified ? verified(p, p.tier) : joined(p) : window.second(p.left, 21 * 3600));
        }
    }

    private String email(Neighbourhood.Person p) {
        String number = Long.toString(mix.shuffled(16, EMAIL, p.row), 36);
        return (p.first + "." + p.family + "." + number + "@example.test").replace("'", "").toLowerCase(Locale.ROOT);
    }

    /** No number of Nigeria begins with 0 after the country's code, so this one rings nowhere. */
    private String phone(long row) {
        return "+2340" + padded(mix.shuffledBelow(1_000_000_000L, PHONE, row), 9);
    }

    private static String padded(long number, int digits) {
        String text = Long.toString(number);
        return "0".repeat(digits - text.length()) + text;
    }

    private long born(Neighbourhood.Person p) {
        return window.epochDay(0) - 18 * 366 - mix.below(40 * 365, BORN, p.row);
    }

    private long joined(Neighbourhood.Person p) {
        return window.second(p.joined, p.joinedSecond);
    }

    /** The tier is reached some days after joining, the second after the first. */
    private long verified(Neighbourhood.Person p, int tier) {
        return window.second(p.joined + (tier == 1 ? 1 + mix.below(3, VERIFIED, p.row) : 5 + mix.below(4, VERIFIED + 1, p.row)),
                9 * 3600 + mix.below(8 * 3600, VERIFIED + tier, p.row));
    }

    private void roles(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            role(rows, p, p.row * 2, userRole);
            if (p.row == 0) role(rows, p, 1, adminRole);
        }
    }

    private void role(CopyRows rows, Neighbourhood.Person p, long row, UUID role) {
        id(rows.row(5), ROLE, row);
        id(rows, USER, p.row).uuid(role.getMostSignificantBits(), role.getLeastSignificantBits());
        id(rows, USER, 0).timestamp(joined(p));
    }

    private void checks(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            for (int tier = 1; tier <= p.tier; tier++) check(rows, p, tier, "verified", verified(p, tier));
            if (p.rejected) check(rows, p, 1, "rejected", 0);
            else if (p.tier < 2 && mix.below(100, CHECK + 1, p.row) < 10) check(rows, p, p.tier + 1, "pending", 0);
        }
    }

    private void check(CopyRows rows, Neighbourhood.Person p, int tier, String status, long at) {
        long row = p.row * 4 + tier;
        long asked = at == 0 ? window.second(Math.min(p.joined + 9, window.days - 1), 10 * 3600) : at - 3600;
        id(rows.row(16), CHECK, row);
        id(rows, USER, p.row).int4(tier).text(status).text(p.first).text(p.family).date(born(p))
                .text(1 + mix.below(180, CHECK + 2, row) + " " + mix.pick(STREETS, CHECK + 3, p.row) + ", " + mix.pick(CITIES, CHECK + 4, p.row))
                .text(mix.pick(PAPERS, CHECK + 5, row)).text("SPECIMEN-" + padded(row, 9))
                .jsonb("{\"method\": \"" + (tier == 1 ? "automatic" : "manual_review") + "\", \"documents_checked\": " + tier + "}");
        if (at == 0) rows.none().none();
        else id(rows, USER, 0).timestamp(at);
        if (status.equals("rejected")) rows.text("The picture of the document cannot be read");
        else rows.none();
        rows.timestamp(asked).timestamp(at == 0 ? asked : at);
    }

    private void accounts(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            if (p.tier == 0) continue;
            int bank = mix.below(BANKS.length, BANK + 1, p.row);
            id(rows.row(10), BANK, p.row);
            id(rows, USER, p.row).text("99900" + (bank + 1)).text(BANKS[bank])
                    .text("0" + padded(mix.shuffledBelow(1_000_000_000L, BANK + 8, p.row), 9)).text(p.first + " " + p.family)
                    .bool(mix.below(100, BANK + 2, p.row) < 85).bool(true).timestamp(verified(p, 1) + 900).timestamp(verified(p, 1) + 900);
        }
    }

    private void preferences(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            boolean isQuiet = mix.below(100, PREFERENCE + 1, p.row) < 20;
            id(rows.row(10), PREFERENCE, p.row);
            id(rows, USER, p.row).bool(mix.below(100, PREFERENCE + 2, p.row) < 88).bool(mix.below(100, PREFERENCE + 3, p.row) < 22)
                    .bool(mix.below(100, PREFERENCE + 4, p.row) < 75).bool(isQuiet);
            if (isQuiet) rows.text("22:00").text("06:00");
            else rows.none().none();
            rows.timestamp(joined(p)).timestamp(joined(p));
        }
    }

    private void tokens(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            if (mix.below(100, TOKEN + 1, p.row) >= 70) continue;
            String phone = mix.pick(PHONES, TOKEN + 2, p.row);
            long used = p.isActive(window) ? lastSeen(p) : joined(p);
            id(rows.row(9), TOKEN, p.row);
            id(rows, USER, p.row).text("example-push-" + hex(TOKEN + 8, p.row)).text(phone.startsWith("iPhone") ? "ios" : "android").text(phone)
                    .bool(p.isActive(window)).timestamp(used).timestamp(joined(p) + 60).timestamp(used);
        }
    }

    private String hex(long stream, long row) {
        return Long.toHexString(mix.shuffled(30, stream, row) | 1L << 60) + Long.toHexString(mix.bits(stream, row) | 1L << 63);
    }

    /** Sometime in the last week, and not before they joined. */
    private long lastSeen(Neighbourhood.Person p) {
        return Math.max(joined(p) + 120, window.second(window.days - 1 - mix.below(6, SESSION + 1, p.row),
                6 * 3600 + mix.below(15 * 3600, SESSION + 2, p.row)));
    }

    private boolean isSignedIn(Neighbourhood.Person p) {
        return p.isActive(window) && (p.row == 0 || mix.below(100, SESSION + 3, p.row) < 25);
    }

    private void sessions(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            if (!isSignedIn(p)) continue;
            id(rows.row(9), SESSION, p.row).timestamp(lastSeen(p) + 30 * 86_400).text("example-session-" + hex(SESSION + 8, p.row))
                    .timestamp(lastSeen(p)).timestamp(lastSeen(p)).text(address(p)).text("AVDaily/1.0")
                    .timestamp(lastSeen(p));
            id(rows, USER, p.row);
        }
    }

    /** From the ranges for documentation. */
    private String address(Neighbourhood.Person p) {
        return (mix.below(2, SESSION + 4, p.row) == 0 ? "192.0.2." : "198.51.100.") + (1 + mix.below(254, SESSION + 5, p.row));
    }

    // -- money

    private void wallets(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            id(rows.row(7), WALLET, p.row);
            id(rows, USER, p.row).numeric(p.balance, 2).text(NAIRA).bool(p.isActive(window)).timestamp(joined(p))
                    .timestamp(p.lastMovement < 0 ? joined(p) : window.second(p.lastMovement, p.lastMovementSecond));
        }
    }

    private void plans(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people)
            for (Neighbourhood.Plan plan : p.plans) {
                boolean isAutomatic = plan.source == Neighbourhood.Source.WALLET && mix.below(2, PLAN + 1, plan.row) == 0;
                id(rows.row(18), PLAN, plan.row);
                id(rows, USER, p.row).text(plan.name).numeric(plan.daily, 2).int4(plan.cycle).numeric(plan.target(), 2).numeric(plan.current, 2)
                        .bool(isAutomatic).time((7 + mix.below(3, PLAN + 2, plan.row)) * 3600)
                        .text(word(plan.fate)).date(window.epochDay(plan.start)).date(window.epochDay(plan.end)).int4(plan.streak)
                        .int4(plan.contributions).text(NAIRA).timestamp(window.second(plan.start, 5 * 3600))
                        .timestamp(window.second(plan.touched, plan.touchedSecond)).int4(1 + plan.contributions);
            }
    }

    private void transactions(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people)
            for (Neighbourhood.Entry entry : p.entries) {
                long row = Neighbourhood.transactionRow(p, entry.day, entry.slot);
                long settled = window.second(entry.day, entry.settled());
                id(rows.row(15), TRANSACTION, row);
                id(rows, USER, p.row);
                if (entry.plan == null) rows.none();
                else id(rows, PLAN, entry.plan.row);
                rows.numeric(entry.amount, 2).text(NAIRA).text(word(entry.type)).text(word(entry.status))
                        .text("TXN-GEN-" + padded(mix.shuffled(30, REFERENCE, row), 19)).text(entry.description)
                        .timestamp(window.second(entry.day, entry.second));
                when(rows, entry.status == Neighbourhood.Status.COMPLETED, settled).timestamp(settled).text(word(entry.source));
                when(rows, entry.status == Neighbourhood.Status.FAILED, settled);
                if (entry.failure == null) rows.none();
                else rows.text(entry.failure);
            }
        count(n);
    }

    private static String word(Enum<?> value) {
        return WORDS.computeIfAbsent(value, v -> v.name().toLowerCase(Locale.ROOT));
    }

    private static final java.util.Map<Enum<?>, String> WORDS = new java.util.concurrent.ConcurrentHashMap<>();

    // -- groups

    private void groups(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Group g : n.groups) {
            String status = g.recruits() ? "recruiting" : g.isComplete() ? "completed" : "active";
            id(rows.row(22), GROUP, g.row);
            id(rows, USER, g.members[g.organizer].row).text(g.name)
                    .text(g.size + " people, one pot of " + g.amount / 100 * g.size + " naira " + word(g.frequency)).int4(g.size)
                    .int4(g.members.length).numeric(g.amount, 2)
                    .text(word(g.frequency)).text(ORDERS[g.order]).int4(g.recruits() ? 1 : g.round()).int4(g.paidOut).text(status)
                    .numeric(g.collected, 2).numeric(g.amount * g.size * g.paidOut, 2).text(NAIRA);
            if (g.recruits()) rows.none().none().none();
            else {
                rows.date(window.epochDay(g.start));
                if (g.isComplete()) rows.none();
                else rows.date(window.epochDay(g.due[g.paidOut + 1]));
                rows.date(window.epochDay(g.due[g.size]));
            }
            rows.bool(g.isPrivate).text("AJO-" + Long.toString(mix.shuffled(20, INVITE, g.row) + (1L << 40), 36).toUpperCase(Locale.ROOT))
                    .timestamp(founded(g)).timestamp(g.paidOut == 0 ? founded(g) : window.second(g.due[g.paidOut], 18 * 3600));
        }
    }

    private long founded(Neighbourhood.Group g) {
        return window.second(g.created, 8 * 3600);
    }

    private long memberJoined(Neighbourhood.Group g, int position) {
        return founded(g) + (position == g.organizer ? 0 : 3600 + mix.below(10 * 3600, MEMBER + 1, g.memberRow(position)));
    }

    private void members(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Group g : n.groups)
            for (int i = 0; i < g.members.length; i++) {
                id(rows.row(9), MEMBER, g.memberRow(i));
                id(rows, GROUP, g.row);
                id(rows, USER, g.members[i].row).text(i == g.organizer ? "organizer" : "member").int4(i + 1).bool(i < g.paidOut);
                when(rows, i < g.paidOut, i < g.paidOut ? window.second(g.due[i + 1], 18 * 3600) : 0).numeric(g.contributed[i], 2)
                        .timestamp(memberJoined(g, i));
            }
    }

    private void contributions(Neighbourhood n, CopyRows rows) {
        n.eachContribution((g, round, position, paid) -> {
            long row = g.contributionRow(round, position);
            long opened = window.second(g.due[round - 1], round == 1 ? 7 * 3600 : 19 * 3600);
            id(rows.row(13), PAYMENT, row);
            id(rows, GROUP, g.row);
            id(rows, MEMBER, g.memberRow(position));
            id(rows, USER, g.members[position].row).int4(round).numeric(g.amount, 2).text(NAIRA).text(paid == null ? "pending" : "completed");
            if (paid == null) rows.none();
            else id(rows, TRANSACTION, Neighbourhood.dueTransaction(g.members[position], paid));
            rows.date(window.epochDay(g.due[round]));
            when(rows, paid != null, paid == null ? 0 : paidAt(paid)).timestamp(opened).timestamp(paid == null ? opened : paidAt(paid));
        });
    }

    private long paidAt(Neighbourhood.Due due) {
        return window.second(due.day(), due.second()) + Neighbourhood.delay(due.source());
    }

    private void payouts(Neighbourhood n, CopyRows rows) {
        n.eachPot((g, round, position, pot) -> {
            long amount = g.amount * g.size;
            long at = window.second(pot.day(), pot.second());
            id(rows.row(15), PAYOUT, g.contributionRow(round, position));
            id(rows, GROUP, g.row);
            id(rows, MEMBER, g.memberRow(position));
            id(rows, USER, g.members[position].row).int4(round).numeric(amount, 2).numeric(Neighbourhood.fee(g), 2).numeric(Neighbourhood.net(g), 2)
                    .text(NAIRA).text("completed");
            id(rows, TRANSACTION, Neighbourhood.dueTransaction(g.members[position], pot)).date(window.epochDay(g.due[round])).timestamp(at)
                    .timestamp(window.second(g.due[round - 1], 19 * 3600)).timestamp(at);
        });
    }

    private void invitations(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Group g : n.groups) {
            for (int i = 0; i < g.members.length; i++) if (i != g.organizer) invitation(rows, g, i, g.members[i]);
            if (g.recruits()) invitation(rows, g, Neighbourhood.MOST_MEMBERS, null);
        }
    }

    private void invitation(CopyRows rows, Neighbourhood.Group g, int place, Neighbourhood.Person guest) {
        long row = g.memberRow(place);
        id(rows.row(9), INVITATION, row);
        id(rows, GROUP, g.row);
        id(rows, USER, g.members[g.organizer].row);
        if (guest == null) rows.none().text("guest." + row + "@example.test").text("pending");
        else id(rows, USER, guest.row).text(email(guest)).text("accepted");
        rows.timestamp(founded(g) + 30 * 86_400);
        when(rows, guest != null, guest == null ? 0 : memberJoined(g, place)).timestamp(founded(g) + 600);
    }

    // -- what the app tells, and remembers

    private void notifications(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            for (Neighbourhood.Entry entry : p.entries) {
                long row = Neighbourhood.transactionRow(p, entry.day, entry.slot);
                long at = window.second(entry.day, entry.settled());
                if (entry.status == Neighbourhood.Status.FAILED)
                    notification(rows, p, row, "payment_failed", "A payment did not go through", entry.description + ": " + entry.failure + ".",
                            "amount", naira(entry.amount), at);
                else if (entry.due != null && entry.due.isPot())
                    notification(rows, p, row, "payout_received", "The pot is yours", naira(entry.amount) + " naira from " + entry.due.group().name
                            + " are in your wallet.", "group", entry.due.group().name, at);
                else if (entry.type == Neighbourhood.Type.INTEREST)
                    notification(rows, p, row, "interest", "Interest of the month", "Your wallet earned " + naira(entry.amount) + " naira.",
                            "amount", naira(entry.amount), at);
            }
            for (Neighbourhood.Plan plan : p.plans)
                if (plan.fate == Neighbourhood.Fate.COMPLETED)
                    notification(rows, p, 1L << 59 | plan.row, "milestone", plan.name + " is complete", "You saved " + naira(plan.target())
                            + " naira in " + plan.cycle + " days.", "plan", plan.name, window.second(plan.last, plan.lastSecond + 60));
        }
    }

    private void notification(CopyRows rows, Neighbourhood.Person p, long row, String type, String title, String message, String key, String value,
            long at) {
        boolean isSent = mix.below(100, NOTE + 1, row) < 98;
        boolean isRead = isSent && mix.below(100, NOTE + 2, row) < 70;
        id(rows.row(13), NOTE, row);
        id(rows, USER, p.row).text(type).text(CHANNELS[mix.weighted(new int[] {70, 12, 18}, NOTE + 3, row)]).text(title).text(message)
                .jsonb("{\"" + key + "\": \"" + value + "\"}").text(isSent ? "sent" : "failed").bool(isRead);
        when(rows, isRead, at + 60 + mix.below(3600, NOTE + 4, row));
        when(rows, isSent, at);
        if (isSent) rows.none();
        else rows.text("The device does not answer");
        rows.timestamp(at);
    }

    private static String naira(long kobo) {
        return kobo / 100 + "." + padded(kobo % 100, 2);
    }

    private void milestones(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people)
            for (Neighbourhood.Plan plan : p.plans) {
                if (plan.thirty >= 0)
                    milestone(rows, p, plan, 0, "streak", "30 Days in a Row", "Saved for " + plan.name + " on 30 days without a gap",
                            "badge-streak-30", 100, window.second(plan.thirty, 21 * 3600));
                if (plan.fate == Neighbourhood.Fate.COMPLETED)
                    milestone(rows, p, plan, 1, "plan_completed", "Goal Reached: " + plan.name, "Saved " + naira(plan.target()) + " in "
                            + plan.cycle + " days", "badge-goal", 200, window.second(plan.last, plan.lastSecond));
            }
    }

    private void milestone(CopyRows rows, Neighbourhood.Person p, Neighbourhood.Plan plan, int kind, String type, String name, String description,
            String icon, int points, long at) {
        id(rows.row(9), MILESTONE, plan.row * 2 + kind);
        id(rows, USER, p.row);
        id(rows, PLAN, plan.row).text(type).text(name).text(description).text(icon).int4(points).timestamp(at);
    }

    private void rewards(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people)
            for (Neighbourhood.Plan plan : p.plans) {
                if (plan.fate != Neighbourhood.Fate.COMPLETED) continue;
                long at = window.second(plan.last, plan.lastSecond + 60);
                id(rows.row(10), REWARD, plan.row);
                id(rows, USER, p.row).text("points").text("Goal Getter: " + plan.name).text("For a plan that was completed").int4(200)
                        .text("active").timestamp(at + 500L * 86_400).jsonb("{\"plan\": \"" + plan.name + "\"}").timestamp(at);
            }
    }

    private void audit(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            for (int tier = 1; tier <= p.tier; tier++)
                act(rows, p.row * 16 + tier, 0, "kyc.approve", "kyc_verification", CHECK, p.row * 4 + tier, "192.0.2.10", verified(p, tier));
            if (isSignedIn(p)) act(rows, p.row * 16, p.row, "user.login", "session", SESSION, p.row, address(p), lastSeen(p));
            for (Neighbourhood.Plan plan : p.plans)
                if (plan.fate == Neighbourhood.Fate.PAUSED || plan.fate == Neighbourhood.Fate.CANCELLED)
                    act(rows, p.row * 16 + 4 + plan.place, p.row, plan.fate == Neighbourhood.Fate.PAUSED ? "plan.pause" : "plan.cancel",
                            "savings_plans", PLAN, plan.row, address(p), window.second(plan.touched, plan.touchedSecond));
        }
        for (Neighbourhood.Group g : n.groups) {
            Neighbourhood.Person organizer = g.members[g.organizer];
            act(rows, 1L << 59 | g.row, organizer.row, "group.create", "ajo_groups", GROUP, g.row, address(organizer), founded(g));
        }
    }

    private void act(CopyRows rows, long row, long actor, String action, String resource, long stream, long of, String address, long at) {
        id(rows.row(10), AUDIT, row);
        id(rows, USER, actor).text(action).text(resource);
        id(rows, stream, of).text("success").text(address).text("AVDaily/1.0")
                .text("{\"request\": \"req-" + padded(mix.shuffled(30, AUDIT + 8, row), 19) + "\"}").timestamp(at);
    }

    // -- sums

    private void analytics(Neighbourhood n, CopyRows rows) {
        for (Neighbourhood.Person p : n.people) {
            int completed = 0;
            int active = 0;
            for (Neighbourhood.Plan plan : p.plans) {
                if (plan.fate == Neighbourhood.Fate.COMPLETED) completed++;
                if (plan.fate == Neighbourhood.Fate.ACTIVE) active++;
            }
            id(rows.row(14), ANALYTICS, p.row);
            id(rows, USER, p.row).numeric(p.saved, 2).numeric(p.withdrawn, 2).int4(p.streak).int4(p.longest).int4(p.contributions).int4(completed)
                    .int4(active).numeric(p.interest, 2).text(NAIRA);
            if (p.lastContribution < 0) rows.none();
            else rows.date(window.epochDay(p.lastContribution));
            rows.timestamp(joined(p)).timestamp(p.lastMovement < 0 ? joined(p) : window.second(p.lastMovement, p.lastMovementSecond));
        }
    }

    /** Adds a neighbourhood to the days; sums do not depend on the order. */
    private void count(Neighbourhood n) {
        long[][] own = new long[window.days][COUNTS];
        for (Neighbourhood.Person p : n.people) {
            own[p.joined][NEW_USERS]++;
            int seen = -1;
            for (Neighbourhood.Entry entry : p.entries) {
                if (entry.status != Neighbourhood.Status.COMPLETED) continue;
                long[] day = own[entry.day];
                if (entry.day != seen) day[ACTIVE_USERS]++;
                seen = entry.day;
                if (entry.type == Neighbourhood.Type.CONTRIBUTION) {
                    day[CONTRIBUTIONS]++;
                    day[CONTRIBUTED] += entry.amount;
                } else if (entry.type == Neighbourhood.Type.WITHDRAWAL) {
                    day[WITHDRAWALS]++;
                    day[WITHDRAWN] += entry.amount;
                }
            }
            for (Neighbourhood.Plan plan : p.plans) {
                own[plan.start][PLANS]++;
                own[plan.start][ACTIVE_PLANS]++;
                if (plan.fate != Neighbourhood.Fate.ACTIVE) own[plan.touched][ACTIVE_PLANS]--;
            }
        }
        for (Neighbourhood.Group g : n.groups) {
            if (!g.recruits()) own[g.start][ACTIVE_GROUPS]++;
            if (g.isComplete()) own[g.due[g.size]][ACTIVE_GROUPS]--;
        }
        synchronized (days) {
            for (int i = 0; i < days.length; i++) for (int k = 0; k < COUNTS; k++) days[i][k] += own[i][k];
        }
    }

    private void daily(CopyRows rows) {
        long[] until = new long[COUNTS];
        for (int i = 0; i < window.days; i++) {
            long[] day = days[i];
            for (int k : new int[] {NEW_USERS, PLANS, ACTIVE_PLANS, ACTIVE_GROUPS}) until[k] += day[k];
            id(rows.row(14), DAY, i).date(window.epochDay(i)).int4((int) until[NEW_USERS]).int4((int) day[ACTIVE_USERS]).int4((int) day[NEW_USERS])
                    .int4((int) until[PLANS]).int4((int) until[ACTIVE_PLANS])
                    .int4((int) day[CONTRIBUTIONS]).numeric(day[CONTRIBUTED], 2).int4((int) day[WITHDRAWALS]).numeric(day[WITHDRAWN], 2)
                    .int4((int) until[ACTIVE_GROUPS]).text(NAIRA).timestamp(window.second(i, 23 * 3600 + 1800));
        }
    }

    private CopyRows id(CopyRows rows, long stream, long row) {
        return rows.uuid(mix.uuidHigh(stream, row), mix.uuidLow(stream, row));
    }

    private static CopyRows when(CopyRows rows, boolean happened, long at) {
        return happened ? rows.timestamp(at) : rows.none();
    }
}
