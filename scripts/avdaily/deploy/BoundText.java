package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Place;
import avdaily.base.Reason;
import avdaily.base.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file as it was read once: what is used is what a plan is bound to, whatever becomes of the file meanwhile.
 *
 * @param text null if there was none to read
 */
record BoundText(Path file, String text) {
    /** @throws Failure (2) if it cannot be read */
    static BoundText read(Path file) {
        try {
            return new BoundText(file, Files.readString(file));
        } catch (IOException e) {
            throw Failure.usage(
                            file + " cannot be read: " + Reason.of(e), "name a readable file in UTF-8 in avdaily.yaml.")
                    .at(Place.of(file));
        }
    }

    /** The same, where nobody may ever need it. */
    static BoundText readIfThere(Path file) {
        return Files.isRegularFile(file) && Files.isReadable(file) ? read(file) : new BoundText(file, null);
    }

    /** With the whole hash: of its first letters, somebody could make two texts with the same. */
    @Override
    public String toString() {
        if (text == null) return file.getFileName() + ", which is not there";
        return file.getFileName() + " " + Sha256.of(text);
    }
}
