package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Format;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** How pages show numbers, times, bars and commands. */
final class Show {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private static final int MOST_POINTS = 120;

    static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** @param bytes negative if nobody knows */
    static String bytes(long bytes) {
        return bytes < 0 ? "locked" : Format.bytes(bytes);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    /** In the zone of this machine, with the exact time for programs. */
    static Html time(Instant at) {
        if (at == null) return Html.of("never");
        return element("time", attribute("datetime", at), TIME.format(at.atZone(ZoneId.systemDefault())));
    }

    static Html ago(Instant at) {
        if (at == null) return Html.of("never");
        String age = Format.age(Duration.between(at, Instant.now())) + " ago";
        return element("time", attribute("datetime", at), attribute("title", at), age);
    }

    /** A bar of several parts of a whole; who cannot see it reads the number beside it. */
    static Html bar(double whole, double... parts) {
        Object[] pieces = new Object[parts.length];
        double from = 0;
        for (int i = 0; i < parts.length; i++) {
            double width = whole <= 0 ? 0 : 100 * parts[i] / whole;
            pieces[i] = element(
                    "rect",
                    kind("part" + i),
                    attribute("x", decimal(from)),
                    attribute("y", 0),
                    attribute("width", decimal(width)),
                    attribute("height", 8));
            from += width;
        }
        return element(
                "svg",
                kind("bar"),
                attribute("viewBox", "0 0 100 8"),
                attribute("preserveAspectRatio", "none"),
                attribute("aria-hidden", "true"),
                attribute("focusable", "false"),
                List.of(pieces));
    }

    /** A line through values, as few as the eye can follow; who cannot see it reads the range beside it. */
    static Html line(List<Double> values) {
        double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        int points = Math.min(values.size(), MOST_POINTS);
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < points; i++) {
            double value = values.get((int) ((long) i * (values.size() - 1) / Math.max(1, points - 1)));
            double height = most == least ? 0 : (value - least) / (most - least);
            path.append(i == 0 ? "" : " ")
                    .append(decimal(100.0 * i / Math.max(1, points - 1)))
                    .append(',')
                    .append(decimal(18 - 16 * height));
        }
        return element(
                "svg",
                kind("line-chart"),
                attribute("viewBox", "0 0 100 20"),
                attribute("preserveAspectRatio", "none"),
                attribute("aria-hidden", "true"),
                attribute("focusable", "false"),
                element("polyline", attribute("points", path)));
    }

    static String decimal(double n) {
        return String.format(Locale.ROOT, "%.2f", n);
    }

    static Html code(Object text) {
        return element("code", text);
    }

    /** A command to be run on a terminal. */
    static Html command(String text) {
        return element("code", kind("command"), text);
    }

    static Html badge(String kind, Object text) {
        return element("span", kind("badge " + kind), text);
    }

    static Html section(String id, String title, Object... content) {
        return element(
                "section",
                attribute("aria-labelledby", id),
                element("h2", attribute("id", id), title),
                Html.all(content));
    }

    static Html fact(String name, Object value) {
        return element("div", element("dt", name), element("dd", value));
    }

    private Show() {}
}
