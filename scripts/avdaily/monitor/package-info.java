//SOURCES ../deploy/package-info.java
//SOURCES BackupCheck.java
//SOURCES Bloat.java
//SOURCES HealthCheck.java
//SOURCES HealthChecks.java
//SOURCES HealthContext.java
//SOURCES MonitorReport.java
//SOURCES SchemaChecks.java
//SOURCES ServerChecks.java
//SOURCES SessionChecks.java
//SOURCES StorageChecks.java
//SOURCES TableChecks.java
//SOURCES Trend.java
//FILES avdaily/monitor/archiver.sql=archiver.sql
//FILES avdaily/monitor/bloat.sql=bloat.sql
//FILES avdaily/monitor/connection-pools.sql=connection-pools.sql
//FILES avdaily/monitor/largest-tables.sql=largest-tables.sql
//FILES avdaily/monitor/open-transactions.sql=open-transactions.sql

/**
 * Looks at a database in use from all sides, once: backups, drift, integrity, locks, disk. The room changes nothing and
 * waits briefly for locks.
 */
package avdaily.monitor;
