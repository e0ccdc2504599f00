package avdaily.s3;

import avdaily.base.Failure;
import avdaily.base.Reason;

/** A request that the object storage did not answer, or answered by a refusal. */
public final class S3Failure extends Failure {
    private static final long serialVersionUID = 1;
    private static final int NO_ANSWER = 0;

    /** The HTTP status of the answer. */
    final int status;

    private S3Failure(Kind kind, int status, String what, String next, Throwable cause) {
        super(kind, what, next, cause);
        this.status = status;
    }

    static S3Failure unanswered(String where, Throwable cause) {
        return new S3Failure(
                Kind.UNREACHABLE,
                NO_ANSWER,
                where + " cannot be reached: " + Reason.of(cause),
                "see that the network, AWS_ENDPOINT_URL_S3, AWS_REGION and the credentials are those of the bucket, "
                        + "then run it again.",
                cause);
    }

    /** Of a list that goes on, and does not say where. */
    static S3Failure cut(String where) {
        return new S3Failure(
                Kind.ERROR,
                NO_ANSWER,
                where + " lists a part of what is in it, and does not say where the rest begins",
                "use a prefix with fewer objects, or another server.",
                null);
    }

    static S3Failure refused(String where, int status, String code, Throwable cause) {
        String what = where + " answers " + status + (code == null ? "" : " (" + code + ")");
        if ("NoSuchBucket".equals(code))
            return new S3Failure(
                    Kind.USAGE, status, what + ": there is no such bucket", "create it, or correct its name.", cause);
        if ("RequestTimeTooSkewed".equals(code))
            return new S3Failure(
                    Kind.ERROR,
                    status,
                    what + ": this machine's clock and the server's differ by many minutes",
                    "set the clock of this machine (date -u), then run it again.",
                    cause);
        if (status == 429 || status == 503)
            return new S3Failure(
                    Kind.ERROR,
                    status,
                    what + ": it has too much to do now",
                    "run it again later, with fewer --jobs or runs at the same time.",
                    cause);
        if (status == 401 || status == 403)
            return new S3Failure(
                    Kind.ERROR,
                    status,
                    what + ": the credentials may not do that, or are wrong",
                    "see which ones are used (AWS_PROFILE, AWS_ACCESS_KEY_ID), and what the bucket's policy allows "
                            + "them.",
                    cause);
        return new S3Failure(Kind.ERROR, status, what, "see what the server says of it, then run it again.", cause);
    }

    /** Whether the server knows the request and refuses it to these credentials. */
    public boolean isDenied() {
        return status == 403;
    }

    /** Whether there is no such object, upload or bucket. */
    boolean isNotFound() {
        return status == 404;
    }

    /** Whether the condition of the request does not hold: the object is there, or is another one. */
    boolean isConditionUnmet() {
        return status == 412 || status == 409;
    }
}
