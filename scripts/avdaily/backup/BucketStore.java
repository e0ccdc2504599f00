package avdaily.backup;

import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.s3.Bucket;
import avdaily.s3.S3Address;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A part of a bucket. The metadata beside a backup are written last: they are the mark that it is whole. Who may write
 * there is for the bucket's policy to say; a file beside a backup that is another account's than the backup shows.
 */
final class BucketStore implements BackupStore {
    private final S3Address address;
    private final Settings settings;
    private final Map<String, Optional<Bucket.Entry>> seen = new HashMap<>();
    private Bucket bucket;
    private boolean isListed;

    /** Nothing is asked of the server before something is asked of this. */
    BucketStore(S3Address address, Settings settings) {
        this.address = address;
        this.settings = settings;
    }

    synchronized Bucket bucket() {
        if (bucket == null) bucket = new Bucket(address, settings);
        return bucket;
    }

    @Override
    public BucketStore below(String folder) {
        return new BucketStore(new S3Address(address.bucket(), address.key(folder)), settings);
    }

    @Override
    public synchronized List<String> names() {
        seen.clear();
        for (Bucket.Entry entry : bucket().list()) seen.put(entry.name(), Optional.of(entry));
        isListed = true;
        return List.copyOf(seen.keySet());
    }

    private synchronized Optional<Bucket.Entry> find(String name) {
        if (isListed) return seen.getOrDefault(name, Optional.empty());
        return seen.computeIfAbsent(name, key -> bucket().find(key).map(Bucket.Details::entry));
    }

    private Bucket.Entry entry(String name) throws NoSuchFileException {
        return find(name).orElseThrow(() -> new NoSuchFileException(place(name)));
    }

    @Override
    public boolean has(String name) {
        return find(name).isPresent();
    }

    @Override
    public boolean leadsTo(String name) {
        return !name.isEmpty() && has(name);
    }

    @Override
    public long size(String name) throws IOException {
        return entry(name).size();
    }

    @Override
    public InputStream open(String name) throws IOException {
        return open(name, 0, size(name));
    }

    @Override
    public InputStream open(String name, long offset, long length) throws IOException {
        return bucket().open(entry(name), offset, length);
    }

    @Override
    public Object version(String name) throws IOException {
        return bucket().find(name)
                .map(Bucket.Details::entry)
                .map(entry -> List.of(entry.size(), entry.version()))
                .orElseThrow(() -> new NoSuchFileException(place(name)));
    }

    @Override
    public synchronized Optional<String> stranger(String name) {
        if (!isListed) names();
        String owner = owner(name);
        String ofBackup = owner(name.replaceFirst("\\.(json|sha256)$", ""));
        return owner == null || ofBackup == null || owner.equals(ofBackup)
                ? Optional.empty()
                : Optional.of("another account than the backup");
    }

    private String owner(String name) {
        return find(name).map(Bucket.Entry::owner).orElse(null);
    }

    @Override
    public Optional<String> lock(String name) {
        return bucket().find(name).flatMap(Bucket.Details::lock);
    }

    @Override
    public synchronized void delete(String name) {
        bucket().delete(name);
        seen.remove(name);
    }

    @Override
    public UnfinishedBackup create(BackupFile.Naming naming, Out out) throws IOException {
        return BucketUpload.create(this, new UploadMarks(address, settings), naming, out);
    }

    @Override
    public BucketStore absolute() {
        return this;
    }

    @Override
    public Optional<Path> disk() {
        return Optional.empty();
    }

    @Override
    public boolean isSame(BackupStore other) {
        return equals(other);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BucketStore store && address.equals(store.address);
    }

    @Override
    public int hashCode() {
        return address.hashCode();
    }

    @Override
    public String place(String name) {
        return address + "/" + name;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
