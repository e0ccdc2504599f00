//SOURCES ../base/package-info.java
//SOURCES CommandTarget.java
//SOURCES Job.java
//SOURCES Notice.java
//SOURCES Notifications.java
//SOURCES Target.java
//SOURCES Trust.java
//SOURCES WebTarget.java

/**
 * Tells people and other programs how a job went: web hooks, pings of a dead man's switch, commands. The room never
 * makes a job fail and never waits for long; what it cannot deliver it says. It knows no database and no command.
 */
package avdaily.notify;
