package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.s3.Bucket;
import avdaily.s3.Multipart;
import avdaily.s3.S3Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * A backup on its way into a bucket: a multipart upload, which is sent while the database is read. It becomes an object
 * when all of it has arrived. Then come its checksums, and last its metadata. Each object carries the run that wrote
 * it, so that a run whose answer got lost knows its own, and removes no other.
 */
final class BucketUpload implements UnfinishedBackup {
    /** Under this name an object carries its run. */
    private static final String RUN = "avdaily-run";

    private final BucketStore store;
    private final Bucket bucket;
    private final BackupFile file;
    private final UploadMarks.Mark mark;
    private final Multipart upload;
    private final PieceSender sender;
    private boolean isPublished;
    private boolean isLeft;

    private BucketUpload(BucketStore store, UploadMarks.Mark mark, Multipart upload) {
        this.store = store;
        this.bucket = store.bucket();
        this.file = new BackupFile(store, mark.begun().name());
        this.mark = mark;
        this.upload = upload;
        this.sender = new PieceSender(upload);
    }

    /** Clears away what killed runs left, and takes the first free name from now on. */
    static BucketUpload create(BucketStore store, UploadMarks marks, BackupFile.Naming naming, Out out)
            throws IOException {
        Set<String> taken = Set.copyOf(store.names());
        BucketSweep sweep = new BucketSweep(store, marks, out);
        sweep.run();
        for (Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS); ; time = later(time)) {
            String name = naming.at(time);
            if (taken.contains(name)) continue;
            UploadMarks.Mark mark = marks.begin(name, out::detail);
            Multipart upload = null;
            try {
                upload = store.bucket().begin(name, Map.of(RUN, mark.begun().run()));
                if (isAlone(sweep, upload)) return new BucketUpload(store, mark, upload);
                upload.abort();
            } catch (Failure e) {
                mark.leave();
                throw e;
            }
            mark.close();
        }
    }

    /** Two runs that began in the same second must not meet again. */
    private static Instant later(Instant time) {
        return time.plusSeconds(1 + ThreadLocalRandom.current().nextInt(3));
    }

    /** If the server does not tell, the run that ends later finds the name taken. */
    private static boolean isAlone(BucketSweep sweep, Multipart upload) {
        return sweep.uploads().orElse(List.of()).stream()
                .noneMatch(other ->
                        other.name().equals(upload.name()) && !other.id().equals(upload.id()));
    }

    /** Asks twice before it denies it: an answer that breaks off behind the tag has lost the run, and looks whole. */
    static boolean isOf(Bucket bucket, String name, String run) {
        return carries(bucket, name, run) || carries(bucket, name, run);
    }

    private static boolean carries(Bucket bucket, String name, String run) {
        return bucket.find(name)
                .filter(found -> run.equals(found.metadata().get(RUN)))
                .isPresent();
    }

    /** Removes what of the backup this run has written. */
    static void remove(Bucket bucket, BackupFile file, String run) {
        for (String name : List.of(file.metadataName(), file.checksumName(), file.name()))
            if (isOf(bucket, name, run)) bucket.delete(name);
    }

    // -- the steps

    @Override
    public BackupFile file() {
        return file;
    }

    @Override
    public void expect(long least, long most) {
        sender.expect(most);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        sender.write(bytes);
    }

    @Override
    public void seal() throws IOException {
        sender.finish();
    }

    @Override
    public void publish(String metadata, String checksums) throws IOException {
        List<String> tags = sender.tags();
        writeOnce(file.name(), () -> upload.complete(tags));
        long arrived =
                bucket.find(file.name()).map(found -> found.entry().size()).orElse(-1L);
        if (arrived != sender.bytes())
            throw new Failure(
                    Failure.Kind.ERROR,
                    file.place() + " has " + arrived + " bytes in the bucket, and " + sender.bytes() + " were sent",
                    "run it again; nothing of this backup stays.",
                    null);
        put(file.checksumName(), checksums);
        put(file.metadataName(), metadata);
        isPublished = true;
        store.names();
    }

    private void put(String name, String text) {
        Map<String, String> run = Map.of(RUN, mark.begun().run());
        writeOnce(name, () -> bucket.put(name, text.getBytes(StandardCharsets.UTF_8), run));
    }

    /** What fails, or finds the name taken, may come behind a try that wrote the object, and whose answer got lost. */
    private void writeOnce(String name, BooleanSupplier step) {
        String run = mark.begun().run();
        try {
            if (!step.getAsBoolean() && !isOf(bucket, name, run)) throw taken(name);
        } catch (S3Failure e) {
            if (!isKnownAs(name, run, e)) throw e;
        }
    }

    private boolean isKnownAs(String name, String run, S3Failure failure) {
        try {
            return isOf(bucket, name, run);
        } catch (S3Failure e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    private Failure taken(String name) {
        return Failure.locked(
                store.place(name) + " was written by another run meanwhile, or the upload was taken away",
                "run it again; nothing of this backup stays, and nothing was overwritten.");
    }

    @Override
    public void discard() throws IOException {
        if (isPublished) return;
        isLeft = true;
        try {
            sender.stop();
            upload.abort();
            if (sender.isFinished()
                    && !isOf(bucket, file.metadataName(), mark.begun().run()))
                remove(bucket, file, mark.begun().run());
            isLeft = false;
        } catch (Failure e) {
            throw new IOException(e.getMessage() + "; the next backup from this machine removes it", e);
        }
    }

    @Override
    public void release() throws IOException {
        if (isLeft) mark.leave();
        else mark.close();
    }

    @Override
    public String toString() {
        return file.place();
    }
}
