package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Secrets;
import avdaily.base.Settings;
import avdaily.db.OperationLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who counts as author and approver of a plan. The proof is as strong as what the project asks for:
 *
 * <ul>
 *   <li>Signers are named: who signed with an OpenSSH key of theirs. One key is one person, and so is one name.
 *   <li>A key is shared (DB_DEPLOY_APPROVAL_KEY): whoever had it, under whatever name.
 *   <li>Neither: whatever name the file has.
 * </ul>
 */
public final class Approvers {
    private static final String KEY = "DB_DEPLOY_APPROVAL_KEY";

    private static final String OWN = "it is the author's own";

    private final Settings settings;
    private final Optional<BoundText> signers;

    /** @param policy of the environment that the plan is for */
    public Approvers(Settings settings, EnvironmentPolicy policy) {
        this.settings = settings;
        this.signers = settings.real("DB_DEPLOY_ALLOWED_SIGNERS")
                .map(Path::of)
                .map(settings::path)
                .map(BoundText::readIfThere)
                .or(policy::signers);
    }

    /** Who runs this: the person for whom the CI system runs, else the operating system's user. */
    public static String who(Settings settings) {
        for (String variable : List.of("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CIRCLE_USERNAME")) {
            Optional<String> name = settings.real(variable);
            if (name.isPresent()) return name.get();
        }
        return OperationLog.who();
    }

    /** Whether two names are one person's: case, blanks and letters that do not show make no other. */
    static boolean isSamePerson(String one, String other) {
        return plain(one).equals(plain(other));
    }

