package avdaily.generate.dataset;

import avdaily.generate.BinaryCopyBuffer;
import avdaily.generate.CounterRandom;
import avdaily.generate.RowSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;

/** AV-Daily at volume: the rows of every table, written from cohorts. A block is a cohort. */
public final class SavingsDataset implements RowSource {
    private interface Writer {
        void write(Cohort cohort, BinaryCopyBuffer rows);
    }

    /** What a table's rows are made from: who people are and what is due, or also every movement of their money. */
    private enum Needs {
        COHORT,
        MOVEMENTS
    }

    /** @param writer null for the sums of days: they are one block, which no cohort makes */
    private record Table(Target target, Needs needs, Writer writer) {}

    private final CounterRandom random;
    private final HistoryWindow window;
    private final long users;
    private final PeopleRows people;
    private final MoneyRows money;
    private final List<Table> tables;

    public SavingsDataset(long seed, LocalDate asOf, int days, long users) {
        this.random = new CounterRandom(seed);
        this.window = new HistoryWindow(asOf, days);
        this.users = users;
        this.people = new PeopleRows(random, window);
        this.money = new MoneyRows(random, window);
        this.tables = tables();
    }

    /** In the order of their references. Columns that are not named here keep their defaults. */
    private List<Table> tables() {
        GroupRows groups = new GroupRows(random, window);
        AppRows app = new AppRows(random, window);
        return Stream.of(
                        peopleTables(),
                        moneyTables(),
                        groupTables(groups),
                        appTables(app),
                        sumTables(),
                        auditTables(app))
                .flatMap(List::stream)
                .toList();
    }

    private List<Table> peopleTables() {
        return List.of(
                table(
                        "user",
                        """
                        id name email email_verified phone_number phone_verified date_of_birth kyc_tier
                        kyc_status kyc_verified_at biometric_enabled is_active is_suspended created_at
                        updated_at""",
                        Needs.COHORT,
                        people::users),
                table("user_roles", "id user_id role_id assigned_by assigned_at", Needs.COHORT, people::roles),
                table(
                        "kyc_verification",
                        """
                        id user_id tier status first_name last_name date_of_birth address government_id_type
                        government_id_number verification_data verified_by verified_at rejection_reason
                        created_at updated_at""",
                        Needs.COHORT,
                        people::checks),
                table(
                        "bank_accounts",
                        """
                        id user_id bank_code bank_name account_number account_name is_verified is_primary
                        created_at updated_at""",
                        Needs.COHORT,
                        people::accounts),
                table(
                        "notification_preferences",
                        """
                        id user_id push_enabled sms_enabled email_weekly_report quiet_hours_enabled
                        quiet_hours_start quiet_hours_end created_at updated_at""",
                        Needs.COHORT,
                        people::preferences),
                table(
                        "push_tokens",
                        "id user_id token platform device_name is_active last_used_at created_at updated_at",
                        Needs.COHORT,
                        people::tokens),
                table(
                        "session",
                        """
                        id expires_at token created_at updated_at ip_address user_agent last_activity_at
                        user_id""",
                        Needs.COHORT,
                        people::sessions));
    }

    private List<Table> moneyTables() {
        return List.of(
                table(
                        "wallets",
                        "id user_id balance currency is_active created_at updated_at",
                        Needs.MOVEMENTS,
                        money::wallets),
                table(
                        "savings_plans",
                        """
                        id user_id plan_name daily_amount cycle_duration target_amount current_amount
                        auto_save_enabled auto_save_time status start_date end_date contribution_streak
                        total_contributions currency created_at updated_at version""",
                        Needs.MOVEMENTS,
                        money::plans),
                table(
                        "transactions",
                        """
                        id user_id plan_id amount currency type status reference description created_at
                        completed_at updated_at payment_source failed_at failure_reason""",
                        Needs.MOVEMENTS,
                        money::transactions));
    }

