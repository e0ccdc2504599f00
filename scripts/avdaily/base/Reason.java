package avdaily.base;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why something could not be done, in words: what Java says of a file is often its path alone. */
public final class Reason {
    /** Without the path, for a message that has named it. */
    public static String of(Throwable e) {
        if (e instanceof FileSystemException file && words(file) != null) return words(file);
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** With the path that it is about. */
    public static String whole(FileSystemException e) {
        String other = e.getOtherFile() == null ? "" : " or " + e.getOtherFile();
        String path = e.getFile() == null ? "a file" : e.getFile() + other;
        return path + " cannot be used: " + (words(e) == null ? "the system gives no reason" : words(e));
    }

    private static String words(FileSystemException e) {
        if (e instanceof AccessDeniedException) return "permission denied";
        if (e instanceof NoSuchFileException) return "there is no such file or folder";
        if (e instanceof FileAlreadyExistsException) return "it is there already";
        if (e instanceof NotDirectoryException) return "it is no folder";
        if (e instanceof DirectoryNotEmptyException) return "the folder is not empty";
        if (e instanceof FileSystemLoopException) return "its links lead in a circle";
        return e.getReason();
    }

    private Reason() {}
}
