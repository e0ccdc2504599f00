//SOURCES ../base/package-info.java
//SOURCES ../sql/package-info.java
//SOURCES ../db/package-info.java
//SOURCES ../schema/package-info.java
//SOURCES ../backup/package-info.java
//SOURCES ../integrity/package-info.java
//SOURCES Back.java
//SOURCES Drill.java
//SOURCES Dump.java
//SOURCES Loader.java
//SOURCES OpsCarrier.java
//SOURCES Restorer.java
//SOURCES Shares.java
//SOURCES Step.java
//SOURCES Swap.java
//SOURCES Target.java
//SOURCES Workers.java

/**
 * Brings a backup, or a plain dump of pg_dump's, back into a database: all of it or nothing. A dump is read whole before the
 * first statement runs. The room also holds the drill, which restores into a scratch database.
 */
package avdaily.restore;
