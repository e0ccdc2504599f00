//DEPS org.postgresql:postgresql:42.7.14
//DEPS org.apache.commons:commons-compress:1.28.0
//DEPS org.tukaani:xz:1.12
//SOURCES ../sql/package-info.java
//SOURCES AddressDefaults.java
//SOURCES AddressParameters.java
//SOURCES Citus.java
//SOURCES Database.java
//SOURCES DatabaseChoice.java
//SOURCES DatabaseLocale.java
//SOURCES DatabaseReset.java
//SOURCES DatabaseSettings.java
//SOURCES DatabaseUrl.java
//SOURCES Environment.java
//SOURCES Failures.java
//SOURCES ForeignCode.java
//SOURCES HostList.java
//SOURCES LimitedRole.java
//SOURCES LocalServer.java
//SOURCES Lock.java
//SOURCES Login.java
//SOURCES MavenFile.java
//SOURCES MigrationTool.java
//SOURCES MissingPrivilege.java
//SOURCES NameRules.java
//SOURCES OperationLog.java
//SOURCES OpsTables.java
//SOURCES OtherStacks.java
//SOURCES ProjectFile.java
//SOURCES ProjectRecord.java
//SOURCES Samples.java
//SOURCES Scratch.java
//SOURCES ScratchExtensions.java
//SOURCES ScratchSchemas.java
//SOURCES ServerBinaries.java
//SOURCES ServiceFile.java
//SOURCES SessionSettings.java
//SOURCES SessionSource.java
//SOURCES SessionStart.java
//SOURCES SingleStatement.java
//SOURCES Snapshot.java
//SOURCES StatementExecutor.java
//SOURCES StandInRoles.java
//SOURCES Standby.java
//SOURCES TransactionMark.java
//SOURCES TrialScripts.java
//SOURCES UnixSockets.java
//FILES avdaily/db/citus.sql=citus.sql
//FILES avdaily/db/create-ops-schema.sql=create-ops-schema.sql
//FILES avdaily/db/database-settings.sql=database-settings.sql
//FILES avdaily/db/default-privileges.sql=default-privileges.sql
//FILES avdaily/db/found.sql=found.sql
//FILES avdaily/db/leave-sample.sql=leave-sample.sql
//FILES avdaily/db/objects-in-public.sql=objects-in-public.sql
//FILES avdaily/db/path-obstacles.sql=path-obstacles.sql
//FILES avdaily/db/said-settings.sql=said-settings.sql
//FILES avdaily/db/server-binaries.sha256=server-binaries.sha256
//FILES avdaily/db/stranger-of-table.sql=stranger-of-table.sql
//FILES avdaily/db/strangers-code.sql=strangers-code.sql
//FILES avdaily/db/strangers-own-code.sql=strangers-own-code.sql
//FILES avdaily/db/strangers.sql=strangers.sql

/**
 * Databases: their addresses and environments, connections, locks, snapshots, scratch databases, the operation log, and
 * the local server. The room promises that an environment is decided before anything is done, and that a lock or a
 * snapshot is what it claims to be, even behind a pooler. It knows no schema, no migration and no command.
 */
package avdaily.db;
