package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;

import avdaily.base.Failure;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a browser asks for.
 *
 * @param parameters those of the address or, of a form, those of the body
 */
record Request(String page, Map<String, String> parameters, Visitor visitor) {
    private static final int MOST_PARAMETERS = 4000;

    /** What stands behind the question mark of an address, or in the body of a form. */
    static Map<String, String> parameters(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (text == null || text.isEmpty()) return parameters;
        for (String pair : text.split("&", MOST_PARAMETERS)) {
            String[] parts = pair.split("=", 2);
            parameters.put(decoded(parts[0]), parts.length < 2 ? "" : decoded(parts[1]));
        }
        return parameters;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Failure.usage("the address is not well formed", "follow a link of a page.");
        }
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(text -> !text.isEmpty());
    }

    String need(String name) {
        return get(name)
                .orElseThrow(() -> Failure.usage("the address does not say which " + name, "follow a link of a page."));
    }

    int number(String name, int least, int most, int otherwise) {
        return get(name)
                .filter(text -> text.matches("\\d{1,6}"))
                .map(Integer::parseInt)
                .map(n -> Math.max(least, Math.min(most, n)))
                .orElse(otherwise);
    }

    /** The address of this page with the same parameters. */
    Link link() {
        return new Link(page, parameters, null);
    }

    /** A form that changes something: it brings back the key that only our own pages have. */
    Html form(String page, Object... parts) {
        return element(
                "form",
                attribute("method", "post"),
                attribute("action", Link.to(page)),
                hidden("key", visitor.formKey()),
                Html.all(parts));
    }

    static Html hidden(String name, String value) {
        return element("input", attribute("type", "hidden"), attribute("name", name), attribute("value", value));
    }
}
