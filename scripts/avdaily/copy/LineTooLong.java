package avdaily.copy;

import java.io.IOException;

/** A row has more text than a server can write or read. */
public final class LineTooLong extends IOException {
    private static final long serialVersionUID = 1;

    LineTooLong() {
        super("a row has more than 1 GB of text");
    }
}
