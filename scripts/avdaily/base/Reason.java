package avdaily.base;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Why something could not be done, in words. What Java says of a file is often its path alone, or the name of a class;
 * what matters may stand in an exception within another.
 */
public final class Reason {
    private static final String NONE = "the system gives no reason";
    private static final Set<String> NO_ROOM = Set.of("No space left on device", "Disk quota exceeded");

    /** Without the path, for a message that has named it. */
    public static String of(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            String words = words(t);
            if (words != null) return words;
        }
        return e.getMessage() == null ? NONE : e.getMessage();
    }

    /** With the path that it is about. */
    public static String whole(FileSystemException e) {
        String other = e.getOtherFile() == null ? "" : " or " + e.getOtherFile();
        String path = e.getFile() == null ? "a file" : e.getFile() + other;
        return path + " cannot be used: " + (words(e) == null ? NONE : words(e));
    }

    /** The same error with the file's name, which those of a channel lack. */
    public static FileSystemException at(Path file, IOException e) {
        if (e instanceof FileSystemException named) return named;
        FileSystemException named = new FileSystemException(file.toString(), null, of(e));
        named.addSuppressed(e); // a cause would be what is said
        return named;
    }

    /** Whether it is for want of room on the disk. */
    public static boolean isNoRoom(Throwable e) {
        return says(e, NO_ROOM);
    }

    /** Whether the disk itself fails. */
    public static boolean isOfDevice(Throwable e) {
        return says(e, Set.of("Input/output error"));
    }

    private static boolean says(Throwable e, Set<String> words) {
        String said = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return said != null && words.stream().anyMatch(said::contains);
    }

    private static String words(Throwable e) {
        if (e instanceof FileSystemException file) return words(file);
        if (e instanceof CharacterCodingException) return "it is not UTF-8";
        if (e instanceof EOFException) return "it ends too early";
        if (e instanceof JsonProcessingException json) return words(json);
        if (e instanceof FileNotFoundException) return words((FileNotFoundException) e);
        return "Is a directory".equals(e.getMessage()) ? "it is a folder" : null;
    }

    private static String words(FileSystemException e) {
        if (e instanceof AccessDeniedException) return "permission denied";
        if (e instanceof NoSuchFileException) return "there is no such file or folder";
        if (e instanceof FileAlreadyExistsException) return "a file of that name is there";
        if (e instanceof NotDirectoryException) return "it is no folder";
        if (e instanceof DirectoryNotEmptyException) return "the folder is not empty";
        if (e instanceof FileSystemLoopException) return "its links lead in a circle";
        return e.getReason();
    }

    private static String words(JsonProcessingException e) {
        String what = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse(NONE);
        return e.getLocation() == null ? what : "line " + e.getLocation().getLineNr() + ": " + what;
    }

    /** The message is the path, and the system's words in brackets. */
    private static String words(FileNotFoundException e) {
        String message = String.valueOf(e.getMessage());
        return message.endsWith(")") ? message.substring(message.lastIndexOf('(') + 1, message.length() - 1) : message;
    }

    private Reason() {}
}
