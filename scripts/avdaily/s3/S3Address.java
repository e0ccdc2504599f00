package avdaily.s3;

import avdaily.base.Failure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bucket, or what lies in it below a prefix.
 *
 * @param prefix without a slash at its ends; empty for the whole bucket
 */
public record S3Address(String bucket, String prefix) {
    private static final String SCHEME = "s3://";
    private static final Pattern MEANT = Pattern.compile("(?i)s3:|(?!postgres)[a-z][a-z0-9+.-]+://");
    private static final Pattern FORM = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/+(.*?))?/*");

    /** Whether it is meant as one, or as an address that is no database's: its mistake makes no folder of it. */
    public static boolean isMeant(String text) {
        return MEANT.matcher(text).lookingAt();
    }

    /** @throws Failure (2) if it is none */
    public static S3Address parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches())
            throw Failure.usage(text + " names no bucket", "write it as in s3://my-backups or s3://my-backups/shop.");
        return new S3Address(parts.group(1), parts.group(2) == null ? "" : parts.group(2));
    }

    public S3Address parent() {
        return new S3Address(bucket, prefix.contains("/") ? prefix.substring(0, prefix.lastIndexOf('/')) : "");
    }

    /** What follows the last slash. */
    public String name() {
        return prefix.substring(prefix.lastIndexOf('/') + 1);
    }

    /** The key of an object below the prefix. */
    public String key(String name) {
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    @Override
    public String toString() {
        return SCHEME + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }
}
