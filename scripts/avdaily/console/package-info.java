//DEPS info.picocli:picocli:4.7.7
//SOURCES ../db/package-info.java
//SOURCES Exit.java
//SOURCES Gate.java
//SOURCES Placement.java

/**
 * What stands between a person and a command: the order of its words, exit codes, and the one gate before everything
 * destructive. Only commands know this room; an engine never asks and never ends the process.
 */
package avdaily.console;
