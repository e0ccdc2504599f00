//SOURCES ../base/package-info.java
//SOURCES ../sql/package-info.java
//SOURCES ../db/package-info.java
//SOURCES ../backup/package-info.java
//SOURCES ../integrity/package-info.java
//SOURCES ../migrate/package-info.java
//SOURCES ../deploy/package-info.java
//SOURCES HealthCheck.java
//SOURCES HealthChecks.java
//SOURCES MonitorReport.java

/**
 * Looks at a database in use from all sides, once: backups, drift, integrity, locks, disk. The room changes nothing and waits for
 * no lock.
 */
package avdaily.monitor;
