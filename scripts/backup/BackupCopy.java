import avdaily.backup.Extract;
import avdaily.backup.Masking;
import avdaily.base.Invocation;
import avdaily.base.Out;
import avdaily.db.Database;
import avdaily.seed.CopyMasks;
import avdaily.seed.MaskKey;
import avdaily.seed.Masks;
import avdaily.seed.SeedFiles;
import avdaily.seed.TableCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What makes a backup a copy for developers. */
class BackupCopy {
    /** How many columns a message names. */
    private static final int MOST_NAMED = 20;

    @Option(
            names = "--masked",
            description = "A copy for developers: masks in the place of personal values, as 'avdaily-seed export' has "
                    + "them, and of secrets. It is no backup.")
    boolean masked;

    @Option(
            names = "--subset",
            paramLabel = "ROWS",
            description = "A copy of some rows, as in \"users where id < 100\", with what belongs to them by foreign "
                    + "keys; may be given more than once. It is no backup.")
    List<String> subset = new ArrayList<>();

    @Option(
            names = "--seeds",
            paramLabel = "DIR",
            description = "With --masked: folder whose seeds.yaml names personal columns (default: AVDAILY_SEEDS, "
                    + "else the project's).")
    Path seeds;

    private CopyMasks masks;

    boolean isAsked() {
        return masked || !subset.isEmpty();
    }

    Extract extract(Database db, Invocation invocation) throws SQLException, IOException {
        if (masked) masks = masks(db, invocation);
        return new Extract(masked ? masks : Masking.NONE, subset);
    }

    /** Names what a look at the file should see to. */
    void tell(Out out) {
        if (masks == null || masks.open().isEmpty()) return;
        List<String> open = List.copyOf(masks.open());
        String rest = open.size() > MOST_NAMED ? " and " + (open.size() - MOST_NAMED) + " more" : "";
        out.note("Not masked, but for what has the form of an address, a number or a key: "
                + String.join(", ", open.subList(0, Math.min(open.size(), MOST_NAMED))) + rest
                + ". See that they tell nothing of people, or name them personal in seeds.yaml.");
    }

    private CopyMasks masks(Database db, Invocation invocation) throws SQLException, IOException {
        TableCatalog tables = TableCatalog.of(db.connection());
        SeedFiles.Manifest manifest = SeedFiles.manifestOf(invocation.settings(), seeds, tables);
        Masks values = new Masks(MaskKey.of(invocation), manifest.names(invocation.settings()));
        return CopyMasks.of(db.connection(), tables, manifest, values);
    }
}
