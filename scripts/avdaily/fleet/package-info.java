//SOURCES ../db/package-info.java
//SOURCES FleetRecord.java
//SOURCES FleetRun.java
//SOURCES Target.java
//SOURCES TargetOutcome.java
//SOURCES TargetReader.java
//SOURCES TargetRow.java
//SOURCES TargetSet.java

/**
 * Many databases that one command works on: which ones a project's file names, and the order in which the
 * work goes through them. The room does not know what is done to each.
 */
package avdaily.fleet;
