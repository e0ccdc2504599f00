//SOURCES ../db/package-info.java
//SOURCES BinaryColumns.java
//SOURCES BinaryForm.java
//SOURCES BinaryNumbers.java
//SOURCES BinaryRows.java
//SOURCES BinaryTimes.java
//SOURCES BinaryType.java
//SOURCES Line.java
//SOURCES LineFeeds.java
//SOURCES LineTooLong.java
//SOURCES Signs.java
//SOURCES TextNumbers.java
//SOURCES TextRows.java
//SOURCES TextTimes.java
//FILES avdaily/copy/binary-columns.sql=binary-columns.sql

/**
 * The rows of {@code COPY} in its two forms. The server reads the binary form in three fifths of the time of the text,
 * and writes it in three quarters; so restores put text into it, and backups put it into text. A text is put into it
 * only if there is no doubt what the server would make of it; such rows end the binary form, and the server gets them,
 * and all behind them, as the text that they are. Of the binary form all values of a type have a text, or none.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">The two forms</a>
 */
package avdaily.copy;
