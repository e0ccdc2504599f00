package avdaily.deploy;

import avdaily.base.Failure;
import avdaily.base.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file as it was read once: what is used is what a plan is bound to, whatever becomes of the file meanwhile. */
record BoundText(Path file, String text) {
    /** @throws Failure (2) if it cannot be read */
    static BoundText read(Path file) {
        try {
            return new BoundText(file, Files.readString(file));
        } catch (IOException e) {
            throw Failure.usage(
                    file + " cannot be read: "
                            + (e instanceof NoSuchFileException ? "there is no such file" : e.getMessage()),
                    "name a readable file in UTF-8 in avdaily.yaml.");
        }
    }

    @Override
    public String toString() {
        return file.getFileName() + " " + Sha256.of(text).substring(0, 12);
    }
}
