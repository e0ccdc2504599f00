package avdaily.doctor;

import avdaily.base.Json;
import java.util.Locale;
import java.util.Map;

/**
 * Whether one thing works on the server.
 *
 * @param basis how that is known
 * @param text what was found, in a line
 * @param next how to go on; empty if it works
 */
public record Ability(Name name, Answer answer, Basis basis, String text, String next) {
    /** What our commands ask of a server, in the order of the page. */
    public enum Name {
        SESSIONS("sessions", Need.EVERY_COMMAND),
        ADVISORY_LOCKS("advisory locks", Need.EVERY_COMMAND),
        SNAPSHOTS("snapshots", Need.EVERY_COMMAND),
        TRANSACTIONS("transactions", Need.EVERY_COMMAND),
        ROW_ADDRESSES("row addresses", Need.SOME_COMMANDS),
        COPY("copy", Need.EVERY_COMMAND),
        CREATE_DATABASE("create database", Need.SOME_COMMANDS),
        ROLES("roles", Need.SOME_COMMANDS),
        EVENT_TRIGGERS("event triggers", Need.SOME_COMMANDS),
        EXTENSIONS("extensions", Need.SOME_COMMANDS),
        LARGE_OBJECTS("large objects", Need.SOME_COMMANDS),
        PLANNER_STATISTICS("planner statistics", Need.SOME_COMMANDS),
        REPLICATION_ROLE("replication role", Need.SOME_COMMANDS),
        SESSION_STATISTICS("session statistics", Need.SOME_COMMANDS),
        STATEMENT_STATISTICS("statement statistics", Need.SOME_COMMANDS),
        REPLICA("replica", Need.SOME_COMMANDS),
        ARCHIVING("archiving", Need.SOME_COMMANDS),
        CREATING("creating", Need.SOME_COMMANDS),
        READING("reading", Need.SOME_COMMANDS),
        OWNING("owning", Need.SOME_COMMANDS);

        private final String word;
        private final Need need;

        Name(String word, Need need) {
            this.word = word;
            this.need = need;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    private enum Need {
        EVERY_COMMAND,
        SOME_COMMANDS
    }

    /** As the page and JSON say it. */
    public enum Answer {
        YES,
        NO,
        UNKNOWN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How an answer was come by. */
    public enum Basis {
        TRIED,
        READ;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Ability yes(Name name, Basis basis, String text) {
        return new Ability(name, Answer.YES, basis, text, "");
    }

    static Ability no(Name name, Basis basis, String text, String next) {
        return new Ability(name, Answer.NO, basis, text, next);
    }

    static Ability unknown(Name name, String text, String next) {
        return new Ability(name, Answer.UNKNOWN, Basis.READ, text, next);
    }

    /** Whether no command does its work without it, and it is missing. */
    boolean isFatal() {
        return name.need == Need.EVERY_COMMAND && answer == Answer.NO;
    }

    Map<String, Object> json() {
        return Json.object(
                "name",
                name.toString(),
                "answer",
                answer.toString(),
                "basis",
                basis.toString(),
                "text",
                text,
                "next",
                next);
    }
}
