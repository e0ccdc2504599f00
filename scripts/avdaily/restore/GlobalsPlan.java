package avdaily.restore;

import avdaily.backup.Globals;
import avdaily.sql.Sql;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The statements that bring a server's roles, tablespaces and settings to those of a backup. A backup's file may be
 * anybody's, and what belongs to the server reaches every database of it. So each statement says what it means for the
 * server, and what is there already stays as it is unless the user trusts the backup.
 */
final class GlobalsPlan {
    /** What a statement means for the server. */
    enum Weight {
        /** Something new that reaches nothing that was there before. */
        ADDS,
        /** Gives somebody power over what was there before. */
        EMPOWERS,
        /** Changes what was there before. */
        CHANGES,
        /** Changes the role that restores, which could then go no further. */
        CHANGES_SELF
    }

    /**
     * A statement.
     *
     * @param isSetting whether the restore does without it if the server does not take it
     */
    record Step(String sql, Weight weight, boolean isSetting) {
        static Step of(Weight weight, String sql) {
            return new Step(sql, weight, false);
        }
    }

    private final Globals wanted;
    private final Globals present;
    private final ServerRights server;
    private final Set<String> created;
    private final List<Step> roles = new ArrayList<>();
    private final List<Step> tablespaces = new ArrayList<>();

    /**
     * @param wanted those of the backup
     * @param present those of the server
     */
    GlobalsPlan(Globals wanted, Globals present, ServerRights server) {
        this.wanted = wanted;
        this.present = present;
        this.server = server;
        this.created = wanted.roles().stream()
                .map(Globals.Role::name)
                .filter(name -> present.role(name).isEmpty())
                .collect(Collectors.toSet());
        wanted.roles().forEach(this::role);
        memberships();
        wanted.settings().stream().filter(setting -> !setting.ofDatabase()).forEach(this::setting);
        wanted.parameters().forEach(this::parameter);
        wanted.tablespaces().forEach(this::tablespace);
    }

    /** What runs in one transaction. */
    List<Step> roles() {
        return roles;
    }

    /** What no transaction takes. */
    List<Step> tablespaces() {
        return tablespaces;
    }

    Set<String> createdRoles() {
        return created;
    }

    Set<String> createdTablespaces() {
        return wanted.tablespaces().stream()
                .map(Globals.Tablespace::name)
                .filter(name -> present.tablespace(name).isEmpty())
                .collect(Collectors.toSet());
    }

    private void role(Globals.Role role) {
        Optional<Globals.Role> there = present.role(role.name());
        String options = RoleOptions.of(role, there);
        Weight weight = weight(role, there.isPresent());
        if (there.isEmpty() || !options.isEmpty())
            roles.add(Step.of(
                    weight, (there.isEmpty() ? "CREATE" : "ALTER") + " ROLE " + Sql.quoted(role.name()) + options));
        if (!Objects.equals(role.comment(), there.map(Globals.Role::comment).orElse(null)))
            roles.add(Step.of(
                    there.isPresent() ? Weight.CHANGES : Weight.ADDS,
                    "COMMENT ON ROLE " + Sql.quoted(role.name()) + " IS " + literal(role.comment())));
    }

    private Weight weight(Globals.Role role, boolean isThere) {
        if (role.name().equals(server.user())) return Weight.CHANGES_SELF;
        if (isThere) return Weight.CHANGES;
        boolean isEntrance = role.login() && role.password() != null; // whoever made the backup may know it
        return isEntrance || RoleOptions.isPowerful(role) ? Weight.EMPOWERS : Weight.ADDS;
    }

    private static String literal(String text) {
        return text == null ? "NULL" : Sql.literal(text);
    }

    /** A grantor needs the right to grant first. */
    private void memberships() {
        List<Globals.Membership> waiting = new ArrayList<>(wanted.memberships());
        Set<List<String>> admins = new HashSet<>();
        while (!waiting.isEmpty()) {
            List<Globals.Membership> now = waiting.stream()
                    .filter(one -> !tellsGrantor(one) || admins.contains(List.of(one.role(), one.grantor())))
                    .toList();
            if (now.isEmpty()) now = List.copyOf(waiting); // the server says what it lacks
            for (Globals.Membership membership : now) {
                membership(membership);
                if (membership.admin()) admins.add(List.of(membership.role(), membership.member()));
            }
            waiting.removeAll(now);
        }
    }

    /** Others than superusers grant in their own name. */
    private boolean tellsGrantor(Globals.Membership membership) {
        return membership.grantor() != null && membership.set() != null && server.tellsGrantors();
    }

    private void membership(Globals.Membership wish) {
        boolean withGrantor = tellsGrantor(wish);
        Optional<Globals.Membership> there = present.memberships().stream()
                .filter(one -> one.role().equals(wish.role()) && one.member().equals(wish.member()))
                .filter(one ->
                        !server.tellsGrantors() || Objects.equals(one.grantor(), withGrantor ? wish.grantor() : null))
                .findFirst();
        if (there.isPresent() && isEnough(there.get(), wish)) return;
        Weight weight =
                there.isPresent() ? Weight.CHANGES : created.contains(wish.role()) ? Weight.ADDS : Weight.EMPOWERS;
        List<String> options = new ArrayList<>();
        if (wish.set() != null && server.hasMembershipOptions()) {
            options.add("ADMIN " + wish.admin());
            options.add("INHERIT " + wish.inherit());
            options.add("SET " + wish.set());
        } else if (wish.admin()) {
            options.add("ADMIN OPTION");
        }
        roles.add(Step.of(
                weight,
                "GRANT " + Sql.quoted(wish.role()) + " TO " + Sql.quoted(wish.member())
                        + (options.isEmpty() ? "" : " WITH " + String.join(", ", options))
                        + (withGrantor ? " GRANTED BY " + Sql.quoted(wish.grantor()) : "")));
    }

