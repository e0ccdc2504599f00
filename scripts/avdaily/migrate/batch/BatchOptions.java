package avdaily.migrate.batch;

import avdaily.base.Failure;
import avdaily.base.Place;
import avdaily.sql.Word;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the first line of a data migration says.
 *
 * @param table as SQL names it; null in the form that repeats
 * @param key the names of the key's columns as the catalogs have them; empty in the form that repeats
 * @param size how many rows the first batch has
 * @param pause of each batch's time, in percent
 * @param lag how far a standby may lie behind
 * @param passes how often the table is walked through at most
 */
record BatchOptions(String table, List<String> key, long size, int pause, Duration lag, int passes) {
    private static final String KNOWN =
            "write '-- batch: table=orders key=id', or '-- batch: repeat', and behind it what you like of size=5000, "
                    + "pause=20%, lag=10s, passes=1.";
    private static final Pattern SETTING =
            Pattern.compile("(repeat)(?!\\S)|([a-z]+)=((?:\"(?:[^\"]|\"\")*\"|[^\\s\"])+)(?!\\S)");
    private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")+)\"|([\\p{L}_][\\p{L}\\p{N}_$]*)");
    private static final Pattern TIME = Pattern.compile("(\\d{1,6})(ms|s|min|h)");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,7}");
    private static final Pattern PERCENT = Pattern.compile("(\\d{1,4})%");

    /** Whether the statement limits itself, and is repeated until it changes nothing. */
    boolean repeats() {
        return table == null;
    }

    /** @throws Failure (2) naming what cannot be read */
    static BatchOptions read(String text, Place place) {
        Map<String, String> settings = new HashMap<>();
        Matcher setting = SETTING.matcher(text);
        int at = 0;
        while (setting.find()) {
            if (!text.substring(at, setting.start()).isBlank()) break;
            String name = setting.group(1) != null ? "repeat" : setting.group(2);
            if (settings.put(name, setting.group(1) != null ? "" : setting.group(3)) != null)
                throw unreadable(place, name + " is there twice");
            at = setting.end();
        }
        if (!text.substring(at).isBlank())
            throw unreadable(place, "'" + text.substring(at).strip() + "' is no setting of it");
        return new Reader(settings, place).options();
    }

    private static Failure unreadable(Place place, String why) {
        return Failure.usage(place + ": the line of a data migration cannot be read: " + why, KNOWN)
                .at(place);
    }

    private record Reader(Map<String, String> settings, Place place) {
        BatchOptions options() {
            boolean repeats = settings.containsKey("repeat");
            Set<String> unknown = new HashSet<>(settings.keySet());
            unknown.removeAll(
                    repeats
                            ? Set.of("repeat", "size", "pause", "lag")
                            : Set.of("table", "key", "size", "pause", "lag", "passes"));
            if (!unknown.isEmpty()) throw unreadable(place, String.join(", ", unknown) + " is no setting of it");
            if (!repeats && !settings.keySet().containsAll(Set.of("table", "key")))
                throw unreadable(place, "it lacks the table or the key");
            long size = number("size", NUMBER, 5000);
            long passes = number("passes", NUMBER, 1);
            if (size < 1 || passes < 1) throw unreadable(place, "size and passes are numbers from 1 on");
            return new BatchOptions(
                    settings.get("table"),
                    repeats ? List.of() : key(settings.get("key")),
                    size,
                    (int) number("pause", PERCENT, 10),
                    lag(),
                    (int) passes);
        }

        private long number(String name, Pattern form, long standard) {
            String text = settings.get(name);
            if (text == null) return standard;
            if (!form.matcher(text).matches()) throw unreadable(place, name + "=" + text + " is no such number");
            return Long.parseLong(text.replace("%", ""));
        }

        private Duration lag() {
            String text = settings.getOrDefault("lag", "10s");
            Matcher time = TIME.matcher(text);
            if (!time.matches()) throw unreadable(place, "lag=" + text + " is no time");
            long number = Long.parseLong(time.group(1));
            return switch (time.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "min" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofSeconds(number);
            };
        }

        private List<String> key(String text) {
            List<String> key = new ArrayList<>();
            Matcher name = NAME.matcher(text);
            int at = 0;
            while (at <= text.length()) {
                if (!name.find(at) || name.start() != at) throw unreadable(place, "key=" + text + " names no columns");
                key.add(
                        name.group(1) != null
                                ? name.group(1).replace("\"\"", "\"")
                                : Word.folded(name.group(2)));
                at = name.end();
                if (at == text.length()) return key;
                if (text.charAt(at++) != ',') throw unreadable(place, "key=" + text + " names no columns");
            }
            throw unreadable(place, "key=" + text + " names no columns");
        }
    }
}
