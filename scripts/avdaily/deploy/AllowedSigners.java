package avdaily.deploy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who is who in a file of allowed signers: lines that share a name or a key are one person's. A name may be a pattern,
 * as in {@code *@example.org}; it is everybody's whom it fits. Whether a signature counts, {@code ssh-keygen} says.
 *
 * @param lines those of keys, not of authorities
 * @param names all that stand there and are no pattern, also those that an authority may certify
 */
record AllowedSigners(List<Line> lines, Set<String> names) {
    /** Principals, options and a public key. */
    private static final Pattern LINE = Pattern.compile("\\s*(\"[^\"]*\"|[^\\s#\"]\\S*)\\s+(?<options>.*?)\\s*"
            + "\\b[\\w@.-]*(?:ssh|ecdsa)[\\w@.-]*\\s+(?<key>AAAA[\\w+/=]+).*");

    /** @param key its fingerprint, as ssh-keygen writes it */
    private record Line(Set<String> names, String key) {
        boolean isOfOneOf(Set<String> others, Set<String> keys) {
            return keys.contains(key)
                    || names.stream().anyMatch(name -> others.stream().anyMatch(other -> isSame(name, other)));
        }
    }

    static AllowedSigners read(String text) {
        List<Line> lines = new ArrayList<>();
        Set<String> all = new TreeSet<>();
        for (String line : text.lines().toList()) {
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) continue;
            Set<String> names =
                    new HashSet<>(List.of(parts.group(1).replace("\"", "").split(",")));
            names.removeIf(name -> name.startsWith("!"));
            names.stream().filter(name -> !name.matches(".*[*?].*")).forEach(all::add);
            // what an authority signed has the names that stand in the certificate
            if (!parts.group("options").contains("cert-authority"))
                lines.add(new Line(names, fingerprint(parts.group("key"))));
        }
        return new AllowedSigners(lines, all);
    }

    /**
     * Everything that is this person's.
     *
     * @param names that a signature was found to be of
     * @param key with which it was made
     */
    SshSignature.Signer person(String name, Set<String> names, String key) {
        Set<String> allNames = new HashSet<>(names);
        Set<String> keys = new HashSet<>(Set.of(key));
        List<Line> others = new ArrayList<>(lines);
        for (boolean more = true; more; ) {
            more = false;
            for (Line line : List.copyOf(others))
                if (line.isOfOneOf(allNames, keys)) {
                    allNames.addAll(line.names);
                    keys.add(line.key);
                    more = others.remove(line);
                }
        }
        return new SshSignature.Signer(name, allNames, keys);
    }

    /** Whether two names, of which each may be a pattern, may be one person's. */
    static boolean isSame(String one, String other) {
        return Approvers.isSamePerson(one, other) || fits(one, other) || fits(other, one);
    }

    private static boolean fits(String pattern, String name) {
        String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE).matcher(name).matches();
    }

    private static String fingerprint(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(Base64.getMimeDecoder().decode(key));
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