    private static List<Table> groupTables(GroupRows groups) {
        return List.of(
                table(
                        "ajo_groups",
                        """
                        id organizer_id group_name description member_count current_member_count
                        contribution_amount contribution_frequency rotation_order current_round
                        current_position status total_collected total_disbursed currency start_date
                        next_payout_date end_date is_private invite_code created_at updated_at""",
                        Needs.COHORT,
                        groups::groups),
                table(
                        "group_members",
                        """
                        id group_id user_id role position has_received_payout payout_received_at
                        total_contributed joined_at""",
                        Needs.COHORT,
                        groups::members),
                table(
                        "group_contributions",
                        """
                        id group_id member_id user_id round amount currency status transaction_id due_date
                        paid_at created_at updated_at""",
                        Needs.COHORT,
                        groups::contributions),
                table(
                        "group_payouts",
                        """
                        id group_id member_id user_id round amount service_fee net_amount currency status
                        transaction_id scheduled_date disbursed_at created_at updated_at""",
                        Needs.COHORT,
                        groups::payouts),
                table(
                        "group_invitations",
                        """
                        id group_id invited_by invited_user_id invited_email status expires_at accepted_at
                        created_at""",
                        Needs.COHORT,
                        groups::invitations));
    }

    private static List<Table> appTables(AppRows app) {
        return List.of(
                table(
                        "notifications",
                        """
                        id user_id type channel title message data status is_read read_at sent_at
                        failure_reason created_at""",
                        Needs.MOVEMENTS,
                        app::notifications),
                table(
                        "savings_milestones",
                        """
                        id user_id plan_id milestone_type milestone_name description badge_icon
                        reward_points achieved_at""",
                        Needs.MOVEMENTS,
                        app::milestones),
                table(
                        "rewards",
                        """
                        id user_id reward_type reward_name description points status expires_at metadata
                        created_at""",
                        Needs.MOVEMENTS,
                        app::rewards));
    }

    private List<Table> sumTables() {
        return List.of(
                table(
                        "user_analytics",
                        """
                        id user_id total_saved total_withdrawn current_streak longest_streak
                        total_contributions completed_plans active_plans total_interest_earned currency
                        last_contribution_date created_at updated_at""",
                        Needs.MOVEMENTS,
                        money::analytics),
                new Table(
                        target(
                                "daily_analytics",
                                """
                        id date total_users active_users new_users total_savings_plans active_savings_plans
                        total_contributions total_contribution_amount total_withdrawals
                        total_withdrawal_amount active_ajo_groups currency created_at"""),
                        Needs.COHORT,
                        null));
    }

    private static List<Table> auditTables(AppRows app) {
        return List.of(table(
                "audit_log",
                """
                        id user_id action resource resource_id status ip_address user_agent metadata
                        created_at""",
                Needs.MOVEMENTS,
                app::audit));
    }

    private static Table table(String name, String columns, Needs needs, Writer writer) {
        return new Table(target(name, columns), needs, writer);
    }

    private static Target target(String name, String columns) {
        return new Target(name, List.of(columns.split("\\s+")));
    }

    /**
     * Finds or inserts the roles that people have. The rows are made afterwards.
     *
     * @param seeds the folder whose base/ has the roles for a database without any
     */
    public void prepare(Connection c, Path seeds) throws SQLException {
        people.useRoles(BaseRoles.of(c, seeds, window.date(0)));
    }

    @Override
    public List<Target> targets() {
        return tables.stream().map(Table::target).toList();
    }

    @Override
    public long blocks(Target target) {
        return find(target).writer == null ? 1 : (users + Cohort.SIZE - 1) / Cohort.SIZE;
    }

    @Override
    public void write(Target target, long block, BinaryCopyBuffer rows) {
        Table table = find(target);
        if (table.writer == null) {
            money.daily(rows);
            return;
        }
        Cohort cohort = new Cohort(random, window, block, users);
        table.writer.write(table.needs == Needs.MOVEMENTS ? cohort.simulate() : cohort, rows);
    }

    private Table find(Target target) {
        return tables.stream().filter(t -> t.target.equals(target)).findFirst().orElseThrow();
    }
}
