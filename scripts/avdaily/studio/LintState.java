package avdaily.studio;

import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Format;
import avdaily.db.Database;
import avdaily.db.OperationLog;
import avdaily.migrate.lint.LintRecord;
import avdaily.migrate.lint.LintRule;
import avdaily.migrate.lint.Severity;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What lint found in the migrations that are pending, as the log had it at the monitor's last look.
 *
 * @param unjudged the pending files that were not judged as they are
 * @param tables by the names that findings have for them
 * @param command what judges them, as it is called where the studio was started
 */
record LintState(
        Optional<LintRecord> last, Set<String> unjudged, Map<String, Reference.Table> tables, String command) {
    static final LintState NONE = new LintState(Optional.empty(), Set.of(), Map.of(), "");

    /** @param pending the SHA-256 of each pending file, by name */
    static LintState of(Database db, Map<String, String> pending, Map<String, Reference.Table> tables, String command)
            throws SQLException {
        boolean isRead = !pending.isEmpty() && db.believesOps() && OperationLog.isReadable(db.connection());
        Optional<LintRecord> last = isRead ? LintRecord.of(db.connection(), pending) : Optional.empty();
        Set<String> unjudged = new TreeSet<>(pending.keySet());
        last.ifPresent(judged -> unjudged.removeAll(judged.sums().keySet()));
        return new LintState(last, unjudged, tables, command);
    }

    Html mark(Relation relation) {
        List<LintRecord.Finding> open = of(relation).stream()
                .filter(finding -> finding.accepted() == null)
                .toList();
        if (open.isEmpty()) return Html.NOTHING;
        Severity worst = open.stream()
                .map(LintRecord.Finding::severity)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        String places = String.join(
                ", ", new TreeSet<>(open.stream().map(LintState::file).toList()));
        return Html.all(
                " ",
                Show.badge(badge(worst), Format.count(open.size(), "lint finding")),
                " in " + places + ", ",
                Show.time(last.orElseThrow().at()));
    }

    private static String file(LintRecord.Finding finding) {
        return finding.place().replaceFirst(" line \\d+$", "");
    }

    private static String badge(Severity severity) {
        return severity == Severity.DANGEROUS ? "critical" : severity.word();
    }

    /** What it found that is about none of the tables that are listed, such as partitions, and what nobody judged. */
    Html summary(List<Relation> listed) {
        List<LintRecord.Finding> others = findings().stream()
                .filter(finding -> listed.stream().noneMatch(relation -> isAbout(finding, relation)))
                .toList();
        long more = last.map(LintRecord::more).orElse(0L);
        Html found = Html.all(
                others.stream().map(this::article).toList(),
                more > 0 ? element("p", kind("nothing"), Show.number(more) + " more were not kept.") : null,
                missing());
        return others.isEmpty() && more == 0 && unjudged.isEmpty()
                ? Html.NOTHING
                : Show.section("lint", "Pending migrations", found);
    }

    /** What pending migrations do to a table. */
    Html section(Relation relation) {
        boolean isJudged = relation.kind() == Relation.Kind.TABLE || relation.kind() == Relation.Kind.PARTITIONED;
        if (!isJudged || last.isEmpty() && unjudged.isEmpty()) return Html.NOTHING;
        List<LintRecord.Finding> own = of(relation);
        return Show.section(
                "lint",
                "Pending migrations",
                last.isPresent() && own.isEmpty()
                        ? element(
                                "p",
                                "Lint found nothing about it in ",
                                String.join(", ", last.get().sums().keySet()) + ", ",
                                Show.time(last.get().at()),
                                ".")
                        : null,
                own.stream().map(this::article).toList(),
                missing());
    }

    private Html article(LintRecord.Finding finding) {
        Optional<LintRule> rule = LintRule.named(finding.rule());
        return element(
                "article",
                element("h3", finding.rule(), " ", Show.badge(badge(finding.severity()), finding.severity().word())),
                element(
                        "p",
                        rule.map(known -> known.title() + ": ").orElse(""),
                        Show.code(finding.subject()),
                        rule.map(known -> ". " + known.why()).orElse("")),
                element("p", kind("nothing"), finding.place() + ", ", Show.time(last.orElseThrow().at())),
                finding.accepted() == null
                        ? null
                        : element("p", element("strong", "Accepted: "), finding.accepted()),
                finding.accepted() != null || rule.isEmpty()
                        ? null
                        : element(
                                "p",
                                element("strong", "Written safely: "),
                                Show.command(command + " --explain " + finding.rule())));
    }

    private Html missing() {
        return unjudged.isEmpty()
                ? Html.NOTHING
                : element(
                        "p",
                        "Nobody asked yet what " + String.join(", ", unjudged) + " would do to tables in use: ",
                        Show.command(command));
    }

    private List<LintRecord.Finding> of(Relation relation) {
        return findings().stream()
                .filter(finding -> isAbout(finding, relation))
                .toList();
    }

    private List<LintRecord.Finding> findings() {
        return last.map(LintRecord::findings).orElse(List.of());
    }

    private boolean isAbout(LintRecord.Finding finding, Relation relation) {
        Reference.Table table = finding.table() == null ? null : tables.get(finding.table());
        return table != null && table.is(relation);
    }
}
