//COMPILE_OPTIONS -XDstringConcat=inline
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//DEPS eu.maveniverse.maven.mima:context:2.4.33
//DEPS eu.maveniverse.maven.mima.runtime:standalone-static:2.4.33
//DEPS me.tongfei:progressbar:0.10.2
//DEPS org.slf4j:slf4j-nop:1.7.36
//DEPS org.yaml:snakeyaml:2.5
//SOURCES AtomicFile.java
//SOURCES ChildProcess.java
//SOURCES CiJob.java
//SOURCES EnvFile.java
//SOURCES Failure.java
//SOURCES FetchedFiles.java
//SOURCES FetchedLibrary.java
//SOURCES Format.java
//SOURCES Invocation.java
//SOURCES Json.java
//SOURCES Out.java
//SOURCES PartOutput.java
//SOURCES Place.java
//SOURCES Project.java
//SOURCES Reason.java
//SOURCES ResourceFolder.java
//SOURCES Screen.java
//SOURCES Secrets.java
//SOURCES Settings.java
//SOURCES Sha256.java
//SOURCES SqlResource.java
//SOURCES StatusLine.java
//SOURCES StrictYaml.java
//SOURCES TextTable.java
//SOURCES Visible.java
//SOURCES WorkQueue.java

/**
 * What every other room builds on: failures with a way on, a run's output and variables, files that are whole or not
 * there, JSON, YAML, hashes. The room knows no database, no command and no other room.
 */
package avdaily.base;
