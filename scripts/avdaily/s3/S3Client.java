package avdaily.s3;

import avdaily.base.Failure;
import avdaily.base.Format;
import avdaily.base.Secrets;
import avdaily.base.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.xml.stream.XMLStreamException;

/**
 * A client of the SDK's, which finds endpoint, region and credentials in the run's variables and else as every program
 * with the SDK does: profiles, web identity, the machine's role.
 */
final class S3Client {
    private static final String SERVICE = "services.s3.";
    private static final String OF_ENDPOINT = "us-east-1";
    private static final int ATTEMPTS = 3;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);

    /** What each whole answer to an operation says. */
    private static final Map<String, List<String>> ALWAYS = Map.of(
            "createMultipartUpload", List.of("uploadId"),
            "headObject", List.of("contentLength", "eTag"),
            "listMultipartUploads", List.of("isTruncated"),
            "listObjectsV2", List.of("isTruncated"),
            "listParts", List.of("isTruncated"),
            "uploadPart", List.of("eTag"));

    /** The clients of this process, by what they were made of. */
    private static final Map<List<Optional<String>>, S3Client> CLIENTS = new ConcurrentHashMap<>();

    final AwsSdk sdk;
    private final Object client;

    private S3Client(AwsSdk sdk, Object client) {
        this.sdk = sdk;
        this.client = client;
    }

    /** @throws Failure (2) if a file that others may have put into the folder says where the bucket is */
    static S3Client of(Settings settings) {
        Optional<String> endpoint =
                value(settings, "AWS_ENDPOINT_URL_S3").or(() -> value(settings, "AWS_ENDPOINT_URL"));
        Optional<String> region = value(settings, "AWS_REGION").or(() -> value(settings, "AWS_DEFAULT_REGION"));
        Optional<String> id = value(settings, "AWS_ACCESS_KEY_ID");
        Optional<String> key = value(settings, "AWS_SECRET_ACCESS_KEY");
        Optional<String> token = value(settings, "AWS_SESSION_TOKEN");
        key.ifPresent(Secrets::add);
        token.ifPresent(Secrets::add);
        return CLIENTS.computeIfAbsent(List.of(endpoint, region, id, key, token), made -> {
            AwsSdk sdk = AwsSdk.fetched(settings);
            return new S3Client(sdk, client(sdk, endpoint, region, credentials(sdk, id, key, token)));
        });
    }

    private static Optional<String> value(Settings settings, String name) {
        if (settings.isFound(name) && !settings.isFound("BACKUP_DIR"))
            throw Failure.usage(
                    name + " stands in " + settings.value(name).orElseThrow().source()
                            + ", which does not say where the backups lie",
                    "set it in the process, or name the file with --env-file.");
        return settings.get(name);
    }

    private static Object credentials(AwsSdk sdk, Optional<String> id, Optional<String> key, Optional<String> token) {
        if (id.isEmpty() || key.isEmpty()) return null;
        Object credentials = token.isPresent()
                ? sdk.callStatic("auth.credentials.AwsSessionCredentials", "create", id.get(), key.get(), token.get())
                : sdk.callStatic("auth.credentials.AwsBasicCredentials", "create", id.get(), key.get());
        return sdk.callStatic("auth.credentials.StaticCredentialsProvider", "create", credentials);
    }

    /** Other endpoints than Amazon's have the bucket in the path: their host names seldom have certificates for it. */
    private static Object client(AwsSdk sdk, Optional<String> endpoint, Optional<String> region, Object credentials) {
        Object known = region.orElse(endpoint.isPresent() ? OF_ENDPOINT : null);
        Object zone = known == null ? null : sdk.callStatic("regions.Region", "of", known);
        URI address = endpoint.map(S3Client::address).orElse(null);
        Object client = client(sdk, address, zone, credentials, address != null);
        Object configuration = AwsSdk.call(client, sdk.type(SERVICE + "S3Client"), "serviceClientConfiguration");
        boolean isElsewhere =
                AwsSdk.ask(configuration, Optional.class, "endpointOverride").isPresent();
        return isElsewhere && address == null ? client(sdk, null, zone, credentials, true) : client;
    }

    private static URI address(String endpoint) {
        try {
            URI address = new URI(endpoint);
            if (endpoint.matches("https?://.*") && address.getHost() != null) return address;
        } catch (URISyntaxException e) {
            // said below
        }
        throw Failure.usage(
                "AWS_ENDPOINT_URL is " + endpoint, "write it as in https://s3.example.test or http://127.0.0.1:9000.");
    }

    private static Object client(AwsSdk sdk, URI endpoint, Object region, Object credentials, boolean isPathStyle) {
        try {
            return sdk.built(
                    SERVICE + "S3Client",
                    "httpClientBuilder",
                    sdk.builder(
                            "http.urlconnection.UrlConnectionHttpClient",
                            "connectionTimeout",
                            CONNECT,
                            "socketTimeout",
                            ANSWER),
                    "serviceConfiguration",
                    sdk.built(SERVICE + "S3Configuration", "expectContinueEnabled", false),
                    "requestChecksumCalculation",
                    sdk.constant("core.checksums.RequestChecksumCalculation", "WHEN_REQUIRED"),
                    "responseChecksumValidation",
                    sdk.constant("core.checksums.ResponseChecksumValidation", "WHEN_REQUIRED"),
                    "forcePathStyle",
                    isPathStyle,
                    "endpointOverride",
                    endpoint,
                    "region",
                    region,
                    "credentialsProvider",
                    credentials);
        } catch (RuntimeException e) {
            throw S3Failure.unanswered("object storage", e);
        }
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param where the address that it is about, for people
     * @param operation of S3's, as in "listObjectsV2"
     * @param properties of the request, names and values
     * @throws S3Failure if there is no answer, or a refusal
     */
    Object send(S3Address where, String operation, Object... properties) {
        Object request = request(where, operation, properties);
        return answered(
                where, operation, () -> AwsSdk.call(client, sdk.type(SERVICE + "S3Client"), operation, request));
    }

    /** The same with a body. */
    Object sendBytes(S3Address where, String operation, byte[] body, Object... properties) {
        Object request = request(where, operation, properties);
        Object stream = sdk.callStatic("http.ContentStreamProvider", "fromByteArrayUnsafe", body);
        Object content = sdk.callStatic(
                "core.sync.RequestBody", "fromContentProvider", stream, (long) body.length, "application/octet-stream");
        return answered(
                where,
                operation,
                () -> AwsSdk.call(client, sdk.type(SERVICE + "S3Client"), operation, request, content));
    }

    private Object request(S3Address where, String operation, Object... properties) {
        String type = Format.capital(operation) + "Request";
        List<Object> all = new ArrayList<>(List.of("bucket", where.bucket()));
        all.addAll(Arrays.asList(properties));
        return model(type, all.toArray());
    }

    /** An object of S3's model. */
    Object model(String type, Object... properties) {
        return sdk.built(SERVICE + "model." + type, properties);
    }

    private Object answered(S3Address where, String operation, Supplier<Object> request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return whole(operation, request.get());
            } catch (RuntimeException e) {
                if (isCut(e) && attempt < ATTEMPTS) continue;
                if (sdk.type("awscore.exception.AwsServiceException").isInstance(e)) throw refused(where, e);
                if (sdk.type("core.exception.SdkException").isInstance(e) || e instanceof UncheckedIOException)
                    throw S3Failure.unanswered(where.toString(), e);
                throw e;
            }
        }
    }

    /** To the SDK, an answer whose head breaks off is one that says less, and has no body. */
    private static Object whole(String operation, Object answer) {
        for (String field : ALWAYS.getOrDefault(operation, List.of())) {
            Object value = AwsSdk.ask(answer, Object.class, field);
            if (value == null || value instanceof String text && text.startsWith("\"") && !text.matches("\".*\""))
                throw new UncheckedIOException(new IOException("its answer breaks off"));
        }
        return answer;
    }

    /** The SDK asks again if a connection breaks, but not if it breaks in the middle of a head or a document. */
    private static boolean isCut(Throwable e) {
        if (e instanceof UncheckedIOException) return true;
        for (Throwable t = e; t != null; t = t.getCause()) if (t instanceof XMLStreamException) return true;
        return false;
    }

    private static S3Failure refused(S3Address where, RuntimeException e) {
        Object details = AwsSdk.ask(e, Object.class, "awsErrorDetails");
        String code = details == null ? null : AwsSdk.ask(details, String.class, "errorCode");
        return S3Failure.refused(where.toString(), AwsSdk.ask(e, Integer.class, "statusCode"), code, e);
    }
}
