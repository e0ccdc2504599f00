import static org.junit.jupiter.api.Assertions.assertTrue;

import avdaily.base.Settings;
import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.Exclusion;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;

/** S3Proxy in this process, which checks signatures and keeps objects in memory. Its classes are its own. */
final class S3Server {
    static final String ID = "tests";
    static final String KEY = "key-for-tests-only";

    private static final String VERSION = "3.3.0";
    /** Of the other stores that it could keep objects in. */
    private static final List<Exclusion> NEEDLESS = Stream.of(
                    "com.azure:*",
                    "com.amazonaws:*",
                    "io.netty:*",
                    "io.projectreactor:*",
                    "io.projectreactor.netty:*",
                    "com.microsoft.azure:*",
                    "ch.qos.logback:*",
                    "net.java.dev.jna:*")
            .map(name -> name.split(":"))
            .map(name -> new Exclusion(name[0], name[1], "*", "*"))
            .toList();

    private static S3Server running;

    final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    private S3Server(int port) {
        this.port = port;
    }

    static synchronized S3Server running() throws Exception {
        if (running == null) running = start();
        return running;
    }

    private static S3Server start() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path properties = TestServer.temporary("s3").resolve("s3proxy.properties");
        ScriptTest.write(
                properties,
                """
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=transient-nio2
                jclouds.identity=x
                jclouds.credential=x
                """
                        .formatted(port, ID, KEY));
        URLClassLoader classes = new URLClassLoader(jars(), ClassLoader.getPlatformClassLoader());
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(classes);
        try {
            Method main = classes.loadClass("org.gaul.s3proxy.Main").getMethod("main", String[].class);
            main.invoke(null, (Object) new String[] {"--properties", properties.toString()});
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
        return new S3Server(port);
    }

    private static URL[] jars() throws Exception {
        ContextOverrides overrides = ContextOverrides.create()
                .withUserSettings(true)
                .withMavenUserHomeOverride(Settings.ofProcess().home().resolve(".m2"))
                .build();
        try (Context maven = Runtimes.INSTANCE.getRuntime().create(overrides)) {
            Dependency root = new Dependency(
                    new DefaultArtifact("org.gaul", "s3proxy", "jar", VERSION), "runtime", false, NEEDLESS);
            List<URL> jars = new ArrayList<>();
            for (ArtifactResult result : maven.repositorySystem()
                    .resolveDependencies(
                            maven.repositorySystemSession(),
                            new DependencyRequest(new CollectRequest(root, maven.remoteRepositories()), null))
                    .getArtifactResults())
                jars.add(result.getArtifact().getFile().toURI().toURL());
            return jars.toArray(URL[]::new);
        }
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** A new bucket. */
    void create(String bucket) throws Exception {
        send("PUT", "/" + bucket, "", new byte[0]);
    }

    void put(String bucket, String key, byte[] content) throws Exception {
        send("PUT", "/" + bucket + "/" + key, "", content);
    }

    /** With a metadata field. */
    void put(String bucket, String key, byte[] content, String field, String value) throws Exception {
        send("PUT", "/" + bucket + "/" + key, "", content, "x-amz-meta-" + field, value);
    }

    byte[] get(String bucket, String key) throws Exception {
        return send("GET", "/" + bucket + "/" + key, "", new byte[0]);
    }

    HttpHeaders head(String bucket, String key) throws Exception {
        return answer("HEAD", "/" + bucket + "/" + key, "", new byte[0]).headers();
    }

    void delete(String bucket, String key) throws Exception {
        send("DELETE", "/" + bucket + "/" + key, "", new byte[0]);
    }

    List<String> keys(String bucket) throws Exception {
        return found("<Key>([^<]*)</Key>", send("GET", "/" + bucket, "", new byte[0]));
    }

    List<String> unfinished(String bucket) throws Exception {
        return found("<Key>([^<]*)</Key>", send("GET", "/" + bucket, "?uploads", new byte[0]));
    }

    private static List<String> found(String pattern, byte[] answer) {
        return Pattern.compile(pattern)
                .matcher(new String(answer, StandardCharsets.UTF_8))
                .results()
                .map(match -> match.group(1))
                .sorted()
                .toList();
    }

    /** @param fields names and values of its head, in their order */
    private byte[] send(String method, String path, String query, byte[] content, String... fields) throws Exception {
        return answer(method, path, query, content, fields).body();
    }

    private HttpResponse<byte[]> answer(String method, String path, String query, byte[] content, String... fields)
            throws Exception {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
        StringBuilder signed = new StringBuilder("x-amz-content-sha256:UNSIGNED-PAYLOAD\n");
        for (int i = 0; i < fields.length; i += 2) signed.append(fields[i] + ":" + fields[i + 1] + "\n");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(endpoint() + path + query))
                .header("Date", date)
                .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
                .header("Authorization", "AWS " + ID + ":" + signature(method, date, signed + path + query))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(content));
        if (fields.length > 0) request.headers(fields);
        HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        assertTrue(
                answer.statusCode() < 300,
                () -> method + " " + path + ": " + answer.statusCode() + " "
                        + new String(answer.body(), StandardCharsets.UTF_8));
        return answer;
    }

    /** Of the second version, which is short. */
    private static String signature(String method, String date, String rest)
            throws GeneralSecurityException, IOException {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        String text = method + "\n\n\n" + date + "\n" + rest;
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }
}
