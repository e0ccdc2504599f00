///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Back up a database into one compressed SQL file, and look after the files
//DESCRIPTION Commands: create, list, info, verify, compare, prune
//DOCS ../docs/backup.md
//DOCS format=../docs/backup-format.md
//JAVA 17+
//JAVA_OPTIONS -XX:Tier3InvocationThreshold=2000 -XX:Tier3MinInvocationThreshold=1000 -XX:Tier3CompileThreshold=4000
//JAVA_OPTIONS -XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=20000
//JAVA_OPTIONS -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=20000000
//JAVA_OPTIONS -XX:+IgnoreUnrecognizedVMOptions -XX:+UseTransparentHugePages
//JAVA_OPTIONS -XX:+UseSerialGC -Xlog:disable
//CDS
//MAIN Backup
//SOURCES common.java
//SOURCES avdaily/restore/package-info.java
//SOURCES avdaily/seed/package-info.java
//SOURCES backup/BackupCompare.java
//SOURCES backup/BackupInfo.java
//SOURCES backup/BackupList.java
//SOURCES backup/BackupPrune.java
//SOURCES backup/BackupCopy.java
//SOURCES backup/BackupScript.java
//SOURCES backup/BackupVerify.java
//SOURCES backup/BackupWriting.java

import java.util.List;
import picocli.CommandLine.Command;

/**
 * Backs up a database into one ordinary compressed SQL file, and looks after the files: list, info, verify, compare,
 * prune.
 */
@Command(
        name = "avdaily-backup",
        description = "Back up the database into one compressed SQL file that 'gunzip -c FILE | psql' restores too. "
                + "Without a command: create.")
class Backup extends BackupWriting {
    @Override
    List<Class<? extends Script>> commands() {
        return List.of(
                BackupCreate.class,
                BackupList.class,
                BackupInfo.class,
                BackupVerify.class,
                BackupCompare.class,
                BackupPrune.class);
    }

    public static void main(String... args) {
        Script.main(new Backup(), args);
    }
}

@Command(
        name = "create",
        description = "Back up the database. Reads one consistent state; changes nothing; never asks.")
class BackupCreate extends BackupWriting {}
