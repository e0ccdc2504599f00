package avdaily.backup;

import avdaily.base.Failure;
import avdaily.base.Out;
import avdaily.base.Settings;
import avdaily.base.Sha256;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.s3.S3Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Where a run's backups lie, and which one is meant. */
public final class Backups {
    private static final String PLACE = "BACKUP_DIR";
    private static final String RECIPIENTS = "BACKUP_ENCRYPT_TO";

    /** What proves that a backup is whole: its size is the one in its metadata, or its content has their checksum. */
    public enum Proof {
        SIZE,
        CHECKSUM
    }

    /**
     * The newest whole backup of a database.
     *
     * @param damaged the damaged files that are newer, of whichever database
     */
    public record Newest(Optional<BackupFile> file, List<BackupFile> damaged) {}

    /** BACKUP_DIR, else the folder of the project's file, else {@code backups} in the working directory. */
    public static BackupStore store(Settings settings) {
        Optional<String> address = settings.get(PLACE).filter(S3Address::isMeant);
        if (address.isPresent()) return store(address.get(), settings);
        return new FolderStore(settings.path(PLACE)
                .or(() -> settings.project().backups())
                .orElseGet(() -> settings.path(Path.of("backups"))));
    }

    /**
     * Where the backups of this database go.
     *
     * @throws Failure (2) if a file in the folder names a bucket, and the database is named by somebody else: whoever
     *     put the file there would get all that is in it
     */
    public static BackupStore target(Database db) {
        Settings settings = db.settings();
        BackupStore place = store(settings);
        if (place instanceof BucketStore && !db.isFound() && settings.isFound(PLACE))
            throw Failure.usage(
                    PLACE + " stands in " + settings.value(PLACE).orElseThrow().source()
                            + ", which does not say which database this is, and names a bucket",
                    "set it where the database is named (export " + PLACE
                            + "=...), name the file with --env-file, or name the bucket with --to.");
        return ofOne(db, place);
    }

    /**
     * The place itself; below it, for one of many databases, a place of its own: files are named by their second, and
     * the newest of a place is looked for.
     */
    public static BackupStore ofOne(Database db, BackupStore place) {
        return db.nameAmongMany().map(name -> place.below(folder(name))).orElse(place);
    }

    /** A name for a folder that no other name gets. */
    private static String folder(String name) {
        if (name.matches("[A-Za-z0-9_][A-Za-z0-9_-]*")) return name;
        return name.replaceAll("[^A-Za-z0-9_-]", "_") + "." + Sha256.of(name).substring(0, 8);
    }

    /** The place that a user names. */
    public static BackupStore store(String place, Settings settings) {
        return S3Address.isMeant(place)
                ? new BucketStore(S3Address.parse(place), settings)
                : new FolderStore(settings.path(Path.of(place)));
    }

    /** Whether it names a bucket, and no folder of this machine. */
    public static boolean isAddress(String place) {
        return S3Address.isMeant(place);
    }

    /** The file that a user names. */
    public static BackupFile file(String place, Settings settings) {
        if (!S3Address.isMeant(place)) return FolderStore.file(settings.path(Path.of(place)));
        S3Address address = S3Address.parse(place);
        return new BackupFile(new BucketStore(address.parent(), settings), address.name());
    }

    /** @throws Failure (2) if there is no such file */
    public static BackupFile existing(String place, Settings settings) {
        BackupFile file = file(place, settings);
        return file.store().existing(file.name());
    }

    /**
     * The age recipients of every backup: BACKUP_ENCRYPT_TO, several with blanks or commas between them.
     *
     * @throws Failure (2) if a file in the folder names them, and the database is named by somebody else: whoever put
     *     the file there would be the only one who can open the backups; or if it is set and names nobody
     */
    public static List<String> recipients(Database db) {
        Settings settings = db.settings();
        if (!db.isFound() && settings.isFound(RECIPIENTS))
            throw Failure.usage(
                    RECIPIENTS + " stands in "
                            + settings.value(RECIPIENTS).get().source() + ", which does not say which database this is",
                    "set it where the database is named (export " + RECIPIENTS
                            + "=...), name the file with --env-file, or take it out of the file.");
        Optional<Settings.Value> named = settings.value(RECIPIENTS);
        List<String> keys = named.stream()
                .flatMap(value -> Stream.of(value.text().split("[,\\s]+")))
                .filter(key -> !key.isEmpty())
                .toList();
        if (named.isPresent() && keys.isEmpty())
            throw Failure.usage(
                    RECIPIENTS + " is empty, as set by " + named.get().source() + ": nothing would be encrypted",
                    "set it (a variable of CI that is missing is empty too), or unset it.");
        return keys;
    }

