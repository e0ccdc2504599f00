package avdaily.backup;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A backup that has not got its name yet. Until {@link #publish}, nobody takes it for one. */
interface UnfinishedBackup {
    /** Where it will be. */
    BackupFile file();

    /**
     * Makes ready for what will come.
     *
     * @param least bytes: a room that has less is plainly too small
     * @param most bytes
     * @throws avdaily.base.Failure (21) if there is no room
     */
    void expect(long least, long most) throws IOException;

    /** Adds all of these bytes to its content. */
    void write(ByteBuffer bytes) throws IOException;

    /** Makes the content durable; nothing is added to it any more. */
    void seal() throws IOException;

    /** Makes durable what belongs beside it, and gives all of it its names. */
    void publish(String metadata, String checksums) throws IOException;

    /** Removes what there is of it, unless it is published. */
    void discard() throws IOException;

    /** Lets others see that nobody works at it any more. */
    void release() throws IOException;
}
