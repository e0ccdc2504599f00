package avdaily.backup;

import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Grants that name a role which is gone, by the number that the catalogs still have of it: pg_dump writes them as if
 * the number were a name, also if the role is dropped while it reads, and no server would take them.
 */
final class DroppedRoles {
    /** The first of a section has no head any more. */
    private static final Pattern GRANTS = Pattern.compile(
            "(?m)(?:^-- Name: .*; Type: (?:DEFAULT )?ACL; .*\n--\n\n|\\A\\s*)"
                    + "((?:(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION|RESET SESSION) .*\n)+)");

    private static final Pattern NUMBER = Pattern.compile("(?:TO|FROM|AUTHORIZATION) \"(\\d+)\"");

    /** Pg_dump's text without them; what such a role passed on is the owner's to give. */
    static String leaveOut(String ddl, Schema schema, Connection snapshot, Out out) throws SQLException {
        Set<String> gone = new TreeSet<>();
        GRANTS.matcher(ddl).results().forEach(grants -> NUMBER.matcher(grants.group(1))
                .results()
                .forEach(number -> gone.add(number.group(1))));
        if (gone.isEmpty()) return ddl;
        gone.removeAll(new HashSet<>(
                Database.list(snapshot, "SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1))));
        for (String role : gone)
            if (schema.omitted().stream().noneMatch(what -> what.endsWith(" " + role)))
                out.note("Left out: privileges of the dropped role " + role + ".");
        return GRANTS.matcher(ddl).replaceAll(grants -> Matcher.quoteReplacement(without(gone, grants)));
    }

    private static String without(Set<String> gone, MatchResult grants) {
        String rest = grants.group();
        for (String role : gone)
            rest = rest.replaceAll(
                            "SET SESSION AUTHORIZATION \"" + role + "\";\n(.*\n)RESET SESSION AUTHORIZATION;\n", "$1")
                    .replaceAll("(?m)^.* (?:TO|FROM) \"" + role + "\"(?: WITH GRANT OPTION)?;\n", "");
        return rest;
    }

    private DroppedRoles() {}
}
