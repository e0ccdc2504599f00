//SOURCES avdaily/console/package-info.java
//SOURCES avdaily/notify/package-info.java
//SOURCES common/CommandList.java
//SOURCES common/Completion.java
//SOURCES common/JobNotices.java
//SOURCES common/NamedCommands.java
//SOURCES common/Script.java