    private boolean isEnough(Globals.Membership there, Globals.Membership wish) {
        if (wish.set() == null || there.set() == null) return there.admin() || !wish.admin();
        return there.admin() == wish.admin()
                && Objects.equals(there.inherit(), wish.inherit())
                && Objects.equals(there.set(), wish.set());
    }

    private void setting(Globals.Setting setting) {
        if (present.settings().contains(setting)) return;
        boolean isOfNewRole = setting.role() != null && created.contains(setting.role());
        roles.add(new Step(
                (setting.role() == null ? "ALTER ROLE ALL" : "ALTER ROLE " + Sql.quoted(setting.role())) + set(setting),
                isOfNewRole ? weight(setting) : Weight.CHANGES,
                true));
    }

    private Weight weight(Globals.Setting setting) {
        return server.isForSuperusers(setting.name()) ? Weight.EMPOWERS : Weight.ADDS;
    }

    private static String set(Globals.Setting setting) {
        return " SET " + Sql.quoted(setting.name()) + " TO "
                + DatabaseProperties.value(setting.name(), setting.value());
    }

    private void parameter(Globals.Parameter parameter) {
        Optional<Globals.Parameter> there = present.parameters().stream()
                .filter(one -> one.name().equals(parameter.name()))
                .findFirst();
        for (Globals.Grant grant : parameter.grants())
            if (there.isEmpty() || !there.get().grants().contains(grant))
                roles.add(new Step(grant(grant, "PARAMETER " + Sql.quoted(parameter.name())), Weight.EMPOWERS, true));
    }

    private static String grant(Globals.Grant grant, String on) {
        return "GRANT " + grant.privilege() + " ON " + on + " TO "
                + (grant.role() == null ? "PUBLIC" : Sql.quoted(grant.role()))
                + (grant.withGrantOption() ? " WITH GRANT OPTION" : "");
    }

    private void tablespace(Globals.Tablespace space) {
        String name = Sql.quoted(space.name());
        Optional<Globals.Tablespace> there = present.tablespace(space.name());
        if (there.isEmpty())
            tablespaces.add(Step.of(
                    Weight.ADDS,
                    "CREATE TABLESPACE " + name + " OWNER " + Sql.quoted(space.owner()) + " LOCATION "
                            + Sql.literal(location(space)) + options(space)));
        boolean isOfBackup = there.isEmpty() || isSame(there.get(), space);
        String comment = there.map(Globals.Tablespace::comment).orElse(null);
        if (space.comment() != null && !space.comment().equals(comment))
            tablespaces.add(Step.of(
                    isOfBackup && comment == null ? Weight.ADDS : Weight.CHANGES,
                    "COMMENT ON TABLESPACE " + name + " IS " + Sql.literal(space.comment())));
        List<Globals.Grant> grants = there.map(Globals.Tablespace::grants).orElse(null);
        if (space.grants() == null || grants != null && grants.containsAll(space.grants())) return;
        for (Globals.Grant grant : space.grants())
            tablespaces.add(Step.of(
                    isOfBackup && grants == null ? Weight.ADDS : Weight.CHANGES, grant(grant, "TABLESPACE " + name)));
    }

    /** Whether it is what a restore made that was killed before it had finished. */
    private static boolean isSame(Globals.Tablespace one, Globals.Tablespace other) {
        return location(one).equals(location(other)) && one.owner().equals(other.owner());
    }

    /** One that lies in the server's own folder has a path below it that the server chooses. */
    private static String location(Globals.Tablespace space) {
        return space.location().startsWith("pg_tblspc/") ? "" : space.location();
    }

    private static String options(Globals.Tablespace space) {
        if (space.options().isEmpty()) return "";
        return space.options().entrySet().stream()
                .map(option -> Sql.quoted(option.getKey()) + " = " + Sql.literal(option.getValue()))
                .collect(Collectors.joining(", ", " WITH (", ")"));
    }

    /** Where and for whom the database is created. */
    String createOptions() {
        Globals.Properties database = wanted.database();
        if (database == null) return "";
        return " OWNER " + Sql.quoted(database.owner())
                + (database.tablespace() == null ? "" : " TABLESPACE " + Sql.quoted(database.tablespace()));
    }

    /** What gives a new database its options, comment, settings and grants. */
    List<Step> database(String name) {
        Globals.Properties database = wanted.database();
        List<Step> steps = new ArrayList<>();
        String on = "DATABASE " + Sql.quoted(name);
        if (database != null) properties(database, on, steps);
        wanted.settings().stream()
                .filter(Globals.Setting::ofDatabase)
                .map(setting -> new Step(
                        (setting.role() == null
                                        ? "ALTER " + on
                                        : "ALTER ROLE " + Sql.quoted(setting.role()) + " IN " + on)
                                + set(setting),
                        weight(setting),
                        true))
                .forEach(steps::add);
        return steps;
    }

    private static void properties(Globals.Properties database, String on, List<Step> steps) {
        if (database.connectionLimit() != -1)
            steps.add(Step.of(Weight.ADDS, "ALTER " + on + " CONNECTION LIMIT " + database.connectionLimit()));
        if (database.comment() != null)
            steps.add(Step.of(Weight.ADDS, "COMMENT ON " + on + " IS " + Sql.literal(database.comment())));
        if (database.grants() != null) {
            steps.add(Step.of(Weight.ADDS, "REVOKE ALL ON " + on + " FROM PUBLIC, " + Sql.quoted(database.owner())));
            database.grants().forEach(grant -> steps.add(Step.of(Weight.ADDS, grant(grant, on))));
        }
    }
}
