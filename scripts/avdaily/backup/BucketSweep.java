package avdaily.backup;

import avdaily.base.Out;
import avdaily.s3.Bucket;
import avdaily.s3.Multipart;
import avdaily.s3.S3Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Clears away what killed backups left in a bucket. What the server keeps is no reason to be without a new backup. */
record BucketSweep(BucketStore store, UploadMarks marks, Out out) {
    /** An upload of another machine that got nothing for so long is a killed run's. */
    private static final Duration ABANDONED = Duration.ofDays(1);
    /** One without a piece is sooner: a run sends its first one as soon as it has read that much. */
    private static final Duration EMPTY = Duration.ofHours(1);

    private interface Step {
        void run();
    }

    void run() throws IOException {
        List<UploadMarks.Mark> left = marks.abandoned();
        Optional<List<Multipart>> uploads = uploads();
        for (UploadMarks.Mark mark : left)
            if (uploads.isPresent() && isDone(() -> clear(mark.begun(), uploads.get()))) mark.close();
            else mark.leave();
        Set<String> known = left.stream().map(mark -> mark.begun().name()).collect(Collectors.toSet());
        for (Multipart upload : uploads.orElse(List.of())) {
            boolean isOurs = new BackupFile(null, upload.name()).nameTime().isPresent();
            if (isOurs && !known.contains(upload.name())) isDone(() -> clearIfAbandoned(upload));
        }
    }

    /** Those that were begun and not ended; nothing if the server does not list them. */
    Optional<List<Multipart>> uploads() {
        try {
            return Optional.of(store.bucket().unfinished());
        } catch (S3Failure e) {
            note(e);
            return Optional.empty();
        }
    }

    private boolean isDone(Step step) {
        try {
            step.run();
            return true;
        } catch (S3Failure e) {
            note(e);
            return false;
        }
    }

    private void note(S3Failure e) {
        out.noteOnce("What killed backups left in " + store + " stays: " + e.getMessage()
                + ". This backup goes on, and the next one tries again.");
    }

    private void clear(UploadMarks.Begun begun, List<Multipart> uploads) {
        Bucket bucket = store.bucket();
        for (Multipart upload : uploads) if (upload.name().equals(begun.name())) upload.abort();
        BackupFile file = new BackupFile(null, begun.name());
        if (BucketUpload.isOf(bucket, file.metadataName(), begun.run())) return;
        out.detail("Removing what a killed backup left: " + begun.name() + ".");
        BucketUpload.remove(bucket, file, begun.run());
    }

    private void clearIfAbandoned(Multipart upload) {
        Optional<Instant> piece = upload.lastPiece();
        Instant until = piece.map(arrived -> arrived.plus(ABANDONED)).orElse(upload.begun().plus(EMPTY));
        if (!until.isBefore(Instant.now())) return;
        out.detail("Removing what a backup left that does not go on: " + upload.name() + ".");
        upload.abort();
    }
}
