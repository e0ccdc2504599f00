//SOURCES BinaryNumbers.java
//SOURCES BinaryRows.java
//SOURCES BinaryTimes.java
//SOURCES BinaryType.java

/**
 * The rows of {@code COPY}: their text is put into the binary form, which the server reads in three fifths of the time.
 * A text is put into it only if there is no doubt what the server would make of it; such rows end the binary form, and
 * the server gets them, and all behind them, as the text that they are. The room talks to no server.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">The two forms</a>
 */
package avdaily.copy;
