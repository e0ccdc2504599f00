//SOURCES ../db/package-info.java
//SOURCES Ability.java
//SOURCES Diagnosis.java
//SOURCES Doctor.java
//SOURCES ReadFacts.java
//SOURCES RolledBackTrials.java
//SOURCES ServerKind.java
//SOURCES TwoSessions.java
//FILES avdaily/doctor/leftovers.sql=leftovers.sql
//FILES avdaily/doctor/server-kind.sql=server-kind.sql

/**
 * Finds out what a server is, and what of this toolkit works there. What can be tried is tried, and the room leaves
 * nothing behind; no ability is told from the name of a product.
 */
package avdaily.doctor;
