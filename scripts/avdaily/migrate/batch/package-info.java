//SOURCES BatchFile.java
//SOURCES BatchLooks.java
//SOURCES BatchOptions.java
//SOURCES BatchSize.java
//SOURCES BatchState.java
//SOURCES BatchStore.java
//SOURCES BoundStatements.java
//SOURCES DataMigration.java
//SOURCES KeyRange.java
//SOURCES KeyWalk.java
//FILES avdaily/migrate/batch/batch-table.sql=batch-table.sql
//FILES avdaily/migrate/batch/freezing.sql=freezing.sql
//FILES avdaily/migrate/batch/key-columns.sql=key-columns.sql
//FILES avdaily/migrate/batch/key-indexes.sql=key-indexes.sql
//FILES avdaily/migrate/batch/standbys.sql=standbys.sql
//FILES avdaily/migrate/batch/waiting-for-us.sql=waiting-for-us.sql

/**
 * Changes the rows of a table in use, a few at a time: each batch is a transaction that notes how far it came. The room
 * promises that every row is changed once, and that nobody waits for it longer than two seconds.
 */
package avdaily.migrate.batch;
