import avdaily.backup.BackupMetadata;
import avdaily.base.Failure;
import avdaily.db.Database;
import avdaily.restore.DumpReader;
import avdaily.restore.RestoreOptions;
import avdaily.restore.Restorer;
import picocli.CommandLine.Option;

/** What a server gets beside the database. */
class RestoreServer {
    @Option(
            names = "--globals",
            description = "First the roles, memberships, settings and tablespaces that the backup has of its server. "
                    + "What is there stays as it is.")
    boolean globals;

    @Option(
            names = "--trust-globals",
            description = "As --globals, also what gives power over more than this database (superusers, say), and "
                    + "what changes roles that are there.")
    boolean trusted;

    @Option(
            names = "--create",
            description = "Create the database under the name that it had, or that of --into; it must not be there.")
    boolean create;

    /** @throws Failure (2) if less than a whole database is restored */
    void check(boolean isForPart) {
        if (isForPart && (globals || trusted || create))
            throw Failure.usage(
                    "--globals, --trust-globals and --create are for whole backups",
                    "leave them out, or restore the whole backup.");
    }

    RestoreOptions.Server wanted() {
        if (trusted) return RestoreOptions.Server.TRUSTED;
        return globals ? RestoreOptions.Server.RESTORED : RestoreOptions.Server.LEFT_OUT;
    }

    /** The database to restore into; null for the one that the address names. */
    String name(DumpReader dump, String into) {
        if (!create || into != null) return into;
        return dump.metadata()
                .map(BackupMetadata::origin)
                .map(BackupMetadata.Origin::database)
                .or(() -> dump.contents().databases().stream().findFirst())
                .orElseThrow(() -> Failure.usage(
                        dump.file() + " does not tell the name of its database", "name one with --into DB."));
    }

    /** @throws Failure (21) if the database that is to be created is there */
    void mustBeNew(Restorer restorer, Database db) {
        if (create && restorer.targetExists())
            throw Failure.refused(
                    "there is a database " + db.name() + " on the server, and --create is for one that is not there",
                    "leave out --create to replace it, or create another one with --into DB.");
    }
}
