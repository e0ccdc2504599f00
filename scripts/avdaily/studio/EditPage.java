package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Failure;
import avdaily.base.Json;
import avdaily.base.Secrets;
import avdaily.base.Visible;
import avdaily.db.Database;
import avdaily.db.Failures;
import avdaily.sql.SqlState;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Changes one row, in three steps: a form with its values, the statement that it comes to, and the run, which can be
 * taken back. What the row was when it was seen travels with the form, sealed.
 */
final class EditPage {
    /** Of a value that a form holds. */
    private static final int LONGEST = 20_000;

    private static final int MOST_STATE = 100_000;

    private final DataPage data;
    private final StudioPages.Opening writing;
    private final ReadOnlySessions sessions;
    private final Frame frame;
    private final Seal seal = new Seal();

    /** @param writing opens the database for changes */
    EditPage(DataPage data, StudioPages.Opening writing, ReadOnlySessions sessions, Frame frame) {
        this.data = data;
        this.writing = writing;
        this.sessions = sessions;
        this.frame = frame;
    }

    /** What a form was made of, and what came back with it. */
    private record Sent(Cells cells, RowEdit edit, String state, Map<Column, String> values) {}

    Response form(Request request) throws Exception {
        return sessions.read(c -> {
            Relation relation = StudioPages.relation(c, request);
            return page(200, relation, form(c, request, relation));
        });
    }

    Response act(Request request) throws Exception {
        return switch (request.page()) {
            case "change" -> sessions.read(c -> change(c, request));
            case "save" -> save(request);
            default -> undo(request);
        };
    }

    private Response page(int status, Relation relation, Html content) {
        return Response.html(status, frame.page("data", relation.called() + ": change a row", content));
    }

