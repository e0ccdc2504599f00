package avdaily.studio;

import avdaily.base.Secrets;
import avdaily.base.Visible;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A piece of a page. What comes into it is escaped, unless it is a piece itself, and there is no way around that: names
 * of elements and attributes are ours, addresses are {@link Link}s, and no attribute runs or styles anything.
 */
abstract class Html {
    static final Html NOTHING = all();
    private static final Pattern ELEMENT = Pattern.compile("[a-zA-Z][a-zA-Z0-9]*");
    private static final Pattern ATTRIBUTE = Pattern.compile("(?!on|style|srcdoc)[a-zA-Z][a-zA-Z0-9-]*");
    private static final Set<String> ADDRESSES = Set.of("href", "action", "src");
    private static final Set<String> VOID = Set.of("meta", "link", "input", "br");

    /** An attribute of the element that has it among its parts; one without a value is left out. */
    record Attribute(String name, Object value) {
        Attribute {
            if (!ATTRIBUTE.matcher(name).matches()) throw new IllegalArgumentException(name);
            boolean isAddress = ADDRESSES.contains(name);
            if (isAddress != value instanceof Link) throw new IllegalArgumentException(name + " takes another value");
        }
    }

    abstract void write(StringBuilder out, Function<Link, String> addresses);

    /** @param addresses what stands for a link; null if the page that it leads to is not there */
    String text(Function<Link, String> addresses) {
        StringBuilder out = new StringBuilder();
        write(out, addresses);
        return out.toString();
    }

    static Attribute attribute(String name, Object value) {
        return new Attribute(name, value);
    }

    static Attribute kind(String name) {
        return attribute("class", name);
    }

    /** Pieces and texts after one another. */
    static Html all(Object... parts) {
        List<Html> pieces = pieces(parts);
        return new Html() {
            @Override
            void write(StringBuilder out, Function<Link, String> addresses) {
                pieces.forEach(piece -> piece.write(out, addresses));
            }
        };
    }

    static Collector<Html, ?, Html> joined() {
        return Collectors.collectingAndThen(Collectors.toList(), pieces -> all(pieces));
    }

    /** A text; lines stay lines. */
    static Html of(Object text) {
        String escaped = escaped(Visible.lines(Secrets.redact(String.valueOf(text))));
        return new Html() {
            @Override
            void write(StringBuilder out, Function<Link, String> addresses) {
                out.append(escaped);
            }
        };
    }

    /** @param parts attributes, pieces, collections of pieces, and texts of any kind; null is nothing */
    static Html element(String name, Object... parts) {
        if (!ELEMENT.matcher(name).matches()) throw new IllegalArgumentException(name);
        List<Attribute> attributes = Stream.of(parts)
                .filter(Attribute.class::isInstance)
                .map(Attribute.class::cast)
                .toList();
        List<Html> content = pieces(
                Stream.of(parts).filter(part -> !(part instanceof Attribute)).toArray());
        return new Html() {
            @Override
            void write(StringBuilder out, Function<Link, String> addresses) {
                boolean leadsNowhere = attributes.stream()
                        .anyMatch(a -> a.value instanceof Link link && addresses.apply(link) == null);
                String tag = leadsNowhere ? name.equals("a") ? "span" : name : name;
                out.append('<').append(tag);
                for (Attribute a : attributes) writeAttribute(a, out, addresses);
                out.append('>');
                if (VOID.contains(tag)) return;
                content.forEach(piece -> piece.write(out, addresses));
                out.append("</").append(tag).append('>');
            }
        };
    }

    private static void writeAttribute(Attribute a, StringBuilder out, Function<Link, String> addresses) {
        Object value = a.value instanceof Link link ? addresses.apply(link) : a.value;
        if (value == null || Boolean.FALSE.equals(value)) return;
        out.append(' ').append(a.name);
        if (!Boolean.TRUE.equals(value))
            out.append("=\"")
                    .append(escaped(Visible.line(String.valueOf(value))))
                    .append('"');
    }

    static Html link(Link to, Object... parts) {
        Object[] all = Arrays.copyOf(parts, parts.length + 1);
        all[parts.length] = attribute("href", to);
        return element("a", all);
    }

    private static List<Html> pieces(Object... parts) {
        return Arrays.stream(parts)
                .flatMap(part -> part instanceof Collection<?> many ? many.stream() : Stream.of(part))
                .filter(part -> part != null && part != NOTHING)
                .map(part -> part instanceof Html piece ? piece : of(part))
                .toList();
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char at = text.charAt(i);
            switch (at) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(at);
            }
        }
        return out.toString();
    }
}
