package avdaily.db;

import avdaily.base.Failure;
import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.base.Reason;
import avdaily.base.Settings;
import avdaily.sql.Sql;
import avdaily.sql.SqlState;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.postgresql.util.GT;

/**
 * Opens a connection with what libpq would take: the password file, if nobody else can read it, and encryption, if the
 * server has it. Who is told that a session is not encrypted is told before the password leaves.
 */
public final class Login {
    /** The driver has no codes for these two, and says them in the user's language. */
    private static final String NO_TLS = "The server does not support SSL.";

    private static final String NO_PASSWORD =
            "The server requested SCRAM-based authentication, but no password was provided.";

    private static final String NO_PASSWORD_OF =
            "The server requested password-based authentication, but no password was provided by plugin {0}";

    private static final String NOT_ALLOWED = "Authentication method is not allowed by requireAuth";
    private static final String PEER = "with peer authentication run the command as the role's user of the system "
            + "(sudo -u USER), name the role that is called like you, have a line of pg_ident.conf map you to it, "
            + "or name localhost as the host";
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    static {
        // the driver looks for none by itself: its place is one for the whole process
        System.setProperty("org.postgresql.pgpassfile", Redirect.DISCARD.file().getPath());
    }

    /** Loads the driver and the cipher of passwords, so that another thread that logs in later finds them loaded. */
    public static void preload() {
        DriverManager.drivers().count();
        try { // as often as servers want it by default: the loop is compiled then
            SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(new char[] {'x'}, new byte[16], 4096, 256));
        } catch (GeneralSecurityException e) {
            // the login needs another one, or fails and says so
        }
    }

    static Connection open(DatabaseUrl url, Invocation invocation) throws SQLException {
        Properties properties = url.properties();
        properties.setProperty("ApplicationName", invocation.program());
        if (url.password() == null)
            passwordFile(url, invocation)
                    .flatMap(file -> file.password(url))
                    .ifPresent(password -> properties.setProperty("password", password));
        trustCertificatesOfHome(properties, invocation.settings().home());
        if (!url.isOpenOnTheWire()) return DriverManager.getConnection(url.jdbcUrl(), properties);
        properties.setProperty("sslmode", "require");
        try {
            return DriverManager.getConnection(url.jdbcUrl(), properties);
        } catch (SQLException e) {
            if (!GT.tr(NO_TLS).equals(e.getMessage())) throw e;
        }
        return unencrypted(url, properties, invocation.out());
    }

    /** As for libpq: the driver does not know HOME, and looks at no certificate if the mode is {@code require}. */
    private static void trustCertificatesOfHome(Properties properties, Path home) {
        if (File.separatorChar == '\\' || properties.containsKey("sslrootcert") || properties.containsKey("sslfactory"))
            return;
        Path root = home.resolve(".postgresql/root.crt");
        String mode = properties.getProperty("sslmode", "");
        if (!mode.startsWith("verify") && !(mode.equals("require") && Files.exists(root))) return;
        properties.replace("sslmode", "require", "verify-ca");
        properties.setProperty("sslrootcert", root.toString());
    }

    /** A server that offers no TLS may be another one: it gets proofs that the password is known, not the password. */
    private static Connection unencrypted(DatabaseUrl url, Properties properties, Out out) throws SQLException {
        out.noteOnce("Not encrypted: the server at " + url + " offers no TLS, so statements and rows go through the "
                + "network in clear. Put sslmode=require in the address, or sslmode=disable if you trust the network.");
        properties.setProperty("sslmode", "disable");
        boolean isOurs = properties.putIfAbsent("requireAuth", "!password") == null;
        try {
            return DriverManager.getConnection(url.jdbcUrl(), properties);
        } catch (SQLException e) {
            if (!isOurs || !GT.tr(NOT_ALLOWED).equals(e.getMessage())) throw e;
            throw Failure.unreachable(
                    "the server at " + url + " offers no TLS and asks for the password in clear; it was not sent",
                    "see that this is your server; then have it use scram-sha-256 or TLS, or put sslmode=disable in "
                            + "the address if you trust the network.",
                    e);
        }
    }

    /**
     * Why there is no session, for people.
     *
     * @param source who says the address
     */
    static Failure refusal(DatabaseUrl url, String source, SQLException e) {
        if (SqlState.isRejectedLogin(e))
            return Failure.unreachable(
                    "the server at " + url + " does not let " + url.user() + " in: " + Failures.message(e),
                    "check user and password in the address (" + source
                            + "; special characters percent-encoded), PGPASSWORD or PGPASSFILE"
                            + (url.hasSocket() ? "; " + PEER : "") + ".",
                    e);
        if (isWithoutPassword(url, e))
            return Failure.unreachable(
                    "the server at " + url + " asks for the password of " + url.user() + ", and none is set",
                    "set it in the address (" + source + "), PGPASSWORD, PGPASSWORD_FILE or ~/.pgpass.",
                    e);
        if (SqlState.of(e).equals(SqlState.INVALID_CATALOG_NAME))
            return Failure.unreachable(
                    "the server at " + url.hosts().get(0) + " has no database '" + url.database() + "'",
                    "create it (CREATE DATABASE " + Sql.quoted(url.database())
                            + ") or correct the name in the address (" + source + ").",
                    e);
        if (SqlState.isConnectionLost(e)
                || SqlState.isOutOfResources(e)
                || e.getCause() instanceof SocketTimeoutException)
            return Failure.unreachable(
                    "cannot reach the database " + url + ": " + reason(url, e),
                    "start the server or correct host, port and sslmode; "
                            + "'avdaily-db url --explain' says what names them.",
                    e);
        return Failure.unreachable(
                "cannot connect to " + url + ": " + Failures.message(e), "correct the address (" + source + ").", e);
    }

    /** The driver refuses by itself to go on with a server that it has reached; it has many reasons to. */
    private static boolean isWithoutPassword(DatabaseUrl url, SQLException e) {
        String[] named = GT.tr(NO_PASSWORD_OF, "\0").split("\0", 2);
        String message = String.valueOf(e.getMessage());
        return url.password() == null
                && SqlState.isConnectionRejected(e)
                && (message.equals(GT.tr(NO_PASSWORD)) || message.startsWith(named[0]) && message.endsWith(named[1]));
    }

    /** Of a socket the driver does not say what is wrong. */
    private static String reason(DatabaseUrl url, SQLException e) {
        return url.hasSocket() && e.getCause() instanceof SocketException cause
                ? cause.getMessage()
                : Failures.message(e);
    }

    private static Optional<PasswordFile> passwordFile(DatabaseUrl url, Invocation invocation) {
        Settings settings = invocation.settings();
        return Optional.ofNullable(url.parameters().get("passfile"))
                .or(() -> settings.get("PGPASSFILE"))
                .map(Path::of)
                .map(settings::path)
                .or(() -> Optional.of(settings.home().resolve(".pgpass")))
                .filter(Files::isRegularFile)
                .filter(file -> isPrivate(file, invocation.out()))
                .flatMap(file -> read(file, invocation.out()))
                .filter(file -> !isForAnybody(file, url, invocation.out()));
    }

    private static Optional<PasswordFile> read(Path file, Out out) {
        try {
            return Optional.of(PasswordFile.read(file));
        } catch (IOException e) {
            out.noteOnce("Ignored: the password file " + file + " cannot be read: " + Reason.of(e));
            return Optional.empty();
        }
    }

    /** Whether the file's line is for all servers, and a file in the folder, which nobody named, says which it is. */
    private static boolean isForAnybody(PasswordFile file, DatabaseUrl url, Out out) {
        boolean isForAnybody = url.isFound() && !url.isHere() && file.isForAnyHost(url);
        if (isForAnybody)
            out.noteOnce("Ignored: the line for any server in " + file.path()
                    + ", as a file of variables in the folder names " + url.hosts().get(0)
                    + "; name that file with --env-file, or the server in the line.");
        return isForAnybody;
    }

    /** As libpq sees it; a file system without such modes has nothing to say. */
    private static boolean isPrivate(Path file, Out out) {
        try {
            if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) return true;
            if (Collections.disjoint(Files.getPosixFilePermissions(file), OF_OTHERS)) return true;
            out.noteOnce("Ignored: the password file " + file + " is open to others; chmod 600 makes it count.");
        } catch (IOException e) {
            out.noteOnce("Ignored: the password file " + file + " cannot be looked at.");
        }
        return false;
    }

    private Login() {}
}
