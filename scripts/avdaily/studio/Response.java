package avdaily.studio;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a browser gets. */
record Response(int status, String type, byte[] body, Map<String, String> headers) {
    private static final String HTML = "text/html; charset=utf-8";

    static Response html(int status, Html page) {
        return of(status, HTML, "<!doctype html>\n" + page.text(Link::address));
    }

    static Response of(int status, String type, String body) {
        return new Response(status, type, body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** A file to be kept under this name. */
    static Response file(String name, String type, String body) {
        String harmless = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return of(200, type, body).with("Content-Disposition", "attachment; filename=\"" + harmless + "\"");
    }

    static Response redirect(Link to) {
        return of(303, "text/plain; charset=utf-8", "").with("Location", to.address());
    }

    Response with(String header, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(header, value);
        return new Response(status, type, body, all);
    }
}
