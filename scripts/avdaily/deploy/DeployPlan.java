package avdaily.deploy;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Reason;
import avdaily.base.ResourceFolder;
import avdaily.base.Settings;
import avdaily.base.Sha256;
import avdaily.db.Environment;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A deployment as it was planned, in a file that people approve. The hash proves that the approved plan is the one run;
 * {@link Approvers} tells whose approvals count.
 *
 * @param content what the plan is; {@link #BOUND} names what must still hold when it is run
 * @param hash of the content
 * @param signature the author's OpenSSH signature; null if he did not sign
 */
public record DeployPlan(ObjectNode content, String hash, String signature, List<Approval> approvals) {
    private static final ObjectMapper CANONICAL =
            new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    /** Who reads a key that is there twice could see another plan than the one that runs. */
    private static final ObjectReader STRICT =
            Json.mapper().reader().with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

    private static final int FORMAT = 2;

    /** Nobody remembers longer what he said yes to. */
    private static final Duration LONGEST = Duration.ofDays(30);

    /** By so much the clocks of two machines may differ. */
    private static final Duration CLOCKS = Duration.ofMinutes(15);

    /** The parts that must be the same when the plan is run, and their names in messages. */
    private static final Map<String, String> BOUND = Map.of(
            "environment", "the environment",
            "target", "the database",
            "schema", "the schema",
            "migrations", "the migration files",
            "pending", "the pending migrations",
            "files", "the text of the pending migrations",
            "seed", "the seed files",
            "recovery", "what is done first about a killed deployment",
            "rollback", "what is taken back",
            "strategy", "the configuration (avdaily.yaml)");

    /** Who said yes to which content, when; seal and signature are null if there was no key. */
    record Approval(String by, String at, String plan, String seal, String signature) {}

    /** @throws Failure (2) if it were to be valid for longer than a plan may */
    public static DeployPlan of(ObjectNode bound, Duration valid, Settings settings) {
        if (valid.compareTo(LONGEST) > 0)
            throw Failure.usage(
                    "a plan is valid for " + LONGEST.toDays() + " days at the most",
                    "name a shorter time; a plan that expired is made anew.");
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        ObjectNode content = Json.mapper()
                .createObjectNode()
                .put("format", FORMAT)
                .put("author", Approvers.who(settings))
                .put("createdAt", now.toString())
                .put("expiresAt", now.plus(valid).toString());
        content.setAll(bound);
        return new DeployPlan(content, hash(content), null, List.of());
    }

    DeployPlan with(List<Approval> others) {
        return new DeployPlan(content, hash, signature, others);
    }

    DeployPlan signed(String by) {
        return new DeployPlan(content, hash, by, approvals);
    }

    // -- the file

    /** @throws Failure (2) if it is no plan, (21) if it is not what was written */
    public static DeployPlan read(Path file) {
        try {
            ResourceFolder.refuseTooLarge(file);
            JsonNode root = STRICT.readTree(Files.readString(file));
            if (!root.path("content").isObject()
                    || !root.path("hash").isTextual()
                    || !root.path("content").path("format").equals(IntNode.valueOf(FORMAT)))
                throw Failure.usage(
                        file + " is no plan of this version",
                        "make one with 'avdaily-deploy plan ENV -o " + file + "'.");
            List<Approval> approvals = new ArrayList<>();
            for (JsonNode each : root.path("approvals"))
                approvals.add(new Approval(
                        text(each, "by"),
                        text(each, "at"),
                        text(each, "plan"),
                        each.path("seal").textValue(),
                        each.path("signature").textValue()));
            DeployPlan plan = new DeployPlan(
                    (ObjectNode) root.get("content"),
                    root.get("hash").asText(),
                    root.path("signature").textValue(),
                    approvals);
            plan.mustBeReadable(file);
            if (!hash(plan.content).equals(plan.hash))
                throw Failure.refused(
                        "the plan " + file + " was changed after it was made",
                        "make a new one with 'avdaily-deploy plan', and have it approved.");
            return plan;
        } catch (NoSuchFileException e) {
            throw Failure.usage("there is no plan " + file, "make one with 'avdaily-deploy plan ENV -o " + file + "'.");
        } catch (JsonProcessingException e) {
            throw Failure.usage(
                    file + " is no plan: " + e.getOriginalMessage(),
                    "make one with 'avdaily-deploy plan ENV -o " + file + "'.");
        } catch (IOException e) {
            throw Failure.usage(file + " cannot be read: " + Reason.of(e), "make it readable.");
        }
    }

    private static String text(JsonNode approval, String name) {
        return approval.path(name).isTextual() ? approval.get(name).textValue() : "";
    }

    private void mustBeReadable(Path file) {
        try {
            Environment.parse(environment());
            expiresAt();
            createdAt();
            if (content.path("author").asText().isBlank()) throw new IllegalArgumentException("nobody is its author");
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw Failure.usage(
                    file + " is no plan: " + e.getMessage(),
                    "make one with 'avdaily-deploy plan ENV -o " + file + "'.");
        }
    }

    public void write(Path file) throws IOException {
        AtomicFile.writePrivate(
                file,
                Json.page(Json.object("content", content, "hash", hash, "signature", signature, "approvals", approvals))
                        + "\n");
    }

    private static String hash(ObjectNode content) {
        try {
            return Sha256.of(CANONICAL.writeValueAsString(CANONICAL.treeToValue(content, TreeMap.class)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    // -- matching

    public String author() {
        return content.path("author").asText();
    }

    public String environment() {
        return content.path("environment").asText();
    }

    public Instant expiresAt() {
        return Instant.parse(content.path("expiresAt").asText());
    }

    private Instant createdAt() {
        return Instant.parse(content.path("createdAt").asText());
    }

    public boolean seeds() {
        return content.hasNonNull("seed");
    }

    public ObjectNode bound() {
        return content.deepCopy();
    }

    /** @throws Failure (21) if its time is over, or was made longer than that of any plan */
    void refuseExpired() {
        if (createdAt().isAfter(Instant.now().plus(CLOCKS))
                || expiresAt().isAfter(createdAt().plus(LONGEST)))
            throw Failure.refused(
                    "the plan would be valid from " + createdAt() + " until " + expiresAt() + ", and "
                            + LONGEST.toDays() + " days from today are the most",
                    "see who wrote that; make a new one with 'avdaily-deploy plan', and have it approved.");
        if (Instant.now().isAfter(expiresAt()))
            throw Failure.refused(
                    "the plan expired at " + expiresAt(),
                    "make a new one with 'avdaily-deploy plan', and have it approved.");
    }

    /**
     * @param now the same parts as they are now
     * @throws Failure (21) naming everything that is not as it was planned
     */
    public void mustMatch(ObjectNode now) {
        refuseExpired();
        Set<String> differences = new LinkedHashSet<>();
        for (String part : new TreeSet<>(BOUND.keySet())) differences.addAll(differences(part, now));
        if (!differences.isEmpty())
            throw Failure.refused(
                    "the plan no longer matches: " + String.join("; ", differences),
                    "see what happened; then make a new plan with 'avdaily-deploy plan', and have it approved.");
    }

    private List<String> differences(String part, ObjectNode now) {
        JsonNode planned = content.path(part);
        JsonNode actual = now.path(part);
        if (text(planned).equals(text(actual))) return List.of();
        if (!planned.isObject() || !actual.isObject())
            return List.of(BOUND.get(part) + (planned.isValueNode() && actual.isValueNode() ? "" : " changed")
                    + ": planned " + shown(planned) + ", now " + shown(actual));
        List<String> differences = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>();
        planned.fieldNames().forEachRemaining(names::add);
        actual.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            if (text(planned.path(name)).equals(text(actual.path(name)))) continue;
            boolean isFile = List.of("migrations", "files", "seed").contains(part);
            String text = isFile
                    ? name + fileDifference(part, planned.has(name), actual.has(name))
                    : BOUND.get(part) + "'s " + name + ": planned " + shown(planned.path(name)) + ", now "
                            + shown(actual.path(name));
            differences.add(text);
        }
        return differences;
    }

    private static String fileDifference(String part, boolean was, boolean is) {
        if (!was) return " is new";
        if (is) return " was changed";
        return part.equals("seed") ? " is gone" : " is gone, or applied by now";
    }

    /** Missing and null are the same. */
    private static String text(JsonNode node) {
        return node.isMissingNode() ? "null" : node.toString();
    }

    private static String shown(JsonNode node) {
        String text = node.isTextual() ? node.asText() : text(node);
        return text.matches("[0-9a-f]{64}") ? text.substring(0, 12) : text;
    }
}
