/** What happens at one moment of a run. */
enum Fault {
    CONNECTION_CUT("the connection is cut before a message"),
    MESSAGE_HALVED("half of a message arrives, and the connection is cut"),
    ANSWER_LOST("a message arrives, its answer does not, and the connection is cut"),
    CLIENT_UNHEARD("the server hears that the connection ended, the client hears it a second later"),
    MESSAGE_DELAYED("a message waits"),
    SESSION_ENDED("somebody ends the session (pg_terminate_backend)"),
    STATEMENT_CANCELLED("somebody cancels the statement (pg_cancel_backend)"),
    SERVER_CRASHED("the server's process of the session is killed, and the server starts anew"),
    CLIENT_KILLED("the command is killed (SIGKILL)"),
    CLIENT_INTERRUPTED("the command is interrupted (SIGINT)"),
    CLIENT_TERMINATED("the command is asked to end (SIGTERM)"),
    WRITE_FAILS("a write says that the disk is full", "write,pwrite64", "error=ENOSPC"),
    WRITE_KILLS("the command is killed in a write", "write,pwrite64", "signal=SIGKILL"),
    FORCE_FAILS("a force to the disk fails", "fsync,fdatasync", "error=EIO"),
    FORCE_KILLS("the command is killed in a force to the disk", "fsync,fdatasync", "signal=SIGKILL"),
    RENAME_FAILS("a rename or a link is refused", "rename,renameat2,link", "error=EROFS"),
    RENAME_KILLS("the command is killed in a rename or a link", "rename,renameat2,link", "signal=SIGKILL"),
    REMOVAL_FAILS("a removal is refused", "unlink,rmdir", "error=EROFS"),
    REMOVAL_KILLS("the command is killed in a removal", "unlink,rmdir", "signal=SIGKILL"),
    READ_FAILS("a read of a file of the project fails", "read,pread64", "error=EIO"),
    SERVER_FULL("the disk of the database is full from a message on"),
    CLOCK_BACK("the machine's clock goes back a day"),
    CLOCK_AHEAD("the machine's clock goes ahead a day"),
    INPUT_CLOSED("standard input is closed");

    final String meaning;
    /** The calls of the system that count, as strace knows them; null for a fault of the network. */
    final String calls;
    /** What strace does to the call. */
    final String injection;

    Fault(String meaning) {
        this(meaning, null, null);
    }

    Fault(String meaning, String calls, String injection) {
        this.meaning = meaning;
        this.calls = calls;
        this.injection = injection;
    }

    boolean isOfFiles() {
        return calls != null;
    }

    /** Whether the command is a process of its own, since it ends by it. */
    boolean needsProcess() {
        return isOfFiles() || isOfClock() || this == INPUT_CLOSED || isSignal();
    }

    boolean isSignal() {
        return name().startsWith("CLIENT_") && this != CLIENT_UNHEARD;
    }

    boolean isOfClock() {
        return name().startsWith("CLOCK_");
    }

    /** Whether nobody is left who could say a word. */
    boolean silences() {
        return this == CLIENT_KILLED || isOfFiles() && injection.equals("signal=SIGKILL");
    }

    /** Whether the command must succeed all the same. */
    boolean isHarmless() {
        return this == MESSAGE_DELAYED || this == INPUT_CLOSED || isOfClock();
    }
}
