package avdaily.deploy;

import avdaily.base.AtomicFile;
import avdaily.base.Format;
import avdaily.base.Secrets;
import avdaily.base.Visible;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A deployment's report for a pull request. */
public final class DeployMarkdown {
    private final DeployReport report;
    private final StringBuilder text = new StringBuilder();

    private DeployMarkdown(DeployReport report) {
        this.report = report;
    }

    public static void write(DeployReport report, Path file) throws IOException {
        AtomicFile.write(file, Secrets.redact(new DeployMarkdown(report).all()));
    }

    private String all() {
        head();
        plan();
        migrations();
        if (!report.result().findings().isEmpty()) text.append("\nFindings that were there before:\n\n");
        report.result()
                .findings()
                .forEach(finding -> text.append("- ").append(Format.markdown(finding)).append('\n'));
        report.result().backup().ifPresent(backup -> paragraph("Backup: " + code(backup.name())));
        report.kept().ifPresent(name -> paragraph("Kept: the database as it was when it failed, " + code(name)));
        report.further().ifPresent(command -> paragraph("Further back: " + code(command)));
        report.planHash().ifPresent(hash -> paragraph("Plan " + code(hash)));
        return text.toString();
    }

    private void paragraph(String line) {
        text.append('\n').append(line).append('\n');
    }

    private void head() {
        boolean planned = report.result() instanceof DeployResult.Planned;
        text.append("## Deployment to " + Format.markdown(report.db().name()) + " ("
                + report.db().environment() + "): "
                + (planned ? "plan" : report.result().word()) + "\n\n");
        if (!planned) text.append(Format.markdown(report.headline())).append("\n\n");
        report.takenBack()
                .ifPresent(
                        how -> text.append("Taken back ").append(Format.markdown(how)).append(".\n\n"));
        report.resumed().ifPresent(it -> text.append(Format.markdown(it.text())).append("\n\n"));
    }

    private void plan() {
        text.append("| step | |\n|---|---|\n");
        for (String line : report.plan())
            row(line.substring(0, PlanLines.WORD).strip(), Format.markdown(line.substring(PlanLines.WORD)));
    }

    private void migrations() {
        if (report.result().applied().isEmpty()) return;
        text.append("\n| migration | took |\n|---|---|\n");
        report.result()
                .applied()
                .forEach(migration -> row(
                        Format.markdown(migration.title()),
                        migration.tookMs() == null ? "" : Format.duration(Duration.ofMillis(migration.tookMs()))));
    }

    private void row(String left, String right) {
        text.append("| ").append(left).append(" | ").append(right).append(" |\n");
    }

    /** Within backticks nothing is markup but a backtick. */
    private static String code(String text) {
        return "`" + Visible.line(text).replace('`', '\'') + "`";
    }
}
