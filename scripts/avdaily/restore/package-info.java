//SOURCES ../integrity/package-info.java
//SOURCES ComparedContent.java
//SOURCES ContentComparison.java
//SOURCES ContentProof.java
//SOURCES DatabaseProperties.java
//SOURCES DateStyle.java
//SOURCES DrillServer.java
//SOURCES DumpContents.java
//SOURCES DumpFilter.java
//SOURCES DumpLoader.java
//SOURCES DumpReader.java
//SOURCES DumpStatement.java
//SOURCES ExtensionInstaller.java
//SOURCES FilterFile.java
//SOURCES GlobalsPlan.java
//SOURCES GlobalsRestore.java
//SOURCES InsertBatch.java
//SOURCES KeptDatabases.java
//SOURCES KeptObjects.java
//SOURCES LoadingSession.java
//SOURCES OpsSchemaCopy.java
//SOURCES OpsSchemaSeal.java
//SOURCES PartExtract.java
//SOURCES PartRestorer.java
//SOURCES PartRows.java
//SOURCES PartScheduler.java
//SOURCES PartSelection.java
//SOURCES RestoreChecks.java
//SOURCES RestoreDrill.java
//SOURCES RestoreOptions.java
//SOURCES RestoreTarget.java
//SOURCES Restorer.java
//SOURCES RoleOptions.java
//SOURCES RowDifferences.java
//SOURCES RowMerge.java
//SOURCES ServerRights.java
//SOURCES StatementFailure.java
//SOURCES Statistics.java
//SOURCES Swap.java
//SOURCES SwapRevert.java
//SOURCES Tie.java
//SOURCES Workers.java
//FILES avdaily/restore/database-properties.sql=database-properties.sql
//FILES avdaily/restore/drop-company.sql=drop-company.sql
//FILES avdaily/restore/key-of-table.sql=key-of-table.sql
//FILES avdaily/restore/names-beside.sql=names-beside.sql
//FILES avdaily/restore/ops-completion.sql=ops-completion.sql
//FILES avdaily/restore/ops-definition.sql=ops-definition.sql
//FILES avdaily/restore/ops-others.sql=ops-others.sql
//FILES avdaily/restore/partition-ties.sql=partition-ties.sql
//FILES avdaily/restore/public-schema.sql=public-schema.sql
//FILES avdaily/restore/referring.sql=referring.sql

/**
 * Brings a backup, or a plain dump of pg_dump's, back into a database: all of it or nothing. A dump is read whole
 * before the first statement runs. The room also holds the drill, which restores into a scratch database.
 */
package avdaily.restore;
