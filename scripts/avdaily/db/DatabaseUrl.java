package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Secrets;
import avdaily.base.Settings;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A database's address as libpq writes it, {@code postgresql://user:password@host:port,host:port/database?name=value},
 * and as pgjdbc wants it. What the address leaves out comes from libpq's variables, PGHOST and so on, and from the
 * service that is named.
 *
 * @param isFound whether a file in the folder, which nobody named, says where the server is
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING">libpq, connection
 *     strings</a>
 */
public record DatabaseUrl(
        List<Host> hosts,
        String database,
        String user,
        String password,
        Map<String, String> parameters,
        boolean isFound) {
    /** @param name of a machine, or the folder of a Unix socket */
    public record Host(String name, int port) {
        boolean isSocket() {
            return name.startsWith("/");
        }

        private String inUri() {
            return isSocket() ? encode(name) + ":" + port : toString();
        }

        private String inJdbcUrl() {
            return isSocket() ? Sockets.placeholder(name) + ":" + port : toString();
        }

        @Override
        public String toString() {
            return (name.contains(":") && !isSocket() ? "[" + name + "]" : name) + ":" + port;
        }
    }

    /** As the whole word of sslrootcert: the certificates that Java trusts, in the place of a file. */
    private static final String SYSTEM = "system";

    /** What must not stand where others look: neither in arguments nor in messages. */
    private static final Set<String> SECRET = Set.of("sslpassword");

    /** Any of these says where the database is, also without DATABASE_URL. */
    private static final List<String> PLACE =
            List.of("PGSERVICE", "PGHOSTADDR", "PGHOST", "PGPORT", "PGDATABASE", "PGUSER");

    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "::1");

    private static final String EXAMPLE = "write it as postgresql://user:password@host:5432/database?sslmode=require, "
            + "with special characters percent-encoded (@ is %40).";

    /**
     * What names a database; nothing means the local server.
     *
     * @param source what says so
     * @param isFound whether that is a file in the folder which nobody named
     * @param borrowed the process's variables that such a file refers to
     */
    public record Named(String text, String source, boolean isFound, Set<String> borrowed) {
        static Named byPerson(String text, String source) {
            return new Named(text, source, false, Set.of());
        }

        /** What the variable says. */
        public static Named of(String variable, Settings.Value value, Settings settings) {
            return new Named(
                    value.text(),
                    variable + ", set by " + value.source(),
                    settings.isFound(value),
                    settings.isFound(value) ? value.borrowed() : Set.of());
        }

        public DatabaseUrl parse(Settings settings) {
            return DatabaseUrl.parse(this, settings);
        }
    }

    /** An address that no file in the folder says. */
    public DatabaseUrl(
            List<Host> hosts, String database, String user, String password, Map<String, String> parameters) {
        this(hosts, database, user, password, parameters, false);
    }

    /**
     * What the command line, DATABASE_URL or libpq's variables name.
     *
     * @param option what the command line says, or null
     * @throws Failure (2) if DATABASE_URL is set and empty: that is a secret which is missing, and not the local server
     */
    public static Optional<Named> named(String option, Settings settings) {
        if (option != null) return Optional.of(Named.byPerson(option, "--url on the command line"));
        Optional<Settings.Value> url = settings.value("DATABASE_URL");
        if (url.isPresent()) {
            if (url.get().text().isBlank())
                throw Failure.usage(
                        "DATABASE_URL is empty, as set by " + url.get().source(),
                        "set it (a secret that is missing is empty too), or unset it to use the local server.");
            return Optional.of(Named.of("DATABASE_URL", url.get(), settings));
        }
        List<String> set = PLACE.stream()
                .filter(name -> settings.get(name).isPresent())
                .map(name -> name + ", set by " + settings.value(name).get().source())
                .toList();
        if (!set.isEmpty()) return Optional.of(Named.byPerson("postgresql://", String.join("; ", set)));
        for (String name : PLACE) settings.value(name).ifPresent(empty -> Settings.refuseEmpty(name, empty));
        return Optional.empty();
    }

    /** Whether a file that lay in the folder, and that nobody named, says where the database is; or nothing does. */
    static boolean isFound(String option, Settings settings) {
        List<String> names = settings.value("DATABASE_URL").isPresent() ? List.of("DATABASE_URL") : PLACE;
        return option == null
                && names.stream()
                        .filter(name -> settings.value(name).isPresent())
                        .allMatch(settings::isFound);
    }

    /** What decided which database it is, for people. */
    public static String explain(Optional<Named> named) {
        return named.map(Named::source)
                .orElse("the local server, as neither --url, DATABASE_URL nor a variable of libpq's names another");
    }

    /** @throws Failure (2) saying what is wrong, without showing the address: it may hold a password */
    public static DatabaseUrl parse(String text, Settings settings) {
        return parse(Named.byPerson(text, "the address"), settings);
    }

    private static DatabaseUrl parse(Named named, Settings settings) {
        Secrets.addFrom(named.text);
        String rest = named.text.strip().replaceFirst("^jdbc:", "");
        if (!rest.matches("(?s)postgres(ql)?://.*")) throw bad("it does not begin with postgresql:// or postgres://");
        rest = rest.substring(rest.indexOf("://") + 3);
        int mark = rest.indexOf('?');
        Map<String, String> query = query(mark < 0 ? "" : rest.substring(mark + 1));
        if (mark >= 0) rest = rest.substring(0, mark);
        OtherStacks.translate(query);
        AddressDefaults otherwise = AddressDefaults.of(query.remove("service"), settings);
        int slash = rest.indexOf('/');
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        String database = slash < 0 ? "" : decode(rest.substring(slash + 1));
        int at = authority.lastIndexOf('@');
        String[] login = at < 0 ? new String[] {""} : authority.substring(0, at).split(":", 2);
        if (login.length > 1) Secrets.add(authority.substring(0, at));
        String user = first(
                query.remove("user"), decode(login[0]), otherwise.take("user"), System.getProperty("user.name"));
        String ownPassword = first(query.remove("password"), login.length > 1 ? decode(login[1]) : "");
        String password = first(ownPassword, otherwise.take("password"));
        HostList.Written written = HostList.written(authority.substring(at + 1), query);
        String ownHost = written.hosts();
        String port = written.ports();
        List<Host> hosts = HostList.parse(
                first(ownHost, HostList.escaped(otherwise.take("host")), "localhost"),
                first(port, otherwise.take("port"), "5432"),
                port == null ? otherwise.source("port") : Optional.empty());
        database = first(query.remove("dbname"), database, otherwise.take("dbname"), user);
        Set<String> own = Set.copyOf(query.keySet());
        otherwise.addTo(query);
        query.keySet().removeAll(AddressParameters.IGNORED);
        query.forEach((name, value) -> AddressParameters.complaint(name, value).ifPresent(why -> {
            throw bad(own.contains(name) ? Optional.empty() : otherwise.source(name), why);
        }));
        Secrets.add(password);
        SECRET.forEach(name -> Secrets.add(query.get(name)));
        boolean isFound = ownHost == null ? otherwise.isFound("host") : named.isFound;
        DatabaseUrl url = new DatabaseUrl(hosts, database, user, password, query, isFound);
        url.properties(); // so that a bad parameter is said now
        new FoundAddress(url, named, otherwise).refuse(ownHost != null, ownPassword != null, own);
        return url;
    }

    /** The same server and role, another database. */
    public DatabaseUrl withDatabase(String name) {
        return new DatabaseUrl(hosts, name, user, password, parameters, isFound);
    }

    /** Whether the address names this machine, so that the server's files are files here. */
    public boolean isLocal() {
        return hosts.stream().anyMatch(DatabaseUrl::isHere);
    }

    private static boolean isHere(Host host) {
        return host.isSocket() || THIS_MACHINE.contains(host.name());
    }

    boolean hasSocket() {
        return hosts.stream().anyMatch(Host::isSocket);
    }

    /** Whether the address leaves it to the server, which is on another machine, if anything is encrypted. */
    boolean isOpenOnTheWire() {
        return !properties().containsKey("sslmode") && !isHere();
    }

    /** Whether all that it names is this machine. */
    public boolean isHere() {
        return hosts.stream().allMatch(DatabaseUrl::isHere);
    }

    List<String> hostNames() {
        return hosts.stream().map(Host::name).toList();
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://" + hosts.stream().map(Host::inJdbcUrl).collect(Collectors.joining(",")) + "/"
                + encode(database);
    }

    /** What goes with {@link #jdbcUrl}: login and parameters, so that no URL holds a secret. */
    public Properties properties() {
        Properties p = new Properties();
        p.setProperty("user", user);
        if (password != null) p.setProperty("password", password);
        p.setProperty("connectTimeout", "10"); // seconds
        p.setProperty("tcpKeepAlive", "true");
        parameters.forEach((name, value) -> {
            String jdbcName = AddressParameters.JDBC_NAMES.get(name);
            if (jdbcName != null) p.setProperty(jdbcName, AddressParameters.jdbcValue(name, value));
        });
        if (SYSTEM.equals(p.getProperty("sslrootcert"))) trustAsTheSystemDoes(p);
        else if (p.containsKey("sslrootcert")) p.replace("sslmode", "require", "verify-ca"); // as libpq, not the driver
        List<String> sockets =
                hosts.stream().filter(Host::isSocket).map(Host::name).toList();
        p.setProperty("socketFactory", Sockets.class.getName());
        p.setProperty("socketFactoryArg", Sockets.argument(sockets));
        if (sockets.size() == hosts.size()) p.setProperty("sslmode", "disable"); // libpq's modes are for networks only
        return p;
    }

    /** The host that the driver calls so. */
    Host called(String name, int port) {
        return hosts.stream()
                .filter(host ->
                        host.isSocket() && Sockets.placeholder(host.name()).equals(name))
                .findFirst()
                .orElseGet(() -> new Host(name, port));
    }

    private static void trustAsTheSystemDoes(Properties p) {
        if (!p.getProperty("sslmode", "verify-full").equals("verify-full"))
            throw bad("its sslrootcert=system asks for sslmode=verify-full, as everybody can have such a certificate");
        p.remove("sslrootcert");
        p.setProperty("sslmode", "verify-full");
        p.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    }

    /** The address for psql and for people, without its secrets. */
    public String withoutPassword() {
        return uri("", false);
    }

    /** The address with its secrets: only for people who ask for them. */
    public String withPassword() {
        return uri(password == null ? "" : ":" + encode(password), true);
    }

    /** The parameters that no argument may hold, by libpq's names. */
    public Map<String, String> secretParameters() {
        Map<String, String> secret = new LinkedHashMap<>(parameters);
        secret.keySet().retainAll(SECRET);
        return secret;
    }

    private String uri(String secret, boolean isShown) {
        String query = parameters.entrySet().stream()
                .filter(e -> isShown || !SECRET.contains(e.getKey()))
                .map(e -> e.getKey() + "=" + encode(e.getValue()).replace("%2F", "/"))
                .collect(Collectors.joining("&"));
        return "postgresql://" + encode(user) + secret + "@"
                + hosts.stream().map(Host::inUri).collect(Collectors.joining(",")) + "/" + encode(database)
                + (query.isEmpty() ? "" : "?" + query);
    }

    /** host:port/database, the way messages call it. */
    @Override
    public String toString() {
        return hosts.stream().map(Host::toString).collect(Collectors.joining(",")) + "/" + database;
    }

    private static Map<String, String> query(String text) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            if (pair.isEmpty()) continue;
            int equals = pair.indexOf('=');
            if (equals < 0) throw bad("a parameter has no value");
            query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        }
        return query;
    }

    /** Percent-decoding as libpq does it: a plus sign is a plus sign. */
    static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw bad("a % in it is not followed by two hexadecimal digits");
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String first(String... candidates) {
        for (String candidate : candidates) if (candidate != null && !candidate.isEmpty()) return candidate;
        return null;
    }

    /**
     * @param source who says it, if it is not the address
     * @param why of the part that is wrong, as in "port is no number"
     */
    static Failure bad(Optional<String> source, String why) {
        return source.map(said -> Failure.usage(said + " cannot be used: the " + why, "correct it there."))
                .orElseGet(() -> bad("its " + why));
    }

    static Failure bad(String why) {
        return Failure.usage("the database URL cannot be used: " + why, EXAMPLE);
    }
}
