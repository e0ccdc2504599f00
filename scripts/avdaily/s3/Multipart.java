package avdaily.s3;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An object that is sent in pieces; it is there when it is completed, or never. */
public final class Multipart {
    private final S3Client client;
    private final S3Address address;
    private final String id;
    private final Instant begun;

    Multipart(S3Client client, S3Address address, String id, Instant begun) {
        this.client = client;
        this.address = address;
        this.id = id;
        this.begun = begun;
    }

    public String name() {
        return address.name();
    }

    public String id() {
        return id;
    }

    /**
     * Sends a piece; several may be sent at the same time.
     *
     * @param number from 1 on
     * @return its tag, for {@link #complete}
     */
    public String send(int number, byte[] piece) {
        Object sent = client.sendBytes(
                address,
                "uploadPart",
                piece,
                "key",
                address.prefix(),
                "uploadId",
                id,
                "partNumber",
                number,
                "contentMD5",
                Bucket.md5(piece));
        return AwsSdk.ask(sent, String.class, "eTag");
    }

    /**
     * Makes the object of its pieces.
     *
     * @param tags in the order of the pieces
     * @return false if there is one of the name, or no such upload any more; both may be the work of an earlier try
     */
    public boolean complete(List<String> tags) {
        List<Object> pieces = new ArrayList<>();
        for (String tag : tags) pieces.add(client.model("CompletedPart", "partNumber", pieces.size() + 1, "eTag", tag));
        try {
            client.send(
                    address,
                    "completeMultipartUpload",
                    "key",
                    address.prefix(),
                    "uploadId",
                    id,
                    "ifNoneMatch",
                    "*",
                    "multipartUpload",
                    client.model("CompletedMultipartUpload", "parts", pieces));
            return true;
        } catch (S3Failure e) {
            if (e.isConditionUnmet() || e.isNotFound()) return false;
            throw e;
        }
    }

    /** Throws away what was sent. */
    public void abort() {
        try {
            client.send(address, "abortMultipartUpload", "key", address.prefix(), "uploadId", id);
        } catch (S3Failure e) {
            if (!e.isNotFound()) throw e;
        }
    }

    public Instant begun() {
        return begun;
    }

    /** When the last piece arrived; nothing if none did. */
    public Optional<Instant> lastPiece() {
        Instant last = null;
        Integer marker = null;
        do {
            Object page = client.send(
                    address, "listParts", "key", address.prefix(), "uploadId", id, "partNumberMarker", marker);
            for (Object part : AwsSdk.ask(page, List.class, "parts")) {
                Instant told = AwsSdk.ask(part, Instant.class, "lastModified");
                Instant arrived = told == null ? begun : told;
                if (last == null || arrived.isAfter(last)) last = arrived;
            }
            boolean goesOn = Boolean.TRUE.equals(AwsSdk.ask(page, Boolean.class, "isTruncated"));
            marker = goesOn ? AwsSdk.ask(page, Integer.class, "nextPartNumberMarker") : null;
        } while (marker != null);
        return Optional.ofNullable(last);
    }
}
