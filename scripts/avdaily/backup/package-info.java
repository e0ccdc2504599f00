//DEPS org.apache.commons:commons-compress:1.28.0
//DEPS commons-codec:commons-codec:1.19.0
//DEPS com.github.luben:zstd-jni:1.5.7-28
//DEPS com.exceptionfactory.jagged:jagged-framework:1.0.0
//DEPS com.exceptionfactory.jagged:jagged-x25519:1.0.0
//SOURCES ../s3/package-info.java
//SOURCES ../schema/package-info.java
//SOURCES Age.java
//SOURCES BackupFile.java
//SOURCES BackupMetadata.java
//SOURCES BackupOptions.java
//SOURCES BackupReader.java
//SOURCES BackupSink.java
//SOURCES BackupStore.java
//SOURCES BackupSummary.java
//SOURCES BackupTables.java
//SOURCES BackupWriter.java
//SOURCES Backups.java
//SOURCES BucketStore.java
//SOURCES BucketUpload.java
//SOURCES Checksums.java
//SOURCES Compression.java
//SOURCES CopyWorkers.java
//SOURCES DatabaseFacts.java
//SOURCES DefinitionsCheck.java
//SOURCES DefinitionsText.java
//SOURCES FileOwner.java
//SOURCES FolderStore.java
//SOURCES Globals.java
//SOURCES GlobalsReader.java
//SOURCES LargeObjects.java
//SOURCES PgDump.java
//SOURCES PieceSender.java
//SOURCES Retention.java
//SOURCES RowSum.java
//SOURCES SchemaReading.java
//SOURCES SettingsText.java
//SOURCES StatisticsText.java
//SOURCES TableLocks.java
//SOURCES TableSums.java
//SOURCES TemporaryFile.java
//SOURCES UnfinishedBackup.java
//SOURCES UploadMarks.java
//SOURCES Verifier.java
//FILES avdaily/backup/definitions-as-bytes.sql=definitions-as-bytes.sql
//FILES avdaily/backup/globals.sql=globals.sql
//FILES avdaily/backup/large-objects.sql=large-objects.sql
//FILES avdaily/backup/planner-statistics.sql=planner-statistics.sql

/**
 * Backups: the file's format (docs/backup-format.md), its writer, its verification, and which files stay. The room
 * promises that a file with its final name is whole. It does not restore.
 */
package avdaily.backup;
