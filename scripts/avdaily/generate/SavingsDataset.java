package avdaily.generate;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;

/**
 * AV-Daily at volume: the rows of every table, written from neighbourhoods whose lives agree with each other. Blocks
 * are neighbourhoods.
 */
public final class SavingsDataset implements RowSource {
    private interface Writer {
        void write(Cohort n, BinaryCopyBuffer rows);
    }

    /**
     * @param lives whether the rows tell of money that moved; {@code writer} is null for the days' sums, which are one
     *     block of their own
     */
    private record Table(Target target, boolean lives, Writer writer) {}

    private final CounterRandom mix;
    private final HistoryWindow window;
    private final long users;
    private final PeopleRows people;
    private final MoneyRows money;
    private final List<Table> tables;

    public SavingsDataset(long seed, LocalDate asOf, int days, long users) {
        this.mix = new CounterRandom(seed);
        this.window = new HistoryWindow(asOf, days);
        this.users = users;
        this.people = new PeopleRows(mix, window);
        this.money = new MoneyRows(mix, window);
        this.tables = tables(new GroupRows(mix, window), new AppRows(mix, window));
    }

    /** In the order of their references; columns that are not named here keep their defaults. */
    private List<Table> tables(GroupRows group, AppRows app) {
        return List.of(
                table(
                        "user",
                        "id name email email_verified phone_number phone_verified date_of_birth kyc_tier kyc_status "
                                + "kyc_verified_at "
                                + "biometric_enabled is_active is_suspended created_at updated_at",
                        false,
                        people::users),
                table("user_roles", "id user_id role_id assigned_by assigned_at", false, people::roles),
                table(
                        "kyc_verification",
                        "id user_id tier status first_name last_name date_of_birth address government_id_type "
                                + "government_id_number "
                                + "verification_data verified_by verified_at rejection_reason created_at updated_at",
                        false,
                        people::checks),
                table(
                        "bank_accounts",
                        "id user_id bank_code bank_name account_number account_name is_verified is_primary created_at "
                                + "updated_at",
                        false,
                        people::accounts),
                table(
                        "notification_preferences",
                        "id user_id push_enabled sms_enabled email_weekly_report quiet_hours_enabled quiet_hours_start "
                                + "quiet_hours_end created_at updated_at",
                        false,
                        people::preferences),
                table(
                        "push_tokens",
                        "id user_id token platform device_name is_active last_used_at created_at updated_at",
                        false,
                        people::tokens),
                table(
                        "session",
                        "id expires_at token created_at updated_at ip_address user_agent last_activity_at user_id",
                        false,
                        people::sessions),
                table("wallets", "id user_id balance currency is_active created_at updated_at", true, money::wallets),
                table(
                        "savings_plans",
                        "id user_id plan_name daily_amount cycle_duration target_amount current_amount "
                                + "auto_save_enabled auto_save_time "
                                + "status start_date end_date contribution_streak total_contributions currency "
                                + "created_at updated_at version",
                        true,
                        money::plans),
                table(
                        "transactions",
                        "id user_id plan_id amount currency type status reference description created_at completed_at "
                                + "updated_at "
                                + "payment_source failed_at failure_reason",
                        true,
                        money::transactions),
                table(
                        "ajo_groups",
                        "id organizer_id group_name description member_count current_member_count contribution_amount "
                                + "contribution_frequency rotation_order current_round current_position status "
                                + "total_collected total_disbursed currency "
                                + "start_date next_payout_date end_date is_private invite_code created_at updated_at",
                        false,
                        group::groups),
                table(
                        "group_members",
                        "id group_id user_id role position has_received_payout payout_received_at total_contributed "
                                + "joined_at",
                        false,
                        group::members),
                table(
                        "group_contributions",
                        "id group_id member_id user_id round amount currency status transaction_id due_date paid_at "
                                + "created_at "
                                + "updated_at",
                        false,
                        group::contributions),
                table(
                        "group_payouts",
                        "id group_id member_id user_id round amount service_fee net_amount currency status "
                                + "transaction_id scheduled_date "
                                + "disbursed_at created_at updated_at",
                        false,
                        group::payouts),
                table(
                        "group_invitations",
                        "id group_id invited_by invited_user_id invited_email status expires_at accepted_at created_at",
                        false,
                        group::invitations),
                table(
                        "notifications",
                        "id user_id type channel title message data status is_read read_at sent_at failure_reason "
                                + "created_at",
                        true,
                        app::notifications),
                table(
                        "savings_milestones",
                        "id user_id plan_id milestone_type milestone_name description badge_icon reward_points "
                                + "achieved_at",
                        true,
                        app::milestones),
                table(
                        "rewards",
                        "id user_id reward_type reward_name description points status expires_at metadata created_at",
                        true,
                        app::rewards),
                table(
                        "user_analytics",
                        "id user_id total_saved total_withdrawn current_streak longest_streak total_contributions "
                                + "completed_plans "
                                + "active_plans total_interest_earned currency last_contribution_date created_at "
                                + "updated_at",
                        true,
                        money::analytics),
                table(
                        "daily_analytics",
                        "id date total_users active_users new_users total_savings_plans active_savings_plans "
                                + "total_contributions "
                                + "total_contribution_amount total_withdrawals total_withdrawal_amount "
                                + "active_ajo_groups currency created_at",
                        false,
                        null),
                table(
                        "audit_log",
                        "id user_id action resource resource_id status ip_address user_agent metadata created_at",
                        true,
                        app::audit));
    }

    private static Table table(String name, String columns, boolean lives, Writer writer) {
        return new Table(new Target(name, List.of(columns.split(" "))), lives, writer);
    }

    /** Sees to the roles that people have, before their rows are made. */
    public void prepare(Connection c, Path seeds) throws SQLException {
        people.have(BaseRoles.of(c, seeds, window.date(0)));
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
        Cohort n = new Cohort(mix, window, block, users);
        table.writer.write(table.lives ? n.live() : n, rows);
    }

    private Table find(Target target) {
        return tables.stream().filter(t -> t.target.equals(target)).findFirst().orElseThrow();
    }
}
