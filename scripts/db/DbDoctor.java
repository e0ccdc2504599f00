import avdaily.base.Failure;
import avdaily.console.Exit;
import avdaily.db.Database;
import avdaily.db.Environment;
import avdaily.doctor.Diagnosis;
import avdaily.doctor.Doctor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = "Say what the server is, what of these commands works there, and what helps where something "
                + "does not. What can be tried is tried and taken back; in staging, in production and far away "
                + "only with --try.")
class DbDoctor extends Script {
    @Option(
            names = "--try",
            description = "Also in staging, in production and on another machine of unknown environment try "
                    + "what writes for a moment: definitions in transactions "
                    + "that are taken back, and a database that is dropped again.")
    boolean tries;

    @Override
    int run() throws Exception {
        try (Database db = openToRead()) {
            Diagnosis diagnosis = new Doctor(db, depth(db)).look();
            out().page(diagnosis.text(out()));
            out().json(diagnosis.json());
            return diagnosis.isUsable() ? Exit.DONE : Exit.FINDINGS;
        }
    }

    /** A server on another machine of which nobody said what it is may be production. */
    private Doctor.Depth depth(Database db) {
        boolean isCareful = db.environment().compareTo(Environment.STAGING) >= 0
                || db.reason().isEmpty() && !db.url().isLocal();
        if (tries && !db.believesOps())
            throw Failure.refused(
                    "what is tried here could run a stranger's code, see above",
                    "run it without --try: it only reads.");
        return tries || !isCareful && db.believesOps() ? Doctor.Depth.EVERYTHING : Doctor.Depth.READING;
    }
}
