package avdaily.notify;

import avdaily.base.Json;
import avdaily.base.Reason;
import avdaily.base.Secrets;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Somebody who is told over HTTP. The address is a secret: who knows it can write there. */
final class WebTarget extends Target {
    private static final int SECONDS_TO_CONNECT = 3;
    private static final int SECONDS_TO_ANSWER = 5;

    private static final class Client {
        static final HttpClient ONLY = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(SECONDS_TO_CONNECT))
                .build();
    }

    /** In which form it is told. */
    private enum Form {
        /** {@code {"text": ...}}, as Slack, Mattermost and others take it. */
        SLACK,
        /** The notice as JSON. */
        WEBHOOK,
        /** A dead man's switch: the address is called at a good end, with /start and /fail behind it otherwise. */
        PING
    }

    private final Form form;
    private final String address;
    private final Trust trust;

    private WebTarget(Set<Job> jobs, When when, Form form, String address, Trust trust) {
        super(jobs, when);
        this.form = form;
        this.address = address;
        this.trust = trust;
    }

    static WebTarget slack(Set<Job> jobs, When when, String address, Trust trust) {
        return new WebTarget(jobs, when, Form.SLACK, address, trust);
    }

    static WebTarget webhook(Set<Job> jobs, When when, String address, Trust trust) {
        return new WebTarget(jobs, when, Form.WEBHOOK, address, trust);
    }

    static WebTarget ping(Set<Job> jobs, String address, Trust trust) {
        return new WebTarget(jobs, When.ALWAYS, Form.PING, address, trust);
    }

    static boolean isAddress(String text) {
        return uri(text).isPresent();
    }

    private static Optional<URI> uri(String text) {
        try {
            return Optional.of(URI.create(text))
                    .filter(uri -> String.valueOf(uri.getScheme()).matches("(?i)https?") && uri.getHost() != null);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    boolean wants(Notice notice, Optional<Notice.Outcome> last) {
        return form == Form.PING || super.wants(notice, last);
    }

    /** Of a dead man's switch one sees that it begins, rings and is quiet again. */
    @Override
    List<Notice.Outcome> trial() {
        return form == Form.PING
                ? List.of(Notice.Outcome.STARTED, Notice.Outcome.FAILED, Notice.Outcome.DONE)
                : super.trial();
    }

    @Override
    void tell(Notice notice) throws Trust.Undelivered {
        String text = trust.address(address);
        Secrets.add(text); // whatever repeats it
        URI uri = uri(text).orElseThrow(() -> new Trust.Undelivered("the address is none of http:// or https://"));
        int status = status(
                switch (form) {
                    case PING ->
                        HttpRequest.newBuilder(step(uri, notice.outcome())).GET();
                    case SLACK -> post(uri, Map.of("text", escaped(notice.text())));
                    case WEBHOOK -> post(uri, notice.json());
                });
        if (status / 100 != 2) throw new Trust.Undelivered("the answer was HTTP " + status);
    }

    private static HttpRequest.Builder post(URI uri, Map<String, Object> document) {
        return HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(BodyPublishers.ofString(Json.text(document)));
    }

    /** What stands before a query. */
    private static URI step(URI uri, Notice.Outcome outcome) {
        String step =
                switch (outcome) {
                    case STARTED -> "/start";
                    case DONE -> "";
                    case FAILED -> "/fail";
                };
        String[] parts = uri.toString().replaceFirst("#.*", "").split("\\?", 2);
        String query = parts.length == 1 ? "" : "?" + parts[1];
        return step.isEmpty() ? uri : URI.create(parts[0].replaceFirst("/$", "") + step + query);
    }

    /** Slack takes these three for its own. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static int status(HttpRequest.Builder request) throws Trust.Undelivered {
        CompletableFuture<HttpResponse<Void>> answer =
                Client.ONLY.sendAsync(request.header("User-Agent", "avdaily").build(), BodyHandlers.discarding());
        try {
            return answer.get(SECONDS_TO_ANSWER, TimeUnit.SECONDS).statusCode();
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new Trust.Undelivered("no answer within " + SECONDS_TO_ANSWER + " seconds");
        } catch (ExecutionException e) {
            throw new Trust.Undelivered("it cannot be reached (" + Reason.of(e.getCause()) + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trust.Undelivered("interrupted");
        }
    }

    /** A literal address is told by its host alone. */
    @Override
    public String toString() {
        String called = Trust.isVariable(address)
                ? address
                : uri(address)
                        .map(uri -> uri.getScheme() + "://" + uri.getAuthority().replaceFirst(".*@", "") + "/...")
                        .orElseThrow();
        return form.name().toLowerCase(Locale.ROOT) + " " + called;
    }
}