    private static String plain(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFKC)
                .replaceAll("[\\p{Cf}\\p{Cc}\\s]", "")
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }

    /**
     * The plan with one approval more, in place of an earlier one of the same person.
     *
     * @param key the OpenSSH key to sign with, or null
     * @throws Failure (21) if this person may not approve
     */
    public DeployPlan approve(DeployPlan plan, Path key) {
        plan.refuseExpired();
        if (signers.isPresent() && key == null)
            throw Failure.refused(
                    "approvals of this plan are signed (" + signers.get().file() + "), and no key is named",
                    "name yours with --sign-with, as in --sign-with ~/.ssh/id_ed25519.");
        String me = who(settings);
        String at = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        String signature = key == null ? null : SshSignature.sign(settings, key, message(plan, me, at));
        DeployPlan.Approval mine = new DeployPlan.Approval(me, at, plan.hash(), seal(plan, me, at), signature);
        String why = reject(plan, mine);
        if (OWN.equals(why))
            throw Failure.refused(
                    "the plan is " + authorOf(plan) + "'s own, and nobody approves what he wrote himself",
                    "have somebody else approve it, or set DB_DEPLOY_AUTHOR_MAY_APPROVE=1 where a team is one person.");
        if (why != null)
            throw Failure.refused("your approval would not count: " + why, "correct that, and approve it again.");
        List<DeployPlan.Approval> all = new ArrayList<>(plan.approvals().stream()
                .filter(approval -> !isReplaced(plan, approval, mine))
                .toList());
        all.add(mine);
        return plan.with(all);
    }

    /** Whether it stands for the earlier approval: if signers are named, the key says whose that is, no login. */
    private boolean isReplaced(DeployPlan plan, DeployPlan.Approval earlier, DeployPlan.Approval mine) {
        if (signers.isEmpty() || reject(plan, earlier) != null) return isSamePerson(earlier.by(), mine.by());
        return signer(plan, earlier).orElseThrow().isSame(signer(plan, mine).orElseThrow());
    }

    /** By what it will be known who approved, in words that follow "approve this". */
    public String proof(Path key) {
        return signers.isPresent() && key != null ? "with the key " + key : "as " + who(settings);
    }

    /** The plan, signed by its author. */
    public DeployPlan sign(DeployPlan plan, Path key) {
        return plan.signed(SshSignature.sign(settings, key, authorship(plan)));
    }

    /** Whose the plan is: if signers are named, who signed it. */
    public String authorOf(DeployPlan plan) {
        if (signers.isEmpty()) return plan.author();
        return author(plan)
                .map(SshSignature.Signer::name)
                .orElse(plan.author() + " (as the plan says; nobody who may signed it)");
    }

    private static String message(DeployPlan plan, String by, String at) {
        return "approval\n" + plan.hash() + "\n" + by + "\n" + at;
    }

    private static String authorship(DeployPlan plan) {
        return "author\n" + plan.hash();
    }

    private String seal(DeployPlan plan, String by, String at) {
        Optional<String> key = settings.realSecret(KEY);
        if (key.isEmpty()) return null;
        Secrets.add(key.get());
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.get().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of()
                    .formatHex(mac.doFinal((plan.hash() + "\n" + by + "\n" + at).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Why an approval does not count, or null. */
    private String reject(DeployPlan plan, DeployPlan.Approval approval) {
        if (!approval.plan().equals(plan.hash())) return "it is of another plan";
        if (plain(approval.by()).isEmpty()) return "it says nobody's name";
        if (signers.isPresent()) {
            if (author(plan).isEmpty()) return "the plan is not signed by its author";
            if (signer(plan, approval).isEmpty())
                return "it is not signed by anybody whom " + signers.get().file() + " names";
        }
        if (isOwn(plan, approval) && !settings.isOn("DB_DEPLOY_AUTHOR_MAY_APPROVE")) return OWN;
        String seal = seal(plan, approval.by(), approval.at());
        if (seal != null
                && (approval.seal() == null
                        || !MessageDigest.isEqual(
                                seal.getBytes(StandardCharsets.UTF_8),
                                approval.seal().getBytes(StandardCharsets.UTF_8))))
            return "it is not sealed with " + KEY;
        return null;
    }

    private boolean isOwn(DeployPlan plan, DeployPlan.Approval approval) {
        if (signers.isEmpty()) return isSamePerson(approval.by(), plan.author());
        Optional<SshSignature.Signer> author = author(plan);
        return author.isPresent()
                && signer(plan, approval).filter(author.get()::isSame).isPresent();
    }

    private Optional<SshSignature.Signer> author(DeployPlan plan) {
        return SshSignature.verify(settings, signers.orElseThrow(), plan.signature(), authorship(plan));
    }

    private Optional<SshSignature.Signer> signer(DeployPlan plan, DeployPlan.Approval approval) {
        return SshSignature.verify(
                settings, signers.orElseThrow(), approval.signature(), message(plan, approval.by(), approval.at()));
    }

    /** Who approved just this content: each person once, under the name that the strongest proof gives. */
    public List<String> of(DeployPlan plan) {
        List<SshSignature.Signer> people = new ArrayList<>();
        for (DeployPlan.Approval approval : plan.approvals()) {
            if (reject(plan, approval) != null) continue;
            SshSignature.Signer person = signers.isPresent()
                    ? signer(plan, approval).orElseThrow()
                    : new SshSignature.Signer(approval.by(), Set.of(plain(approval.by())), Set.of());
            if (people.stream().noneMatch(person::isSame)) people.add(person);
        }
        return people.stream().map(SshSignature.Signer::name).sorted().toList();
    }

    /** @throws Failure (21) if fewer than {@code needed} people approved */
    public void mustHaveApproved(DeployPlan plan, int needed, Path file) {
        List<String> approvers = of(plan);
        if (approvers.size() >= needed) return;
        List<String> rejected = plan.approvals().stream()
                .filter(approval -> reject(plan, approval) != null)
                .map(approval -> "that of " + approval.by() + " does not count, " + reject(plan, approval))
                .toList();
        throw Failure.refused(
                "the plan has " + Format.count(approvers.size(), "approval") + " and needs " + needed
                        + (rejected.isEmpty() ? "" : "; " + String.join("; ", rejected)),
                "have somebody other than " + authorOf(plan) + " run 'avdaily-deploy approve " + file + "'.");
    }
}
