package avdaily.studio;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The address of one of our pages. It is relative, so that no text of the database can lead elsewhere.
 *
 * @param page null for a place on the page itself
 * @param place the element that it leads to, or null
 */
record Link(String page, Map<String, String> parameters, String place) {
    private static final Pattern PAGE = Pattern.compile("[a-z.]*");

    Link {
        if (page != null && !PAGE.matcher(page).matches()) throw new IllegalArgumentException(page);
    }

    static Link to(String page) {
        return new Link(page, Map.of(), null);
    }

    static Link toPlace(String place) {
        return new Link(null, Map.of(), place);
    }

    static Link toTable(String page, String schema, String name) {
        return to(page).with("schema", schema).with("table", name);
    }

    /** The same with one more parameter, or with another value of it; null takes it away. */
    Link with(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(parameters);
        if (value == null) all.remove(name);
        else all.put(name, value);
        return new Link(page, all, null);
    }

    Link on(String otherPage) {
        return new Link(otherPage, parameters, null);
    }

    /** As a running studio understands it. */
    String address() {
        String query = parameters.entrySet().stream()
                .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
                .collect(Collectors.joining("&"));
        String here = page == null ? "" : "./" + page + (query.isEmpty() ? "" : "?" + query);
        return place == null ? here : here + "#" + encoded(place);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
