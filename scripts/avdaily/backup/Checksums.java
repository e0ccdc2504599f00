package avdaily.backup;

import avdaily.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The file beside a backup for {@code sha256sum -c}, with a line for the backup and one for its metadata. */
record Checksums(BackupFile file, List<Line> lines) {
    private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64}) [ *](.+)");
    private static final long MOST_BYTES = 1 << 20;
    private static final String COPY_IT = "copy it from where the backup came from.";

    private record Line(String sha256, String name) {
        boolean isOfMetadata() {
            return name.endsWith(".json");
        }

        @Override
        public String toString() {
            return sha256 + "  " + name + "\n";
        }
    }

    /** What is written beside the backup. */
    static String text(BackupFile file, String sha256, String sha256OfMetadata) {
        return new Line(sha256, file.toString()).toString() + new Line(sha256OfMetadata, file.metadataName());
    }

    /**
     * The checksums beside a backup; without a line if there is no such file.
     *
     * @throws avdaily.base.Failure (24) if the file is no list of checksums, or has none of the backup
     */
    static Checksums beside(BackupFile file) {
        String name = file.checksumName();
        try {
            if (!file.store().has(name)) return new Checksums(file, List.of());
            if (file.store().size(name) > MOST_BYTES)
                throw file.damaged(name + " is no list of checksums", COPY_IT, null);
            List<Line> lines = new ArrayList<>();
            for (String line : new String(file.read(name), StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList()) {
                Matcher parts = LINE.matcher(line);
                if (!parts.matches()) throw file.damaged(name + " is no list of checksums", COPY_IT, null);
                lines.add(new Line(parts.group(1).toLowerCase(Locale.ROOT), parts.group(2)));
            }
            if (lines.stream().allMatch(Line::isOfMetadata))
                throw file.damaged(name + " has no checksum of it", COPY_IT, null);
            return new Checksums(file, lines);
        } catch (NoSuchFileException e) {
            return new Checksums(file, List.of());
        } catch (IOException e) {
            throw file.unreadable(name, e);
        }
    }

    /** Whether both the backup and its metadata have one. */
    boolean coverBoth() {
        return lines.stream().map(Line::isOfMetadata).distinct().count() == 2;
    }

    /**
     * Reads the backup whole and compares it and its metadata with these checksums, and with the one in the metadata.
     *
     * @param progress is told how many bytes were read, step by step
     * @return whether there was anything to compare with
     * @throws avdaily.base.Failure (24) if they differ
     */
    boolean verify(Optional<BackupMetadata> metadata, LongConsumer progress) {
        if (metadata.isEmpty() && lines.isEmpty()) return false;
        String actual = sum(file.name(), progress);
        for (Line line : lines) {
            if (line.isOfMetadata()) verifyMetadata(line, metadata.isPresent());
            else if (!actual.equals(line.sha256)) throw altered();
        }
        if (metadata.isPresent() && !metadata.get().encoding().sha256().equals(actual)) throw altered();
        return true;
    }

    private String sum(String part, LongConsumer progress) {
        try (InputStream in = file.store().open(part)) {
            return Sha256.of(in, progress);
        } catch (IOException e) {
            throw file.unreadable(part, e);
        }
    }

    private void verifyMetadata(Line line, boolean isThere) {
        if (!isThere) throw file.damaged(file.metadataName() + " is missing", COPY_IT, null);
        if (!sum(file.metadataName(), n -> {}).equals(line.sha256)) throw file.damagedMetadata("it was altered", null);
    }

    private RuntimeException altered() {
        return file.damaged(
                "its content does not match its checksum", "take another backup; this one was altered.", null);
    }
}