    /**
     * The file with age's secret keys that opens backups; null if there is none.
     *
     * @param named what the command line says, or null for BACKUP_IDENTITY
     */
    public static Path identity(Settings settings, Path named) {
        return named != null ? named : settings.path("BACKUP_IDENTITY").orElse(null);
    }

    /**
     * Looks for the newest whole backup of this database, made in the same environment.
     *
     * @throws Failure (2) if the folder cannot be read
     */
    public static Newest newestOf(Database db, Proof proof) {
        List<BackupFile> damaged = new ArrayList<>();
        for (BackupFile file : store(db.settings()).files()) {
            try {
                if (!isOf(db, file)) continue;
                if (proof == Proof.CHECKSUM) file.verifyChecksum(bytes -> {});
                return new Newest(Optional.of(file), damaged);
            } catch (Failure e) {
                if (e.kind != Failure.Kind.DAMAGED) throw e;
                db.out().detail(e.getMessage());
                damaged.add(file);
            }
        }
        return new Newest(Optional.empty(), damaged);
    }

    /**
     * Which backups are meant.
     *
     * @param database its name; nothing for any
     * @param environment nothing for any
     */
    public record Wanted(Optional<String> database, Optional<Environment> environment) {
        private boolean isMet(BackupMetadata.Origin origin) {
            return database.filter(name -> !name.equals(origin.database())).isEmpty()
                    && environment
                            .filter(some -> !some.toString().equals(origin.environment()))
                            .isEmpty();
        }

        @Override
        public String toString() {
            String all = database.map(name -> " of " + name).orElse("");
            return all + environment.map(some -> " (" + some + ")").orElse("");
        }
    }

    /**
     * The newest backup that is meant. It may be damaged; one that cannot be told whose it is, that another user of the
     * machine owns, or that is from the future, is passed over.
     *
     * @throws Failure (2) if there is none, or if backups of several databases are meant
     */
    public static BackupFile newest(BackupStore place, Wanted wanted, Out out) {
        Map<String, BackupFile> newest = new LinkedHashMap<>();
        Set<String> others = new TreeSet<>();
        List<String> passedOver = new ArrayList<>();
        for (BackupFile file : place.files()) {
            Optional<String> distrust = distrust(file);
            if (distrust.isPresent()) {
                passedOver.add(file + " " + distrust.get());
                continue;
            }
            BackupMetadata.Origin origin = file.readMetadata().origin();
            String name = origin.database() + " (" + origin.environment() + ")";
            if (wanted.isMet(origin)) newest.putIfAbsent(name, file);
            else others.add(name);
        }
        String where = place.absolute().toString();
        if (newest.size() > 1)
            throw Failure.usage(
                    "there are backups of several databases in " + where + ": " + String.join(", ", newest.keySet()),
                    "name a file, or the database with DATABASE_URL and --env.");
        if (newest.isEmpty())
            throw Failure.usage(
                    "there is no backup" + wanted + " in " + where
                            + (others.isEmpty() ? "" : ", but of " + String.join(", ", others))
                            + (passedOver.isEmpty() ? "" : "; passed over: " + String.join(", ", passedOver)),
                    "name a file, or the folder with --dir or BACKUP_DIR.");
        passedOver.forEach(what -> out.note("Passed over: " + what + "."));
        return newest.values().iterator().next();
    }

    private static Optional<String> distrust(BackupFile file) {
        Optional<String> distrust = file.distrust();
        if (distrust.isPresent()) return distrust;
        if (!file.hasMetadata()) return Optional.of("has no metadata that say of which database it is");
        try {
            BackupMetadata.Origin origin = file.readMetadata().origin();
            if (origin.database() == null || origin.environment() == null)
                return Optional.of("does not say of which database it is");
            if (origin.copy() != null) return Optional.of(BackupFile.COPY);
            return file.isNamedAfter(origin.time())
                    ? Optional.empty()
                    : Optional.of("is of " + origin.createdAt() + ", which its name denies");
        } catch (Failure e) {
            if (e.kind != Failure.Kind.DAMAGED) throw e;
            return Optional.of("is damaged");
        }
    }

    private static boolean isOf(Database db, BackupFile file) {
        if (file.distrust().isPresent()) return false;
        return file.metadata().filter(metadata -> metadata.isOf(db)).isPresent();
    }

    private Backups() {}
}
