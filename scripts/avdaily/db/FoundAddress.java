package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Secrets;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a file of variables that lay in the folder says of an address. Whoever put it there may name a server of his,
 * and gets no secret there that lies elsewhere; nor does he take from another's server what protects it.
 */
record FoundAddress(DatabaseUrl url, DatabaseUrl.Named named, AddressDefaults defaults) {
    private static final Set<String> UNSAFE_MODES = Set.of("disable", "allow", "prefer");
    private static final String NEXT = "if that file is yours, name it with --env-file; else set both in one place.";

    /**
     * A server on this machine is not looked at: developers have many.
     *
     * @param saysHost whether the address names the server
     * @param saysPassword whether the address has a password
     * @param own the parameters that the address has
     * @throws Failure (2) naming who says the one and the other
     */
    void refuse(boolean saysHost, boolean saysPassword, Set<String> own) {
        if (url.isHere()) return;
        String server = url.hosts().get(0) + ", which "
                + (saysHost ? named.source() : defaults.source("host").orElse("").replaceFirst(",$", "")) + ", names";
        if (!url.isFound()) {
            refuseWeakening(own);
            return;
        }
        boolean isPasswordFound = saysPassword ? named.isFound() : defaults.isFound("password");
        if (url.password() != null && !isPasswordFound)
            throw Failure.usage(
                    "the password of "
                            + (saysPassword ? named.source() : defaults.source("password").orElse(""))
                                    .replaceFirst(",$", "")
                            + ", would go to " + server,
                    NEXT);
        Set<String> borrowed = new TreeSet<>(named.borrowed());
        borrowed.addAll(defaults.borrowed());
        borrowed.removeIf(variable -> !Secrets.isName(variable));
        if (!borrowed.isEmpty())
            throw Failure.usage(
                    "the process's " + String.join(", ", borrowed) + " would go to " + server, NEXT);
    }

    private void refuseWeakening(Set<String> own) {
        boolean isWeaker = defaults.isFound("sslmode")
                && UNSAFE_MODES.contains(url.parameters().getOrDefault("sslmode", ""));
        for (String name : isWeaker ? Set.of("sslmode", "options") : Set.of("options"))
            if (defaults.isFound(name) && !own.contains(name))
                throw Failure.usage(
                        defaults.source(name).orElse("") + " would go to " + url.hosts().get(0)
                                + ", a server that this file does not name",
                        NEXT);
    }
}