    /** The form with the values of a row. */
    private Html form(Connection c, Request request, Relation relation) throws SQLException {
        DataPage.One one = data.one(c, request, relation);
        Optional<String> obstacle = obstacle(one);
        if (obstacle.isPresent()) return element("p", kind("notice info"), obstacle.get());
        List<Column> columns = one.cells().columns();
        Map<Column, String> values = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++)
            values.put(columns.get(i), one.row().get(i));
        String zone = Database.one(c, "SELECT current_setting('TimeZone')", String.class);
        String state =
                seal.sealed(Json.text(Json.object("table", DataPage.name(relation), "zone", zone, "seen", one.row())));
        if (state.length() > MOST_STATE) return element("p", kind("notice info"), "The row is too long for a form.");
        return form(request, one.cells(), values, values, state, null);
    }

    /** Why a row cannot be changed here. */
    private static Optional<String> obstacle(DataPage.One one) {
        Relation relation = one.cells().relation();
        List<Column> key = one.cells().columns().stream().filter(Column::isKey).toList();
        if (relation.isInherited() || relation.kind() == Relation.Kind.MATERIALIZED)
            return Optional.of("Rows of such a table are not changed here.");
        if (key.isEmpty() || one.cells().alone(one.row()).isEmpty())
            return Optional.of("The row has no key by which it can be found again, or the key is masked.");
        return Optional.empty();
    }

    /** Whether a form can hold the value as it is, and the column takes another one. */
    private static boolean isEditable(Cells cells, Column column, String value) {
        return column.isWritable()
                && column.isReadable()
                && !column.isKey()
                && !column.isBytes()
                && cells.isOpen(column, value)
                && (value == null || isPlain(value.replace("\r\n", "\n")));
    }

    private static boolean isPlain(String text) {
        return text.length() <= LONGEST && Visible.lines(Secrets.redact(text)).equals(text);
    }

    /** @param trouble what stood against the values, or null */
    private Html form(
            Request request,
            Cells cells,
            Map<Column, String> seen,
            Map<Column, String> values,
            String state,
            Failure trouble) {
        List<Html> lines = new ArrayList<>();
        for (Map.Entry<Column, String> each : seen.entrySet())
            lines.add(
                    isEditable(cells, each.getKey(), each.getValue())
                            ? field(lines.size(), each.getKey(), values.get(each.getKey()))
                            : fixed(cells, each.getKey(), each.getValue()));
        return Html.all(
                trouble == null ? null : trouble(trouble),
                request.form(
                        "change",
                        Request.hidden("schema", cells.relation().schema()),
                        Request.hidden("table", cells.relation().name()),
                        Request.hidden("state", state),
                        lines,
                        element("button", attribute("type", "submit"), "Show the UPDATE")));
    }

    private static Html trouble(Failure trouble) {
        return element(
                "div",
                kind("notice critical"),
                attribute("role", "alert"),
                element("p", trouble.getMessage()),
                element("p", element("strong", "Go on: "), trouble.next));
    }

    private static Html field(int place, Column column, String value) {
        String id = "v" + place;
        return element(
                "div",
                kind("field"),
                element("label", attribute("for", id), column.name(), " ", Show.code(column.type())),
                element(
                        "textarea",
                        attribute("id", id),
                        attribute("name", id),
                        attribute("rows", value != null && value.contains("\n") ? 6 : 1),
                        "\n", // browsers leave the first one out
                        value == null ? "" : value.replace("\r\n", "\n")),
                element(
                        "label",
                        element(
                                "input",
                                attribute("type", "checkbox"),
                                attribute("name", "n" + place),
                                attribute("value", "1"),
                                attribute("checked", value == null)),
                        " null"));
    }

    private static Html fixed(Cells cells, Column column, String value) {
        return element(
                "div",
                kind("field"),
                element("span", column.name(), " ", Show.code(column.type())),
                element(
                        "span",
                        kind(value == null ? "null" : "cell"),
                        value == null ? "null" : cells.text(column, value)),
                element("span", kind("null"), column.isKey() ? "the key" : "not changed here"));
    }

    /** What a form comes to, before it is run. */
    private Response change(Connection c, Request request) throws SQLException {
        Sent sent = sent(c, request);
        try {
            for (Map.Entry<Column, String> each : sent.edit.set().entrySet())
                isOfType(c, each.getKey(), each.getValue());
        } catch (SQLException e) {
            return again(request, sent, refusal(e));
        }
        if (sent.edit.set().isEmpty())
            return again(request, sent, Failure.usage("no value is another one", "change one first."));
        Html content = Html.all(
                element("p", "This is what will run, in one transaction, if the row is still as you saw it:"),
                element("pre", sent.edit.statement()),
                element("p", "The old row is kept, and a button takes the change back."),
                request.form(
                        "save",
                        Request.hidden("sent", seal.sealed(Json.text(request.parameters()))),
                        element("button", attribute("type", "submit"), "Run it")));
        return page(200, sent.edit.relation(), content);
    }

    /** Only reads: a value that is none of the type's is told before anything is locked. */
    private static void isOfType(Connection c, Column column, String value) throws SQLException {
        if (value != null) Database.list(c, "SELECT CAST(? AS " + column.type() + ")", row -> row.getString(1), value);
    }

    /** The form with what was sent, and what stood against it. */
    private Response again(Request request, Sent sent, Failure trouble) {
        Html content = form(request, sent.cells, sent.edit.seen(), sent.values, sent.state, trouble);
        return page(400, sent.edit.relation(), content);
    }

    /** @throws Failure (2) if the state is not one of ours, or the table is another one by now */
    private Sent sent(Connection c, Request request) throws SQLException {
        Cells cells = data.cells(c, request, StudioPages.relation(c, request));
        String state = request.need("state");
        JsonNode known = seal.opened(state)
                .map(Json::tree)
                .filter(node -> node.path("table").asText().equals(DataPage.name(cells.relation()))
                        && node.path("seen").size() == cells.columns().size())
                .orElseThrow(() -> Failure.usage("the form is of another table", "begin at the row again."));
        Map<Column, String> seen = new LinkedHashMap<>();
        Map<Column, String> values = new LinkedHashMap<>();
        Map<Column, String> key = new LinkedHashMap<>();
        Map<Column, String> set = new LinkedHashMap<>();
        for (int i = 0; i < cells.columns().size(); i++) {
            Column column = cells.columns().get(i);
            JsonNode was = known.path("seen").get(i);
            String old = was.isNull() ? null : was.asText();
            seen.put(column, old);
            if (column.isKey()) key.put(column, old);
            String value = isEditable(cells, column, old) ? value(request, i, old) : old;
            values.put(column, value);
            if (value == null ? old != null : !value.equals(old)) set.put(column, value);
        }
        return new Sent(
                cells,
                new RowEdit(cells.relation(), key, seen, set, known.path("zone").asText()),
                state,
                values);
    }

    /**
     * A browser ends lines as it likes; if that is all that differs, nothing does. Null is what is ticked, unless
     * somebody typed another value besides.
     */
    private static String value(Request request, int place, String old) {
        String sent = request.parameters().get("v" + place);
        if (sent == null) return old;
        String value = sent.replace("\r\n", "\n");
        boolean isAsBefore = old != null && value.equals(old.replace("\r\n", "\n"));
        if (request.get("n" + place).isPresent() && (value.isEmpty() || isAsBefore)) return null;
        if (old == null) return value;
        return old.contains("\r\n") ? value.replace("\n", "\r\n") : value;
    }

    /** Runs what was shown, and nothing else: it comes back sealed. */
    private Response save(Request shown) throws Exception {
        JsonNode fields = seal.opened(shown.need("sent"))
                .map(Json::tree)
                .orElseThrow(() -> Failure.usage("this is not what was shown", "begin at the row again."));
        Map<String, String> parameters = new LinkedHashMap<>();
        fields.properties()
                .forEach(
                        field -> parameters.put(field.getKey(), field.getValue().asText()));
        Request request = new Request("save", parameters, shown.visitor());
        Sent sent = sessions.read(c -> sent(c, request));
        if (sent.edit.set().isEmpty()) throw Failure.usage("no value is another one", "begin at the row again.");
        try (Database db = writing.open()) {
            long run = sent.edit.run(db);
            request.visitor().edits().add(run);
            return Response.redirect(sent.edit.row().with("edited", String.valueOf(run)));
        } catch (SQLException | Failure e) {
            return again(request, sent, refusal(e));
        }
    }

    /** What stands against a change. The server shows the whole row with a broken rule, and parts of it are masked. */
    private static Failure refusal(Exception e) {
        for (Throwable at = e; at != null; at = at.getCause())
            if (at instanceof SQLException sql && SqlState.of(sql).matches("2[23].*"))
                return Failure.usage(
                        Failures.messageWithoutValues(sql), "change the value, or leave the row as it is.");
        return Failures.explain(e);
    }

    /** What is said above a row that was changed. */
    static Html done(Request request) {
        Optional<Long> run = run(request);
        if (run.isEmpty()) return Html.NOTHING;
        return element(
                "div",
                kind("notice info"),
                element("p", "The row was changed; what it was is kept as run " + run.get() + "."),
                request.form(
                        "undo",
                        Request.hidden("edited", String.valueOf(run.get())),
                        element("button", kind("quiet"), attribute("type", "submit"), "Take it back")));
    }

    /** A run that this visitor made, and nobody else's. */
    private static Optional<Long> run(Request request) {
        return request.get("edited")
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::valueOf)
                .filter(request.visitor().edits()::contains);
    }

    private Response undo(Request request) throws Exception {
        long run = run(request)
                .orElseThrow(() -> Failure.usage(
                        "this browser made no such change",
                        "take back one of somebody else with: avdaily-integrity fix --undo RUN"));
        try (Database db = writing.open()) {
            RowEdit.undo(db, run);
        }
        request.visitor().edits().remove(run);
        return Response.redirect(Link.to("operations"));
    }
}
