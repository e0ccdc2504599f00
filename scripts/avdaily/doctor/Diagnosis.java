package avdaily.doctor;

import avdaily.base.Json;
import avdaily.base.Out;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a look found.
 *
 * @param place the database with its server and environment
 * @param between what stands between us and the server
 * @param role as which we are logged in
 */
public record Diagnosis(
        String database,
        String place,
        ServerKind kind,
        String between,
        String role,
        Doctor.Depth depth,
        List<Ability> abilities) {
    private static final int COLUMNS = 80;
    private static final int INDENT = 27;

    /** Whether every command has what none can do without. */
    public boolean isUsable() {
        return abilities.stream().noneMatch(Ability::isFatal);
    }

    /** The page for a person, whose lines keep to its width with their commands as they can be pasted. */
    public String text(Out out) {
        List<String> lines = new ArrayList<>();
        lines.add("What works on " + place);
        lines.add("");
        entry(lines, "server", "", kind.product());
        entry(lines, "known as", "", kind.services());
        entry(lines, "between", "", between);
        entry(lines, "role", "", role);
        lines.add("");
        for (Ability ability : abilities) {
            String mark = ability.answer() == Ability.Answer.UNKNOWN
                    ? "?"
                    : ability.answer().toString();
            entry(lines, mark, ability.name().toString(), ability.text());
            if (!ability.next().isEmpty()) fold(lines, " ".repeat(INDENT), "Go on: " + out.pasteable(ability.next()));
        }
        if (depth == Doctor.Depth.READING) {
            lines.add("");
            fold(
                    lines,
                    "",
                    out.pasteable("Nothing was tried that writes. 'avdaily-db doctor --try' tries it: a role, an event "
                            + "trigger, an extension, a large object and a temporary table in transactions that are "
                            + "taken back, and a database that is dropped again."));
        }
        return String.join("\n", lines);
    }

    private static void entry(List<String> lines, String mark, String name, String text) {
        String head = name.isEmpty() ? "%-10s".formatted(mark) : "%-5s%-22s".formatted(mark, name);
        fold(lines, head, text);
    }

    /** Adds the text behind the head, in lines that keep to the page. */
    private static void fold(List<String> lines, String head, String text) {
        StringBuilder line = new StringBuilder(head);
        for (String word : text.split(" ")) {
            if (line.length() > head.length() && line.length() + word.length() >= COLUMNS) {
                lines.add(line.toString().stripTrailing());
                line = new StringBuilder(" ".repeat(head.length()));
            }
            line.append(line.length() > head.length() ? " " : "").append(word);
        }
        lines.add(line.toString());
    }

    public Map<String, Object> json() {
        return Json.object(
                "database",
                database,
                "server",
                kind.json(),
                "between",
                between,
                "role",
                role,
                "tried",
                depth == Doctor.Depth.EVERYTHING,
                "usable",
                isUsable(),
                "abilities",
                abilities.stream().map(Ability::json).toList());
    }
}
