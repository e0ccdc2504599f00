import avdaily.integrity.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What the commands that work with rules share. */
abstract class IntegrityScript extends Script {
    @Option(
            names = "--rules",
            paramLabel = "PATH",
            description =
                    "Your own rules, a file or a folder of files; they add to the project's and override them "
                            + "(default: AVDAILY_RULES).")
    Path rules;

    @Option(names = "--only", split = ",", paramLabel = "ID", description = "Only these rules.")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--category",
            split = ",",
            paramLabel = "CATEGORY",
            description = "Only rules of these: ${COMPLETION-CANDIDATES}.")
    List<Rule.Category> categories = new ArrayList<>();
}
