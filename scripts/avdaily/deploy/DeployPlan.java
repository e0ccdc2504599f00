package avdaily.deploy;

import avdaily.base.AtomicFile;
import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.base.Reason;
import avdaily.base.Secrets;
import avdaily.base.Settings;
import avdaily.base.Sha256;
import avdaily.db.OperationLog;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A deployment as it was planned, in a file that people approve. The hash proves that the approved plan is the one run.
 * It does not prove who approved: whoever can write the file can write any name into it, unless the approvals are
 * sealed with a key (DB_DEPLOY_APPROVAL_KEY) that only approvers and the deploying machine have.
 *
 * @param content what the plan is; {@link #BOUND} names what must still hold when it is run
 * @param hash of the content
 */
public record DeployPlan(ObjectNode content, String hash, List<Approval> approvals) {
    private static final ObjectMapper CANONICAL =
            new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private static final int FORMAT = 1;
    private static final String KEY = "DB_DEPLOY_APPROVAL_KEY";

    /** The parts that must be the same when the plan is run, and their names in messages. */
    private static final Map<String, String> BOUND = Map.of(
            "environment",
            "the environment",
            "target",
            "the database",
            "schema",
            "the schema",
            "migrations",
            "the migration files",
            "pending",
            "the pending migrations",
            "seed",
            "the seed files",
            "strategy",
            "the configuration (avdaily.yaml)");

    /** Who said yes to which content, when; the seal is null if there was no key. */
    record Approval(String by, String at, String plan, String seal) {}

    public static DeployPlan of(ObjectNode bound, List<String> text, Duration valid, Settings settings) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        ObjectNode content = Json.mapper()
                .createObjectNode()
                .put("format", FORMAT)
                .put("author", who(settings))
                .put("createdAt", now.toString())
                .put("expiresAt", now.plus(valid).toString());
        content.setAll(bound);
        text.forEach(content.putArray("text")::add);
        return new DeployPlan(content, hash(content), List.of());
    }

    /** Who runs this: the person for whom the CI system runs, else the operating system's user. */
    public static String who(Settings settings) {
        for (String variable : List.of("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CIRCLE_USERNAME")) {
            Optional<String> name = settings.real(variable).filter(text -> !text.isBlank());
            if (name.isPresent()) return name.get().strip();
        }
        return OperationLog.who();
    }

    // -- the file

    /** @throws Failure (2) if it is no plan, (21) if it is not what was written */
    public static DeployPlan read(Path file) {
        try {
            JsonNode root = Json.mapper().readTree(Files.readString(file));
            if (!root.path("content").isObject()
                    || !root.path("hash").isTextual()
                    || root.path("content").path("format").asInt() != FORMAT)
                throw Failure.usage(
                        file + " is no plan of this version",
                        "make one with 'avdaily-deploy plan ENV -o " + file + "'.");
            List<Approval> approvals = new ArrayList<>();
            for (JsonNode each : root.path("approvals"))
                approvals.add(new Approval(
                        each.path("by").asText(),
                        each.path("at").asText(),
                        each.path("plan").asText(),
                        each.path("seal").asText(null)));
            DeployPlan plan = new DeployPlan(
                    (ObjectNode) root.get("content"), root.get("hash").asText(), approvals);
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

    public void write(Path file) throws IOException {
        AtomicFile.writePrivate(
                file, Json.page(Json.object("content", content, "hash", hash, "approvals", approvals)) + "\n");
    }

    private static String hash(ObjectNode content) {
        try {
            return Sha256.of(CANONICAL.writeValueAsString(CANONICAL.treeToValue(content, TreeMap.class)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    // -- approving

    /** @throws Failure (21) if this person may not approve, or the plan's time is over */
    public DeployPlan approve(Settings settings) {
        refuseExpired();
        String me = who(settings);
        if (me.equalsIgnoreCase(author()) && !mayAuthorApprove(settings))
            throw Failure.refused(
                    "the plan is " + author() + "'s own, and nobody approves what he wrote himself",
                    "have somebody else approve it, or set DB_DEPLOY_AUTHOR_MAY_APPROVE=1 where a team is one person.");
        String at = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        List<Approval> all = new ArrayList<>(approvals.stream()
                .filter(approval -> !approval.by.equalsIgnoreCase(me))
                .toList());
        all.add(new Approval(me, at, hash, seal(me, at, settings)));
        return new DeployPlan(content, hash, all);
    }

    private static boolean mayAuthorApprove(Settings settings) {
        return settings.isOn("DB_DEPLOY_AUTHOR_MAY_APPROVE");
    }

    private String seal(String by, String at, Settings settings) {
        Optional<String> key = settings.get(KEY);
        if (key.isEmpty()) return null;
        Secrets.add(key.get());
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.get().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of()
                    .formatHex(mac.doFinal((hash + "\n" + by + "\n" + at).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Who approved just this content; with a key, only those who had it. */
    public List<String> approvers(Settings settings) {
        return List.copyOf(new TreeSet<>(approvals.stream()
                .filter(approval -> reject(approval, settings) == null)
                .map(Approval::by)
                .toList()));
    }

    /** Why an approval does not count, or null. */
    private String reject(Approval approval, Settings settings) {
        if (!approval.plan.equals(hash)) return "it is of another plan";
        if (approval.by.equalsIgnoreCase(author()) && !mayAuthorApprove(settings)) return "it is the author's own";
        String seal = seal(approval.by, approval.at, settings);
        if (seal != null
                && (approval.seal == null
                        || !MessageDigest.isEqual(
                                seal.getBytes(StandardCharsets.UTF_8), approval.seal.getBytes(StandardCharsets.UTF_8))))
            return "it is not sealed with " + KEY;
        return null;
    }

    /** @throws Failure (21) if fewer than {@code needed} people approved */
    public void mustBeApproved(int needed, Path file, Settings settings) {
        List<String> approvers = approvers(settings);
        if (approvers.size() >= needed) return;
        List<String> rejected = approvals.stream()
                .filter(approval -> reject(approval, settings) != null)
                .map(approval -> "that of " + approval.by + " does not count, " + reject(approval, settings))
                .toList();
        throw Failure.refused(
                "the plan has " + Format.count(approvers.size(), "approval") + " and needs " + needed
                        + (rejected.isEmpty() ? "" : "; " + String.join("; ", rejected)),
                "have somebody other than " + author() + " run 'avdaily-deploy approve " + file + "'.");
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

    public boolean seeds() {
        return content.hasNonNull("seed");
    }

    public List<String> text() {
        List<String> lines = new ArrayList<>();
        content.path("text").forEach(line -> lines.add(line.asText()));
        return lines;
    }

    private void refuseExpired() {
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
        List<String> differences = new ArrayList<>();
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
            boolean isFile = part.equals("migrations") || part.equals("seed");
            String text = isFile
                    ? name + fileDifference(planned.has(name), actual.has(name))
                    : BOUND.get(part) + "'s " + name + ": planned " + shown(planned.path(name)) + ", now "
                            + shown(actual.path(name));
            differences.add(text);
        }
        return differences;
    }

    private static String fileDifference(boolean was, boolean is) {
        if (!was) return " is new";
        return is ? " was changed" : " is gone";
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
