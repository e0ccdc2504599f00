package avdaily.s3;

import avdaily.base.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What lies in a bucket below a prefix. Nothing in it is ever overwritten. Every method throws an {@link S3Failure} if
 * there is no answer, or a refusal.
 */
public final class Bucket {
    private final S3Address address;
    private final S3Client client;

    public Bucket(S3Address address, Settings settings) {
        this.address = address;
        this.client = S3Client.of(settings);
    }

    /**
     * An object.
     *
     * @param version what is another one if the object is exchanged
     * @param owner the account whose it is; null if nobody asked, or the server does not say
     */
    public record Entry(String name, long size, String version, String owner) {}

    /** All that the server tells of an object alone. */
    public record Details(Entry entry, Map<String, String> metadata, Optional<String> lock) {}

    /** The objects directly below the prefix. */
    public List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        String below = address.key("");
        String next = null;
        do {
            Object page = client.send(
                    address,
                    "listObjectsV2",
                    "prefix",
                    below,
                    "delimiter",
                    "/",
                    "fetchOwner",
                    true,
                    "continuationToken",
                    next);
            for (Object found : AwsSdk.ask(page, List.class, "contents")) entries.add(entry(below, found));
            next = AwsSdk.ask(page, String.class, "nextContinuationToken");
            if (next == null && Boolean.TRUE.equals(AwsSdk.ask(page, Boolean.class, "isTruncated")))
                throw S3Failure.cut(address.toString());
        } while (next != null);
        return entries;
    }

    private static Entry entry(String below, Object found) {
        Object owner = AwsSdk.ask(found, Object.class, "owner");
        return new Entry(
                AwsSdk.ask(found, String.class, "key").substring(below.length()),
                AwsSdk.ask(found, Long.class, "size"),
                AwsSdk.ask(found, String.class, "eTag"),
                owner == null ? null : AwsSdk.ask(owner, String.class, "id"));
    }

    /** One of them; nothing if it is not there. */
    public Optional<Details> find(String name) {
        try {
            Object found = client.send(at(name), "headObject", "key", address.key(name));
            Entry entry = new Entry(
                    name,
                    AwsSdk.ask(found, Long.class, "contentLength"),
                    AwsSdk.ask(found, String.class, "eTag"),
                    null);
            return Optional.of(new Details(entry, metadata(found), lock(found)));
        } catch (S3Failure e) {
            if (e.isNotFound()) return Optional.empty();
            throw e;
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> metadata(Object found) {
        return AwsSdk.ask(found, Map.class, "metadata");
    }

    /** What keeps it from being deleted now. */
    private static Optional<String> lock(Object found) {
        if ("ON".equals(AwsSdk.ask(found, String.class, "objectLockLegalHoldStatusAsString")))
            return Optional.of("by a legal hold");
        Instant until = AwsSdk.ask(found, Instant.class, "objectLockRetainUntilDate");
        return until == null || until.isBefore(Instant.now()) ? Optional.empty() : Optional.of("until " + until);
    }

    /** So many bytes of an object, as long as it is this one. What is cut on the way is taken up again. */
    public InputStream open(Entry entry, long offset, long length) {
        return new RangeStream((from, to) -> range(entry, from, to), offset, offset + length);
    }

    private InputStream range(Entry entry, long from, long to) throws IOException {
        InputStream answer = (InputStream) client.send(
                at(entry.name),
                "getObject",
                "key",
                address.key(entry.name),
                "range",
                "bytes=" + from + "-" + (to - 1),
                "ifMatch",
                entry.version);
        String range = AwsSdk.ask(AwsSdk.ask(answer, Object.class, "response"), String.class, "contentRange");
        if (range == null) answer.skipNBytes(from); // some servers and proxies send the whole object
        else if (!range.startsWith("bytes " + from + "-"))
            throw new IOException(at(entry.name) + " answers with '" + range + "', and was asked for " + from + " on");
        return answer;
    }

    /**
     * Puts a small object where none is.
     *
     * @return false if one is there
     */
    public boolean put(String name, byte[] content, Map<String, String> metadata) {
        try {
            client.sendBytes(
                    at(name),
                    "putObject",
                    content,
                    "key",
                    address.key(name),
                    "contentMD5",
                    md5(content),
                    "metadata",
                    metadata,
                    "ifNoneMatch",
                    "*");
            return true;
        } catch (S3Failure e) {
            if (e.isConditionUnmet()) return false;
            throw e;
        }
    }

    /** With versions, the object is hidden and can be had back; else it is gone. */
    public void delete(String name) {
        client.send(at(name), "deleteObject", "key", address.key(name));
    }

    /** Begins an object that is sent in pieces. */
    public Multipart begin(String name, Map<String, String> metadata) {
        Object begun = client.send(at(name), "createMultipartUpload", "key", address.key(name), "metadata", metadata);
        return multipart(name, AwsSdk.ask(begun, String.class, "uploadId"), Instant.now());
    }

    /** One that was begun before. */
    public Multipart multipart(String name, String id, Instant begun) {
        return new Multipart(client, at(name), id, begun);
    }

    /** Those that were begun directly below the prefix and not ended. */
    public List<Multipart> unfinished() {
        List<Multipart> uploads = new ArrayList<>();
        String below = address.key("");
        String key = null;
        String id = null;
        do {
            Object page = client.send(
                    address, "listMultipartUploads", "prefix", below, "keyMarker", key, "uploadIdMarker", id);
            for (Object found : AwsSdk.ask(page, List.class, "uploads")) {
                String name = AwsSdk.ask(found, String.class, "key").substring(below.length());
                if (name.contains("/")) continue;
                uploads.add(multipart(
                        name,
                        AwsSdk.ask(found, String.class, "uploadId"),
                        AwsSdk.ask(found, Instant.class, "initiated")));
            }
            boolean goesOn = Boolean.TRUE.equals(AwsSdk.ask(page, Boolean.class, "isTruncated"));
            key = goesOn ? AwsSdk.ask(page, String.class, "nextKeyMarker") : null;
            id = goesOn ? AwsSdk.ask(page, String.class, "nextUploadIdMarker") : null;
            if (goesOn && key == null) throw S3Failure.cut(address.toString());
        } while (key != null);
        return uploads;
    }

    private S3Address at(String name) {
        return new S3Address(address.bucket(), address.key(name));
    }

    /** In Base64, as the server compares it with what arrives. */
    static String md5(byte[] content) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
