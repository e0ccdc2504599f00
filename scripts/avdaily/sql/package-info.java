//SOURCES ../base/package-info.java
//SOURCES ByteScanner.java
//SOURCES CopyHeader.java
//SOURCES DottedName.java
//SOURCES Nesting.java
//SOURCES OpsSchema.java
//SOURCES ScriptReader.java
//SOURCES ScriptStatement.java
//SOURCES Sql.java
//SOURCES SqlFile.java
//SOURCES SqlState.java
//SOURCES StandardStrings.java
//SOURCES TablePattern.java
//SOURCES TextEncoding.java
//SOURCES Word.java
//SOURCES SqlSyntaxError.java

/**
 * The text of SQL: names and values as the parser wants them, the SQLSTATEs that decide something, and a reader that
 * cuts a file into statements and COPY blocks. The room talks to no server.
 */
package avdaily.sql;
