package avdaily.db;

import avdaily.db.DatabaseUrl.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The hosts of an address, as libpq writes them: names, IPv6 in brackets, and folders of Unix sockets. */
final class HostList {
    private static final Pattern WITH_PORT = Pattern.compile("(\\[[^]]*]|[^:]*):([^:]*)");

    /** @param ports null if they stand with the hosts */
    record Written(String hosts, String ports) {}

    /** As in libpq, a parameter replaces what stands before the database, hosts and ports each by themselves. */
    static Written written(String authority, Map<String, String> query) {
        String host = query.remove("host");
        String port = query.remove("port");
        if (host == null && port == null) return new Written(authority.isEmpty() ? null : authority, null);
        List<String> hosts = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        for (String part : authority.split(",", -1)) {
            Matcher matcher = WITH_PORT.matcher(part);
            hosts.add(matcher.matches() ? matcher.group(1) : part);
            ports.add(matcher.matches() ? matcher.group(2) : "");
        }
        String names = host == null ? String.join(",", hosts) : escaped(host);
        boolean hasPorts = port == null && ports.stream().anyMatch(each -> !each.isEmpty());
        return new Written(names.isEmpty() ? null : names, hasPorts ? String.join(",", ports) : port);
    }

    /**
     * @param names with their ports, separated by commas, with what is special percent-encoded
     * @param ports of the hosts that come without one
     * @param source who says these ports, if it is not the address
     */
    static List<Host> parse(String names, String ports, Optional<String> source) {
        String[] portList = ports.split(",", -1);
        String[] parts = names.split(",", -1);
        if (portList.length > 1 && portList.length != parts.length)
            throw DatabaseUrl.bad(source, "ports are " + portList.length + ", and its hosts " + parts.length);
        List<Host> hosts = new ArrayList<>();
        for (String part : parts) {
            String port = portList[Math.min(hosts.size(), portList.length - 1)];
            Supplier<Integer> otherwise = () -> port(port, source);
            hosts.add(
                    part.matches("(?i)(/|%2F).*")
                            ? socket(part, otherwise)
                            : machine(DatabaseUrl.decode(part), otherwise));
        }
        return hosts;
    }

    private static Host socket(String part, Supplier<Integer> defaultPort) {
        int colon = part.indexOf(':');
        String folder = DatabaseUrl.decode(colon < 0 ? part : part.substring(0, colon));
        return new Host(folder, colon < 0 ? defaultPort.get() : port(part.substring(colon + 1), Optional.empty()));
    }

    private static Host machine(String name, Supplier<Integer> defaultPort) {
        String host = name;
        String port = null;
        int bracket = host.lastIndexOf(']');
        int colon = host.indexOf(':', Math.max(bracket, 0));
        if (bracket < 0 && colon >= 0 && host.indexOf(':', colon + 1) >= 0) colon = -1; // a bare IPv6 address
        if (colon >= 0) {
            port = host.substring(colon + 1);
            host = host.substring(0, colon);
        }
        if (host.startsWith("@"))
            throw DatabaseUrl.bad("it names an abstract socket (" + host + "), which Java does not know");
        if (host.contains("[") || bracket >= 0) {
            if (!host.matches("\\[[0-9A-Fa-f:.]+]"))
                throw DatabaseUrl.bad("its IPv6 host is not closed in brackets, as in [::1]");
            host = host.substring(1, host.length() - 1);
        } else if (host.contains("@") || host.contains(":") && !host.matches("[0-9A-Fa-f:.]+(%.*)?")) {
            throw DatabaseUrl.bad("its host is none (a / or ? in user or password has to be percent-encoded)");
        }
        return new Host(
                host.isEmpty() ? "localhost" : host, port == null ? defaultPort.get() : port(port, Optional.empty()));
    }

    private static int port(String text, Optional<String> source) {
        if (text.isEmpty()) return 5432;
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 65535)
            throw DatabaseUrl.bad(
                    source,
                    "port is no number from 1 to 65535"
                            + (source.isPresent() ? "" : " (a / or ? in the password has to be percent-encoded)"));
        return Integer.parseInt(text);
    }

    /** Hosts of a parameter as they stand within an address: there a colon begins the port. */
    static String escaped(String hosts) {
        if (hosts == null) return null;
        return Stream.of(hosts.split(",", -1))
                .map(host -> host.startsWith("/") ? DatabaseUrl.encode(host) : host.replace("%", "%25"))
                .collect(Collectors.joining(","));
    }

    private HostList() {}
}
