package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Format;
import avdaily.base.Json;
import avdaily.seed.MaskedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the values of a table are shown.
 *
 * @param masks what hides who somebody is; nothing if the visitor asked to see it
 * @param longest how much of a value is shown
 */
record Cells(
        Relation relation, List<Column> columns, List<Reference> references, Optional<MaskedTable> masks, int longest) {
    /** Of a value, beyond what is shown, as far as a mask looks for the end of what it hides. */
    static final int BEYOND = 4000;

    /** How much of a value is read; one that is longer is cut there. */
    int mostRead() {
        return longest + BEYOND;
    }

    /** The value as it may be seen. What is cut off may be the half by which a mask knows what stands before it. */
    String text(Column column, String value) {
        if (value == null) return null;
        String seen = masks.map(masks -> masks.masked(column.name(), value)).orElse(value);
        boolean isCut = masks.isPresent() && value.length() > mostRead();
        int most = isCut ? Math.max(0, Math.min(longest, seen.length() - BEYOND)) : longest;
        return Format.within(seen, most + 1, "…");
    }

    /** Whether the whole value is seen as it is, so that a condition on it or an address with it tells no more. */
    boolean isOpen(Column column, String value) {
        if (masks.isEmpty() || value == null) return true;
        return value.length() <= mostRead() && !column.isBytes() && masks.get().isOpen(column.name(), value);
    }

    boolean isHidden(Column column) {
        return masks.isPresent() && masks.get().isPersonal(column.name());
    }

    boolean mayHide(Column column) {
        return masks.isPresent() && masks.get().mayHide(column.name());
    }

    Html html(int place, List<String> row) {
        Column column = columns.get(place);
        String value = row.get(place);
        if (!column.isReadable()) return element("span", kind("null"), "not yours to see");
        if (value == null) return element("span", kind("null"), "null");
        String text = text(column, value);
        Html shown = element(
                "span",
                attribute("class", isHidden(column) ? "cell masked" : "cell"),
                column.isJson() ? indented(text) : text);
        return references.stream()
                .filter(reference -> reference.from().is(relation)
                        && reference
                                .columns()
                                .get(reference.columns().size() - 1)
                                .equals(column.name()))
                .findFirst()
                .flatMap(reference -> target(reference, row))
                .map(link -> Html.link(link, shown))
                .orElse(shown);
    }

    private Object indented(String text) {
        if (longest < DataPage.LONGEST_ALONE) return text;
        try {
            return Json.page(Json.tree(text));
        } catch (RuntimeException cut) {
            return text;
        }
    }

    /** The row that a reference leads to. */
    private Optional<Link> target(Reference reference, List<String> row) {
        Optional<List<String>> values = values(reference.columns(), row);
        Link rows = Link.toTable("row", reference.to().schema(), reference.to().name());
        return values.map(found -> Filter.equal(rows, reference.keys(), found));
    }

    /** The rows that refer to a row by a reference. */
    Optional<Link> referrers(Reference reference, List<String> row) {
        Link rows =
                Link.toTable("data", reference.from().schema(), reference.from().name());
        return values(reference.keys(), row).map(found -> Filter.equal(rows, reference.columns(), found));
    }

    /** The row by its key, if it has one that may stand in an address. */
    Optional<Link> alone(List<String> row) {
        List<String> key =
                columns.stream().filter(Column::isKey).map(Column::name).toList();
        if (key.isEmpty() || key.size() > Filter.MOST) return Optional.empty();
        return values(key, row)
                .map(found -> Filter.equal(Link.toTable("row", relation.schema(), relation.name()), key, found));
    }

    private Optional<List<String>> values(List<String> names, List<String> row) {
        if (names.size() > Filter.MOST) return Optional.empty();
        List<String> values = new ArrayList<>();
        for (String name : names) {
            for (int i = 0; i < columns.size(); i++)
                if (columns.get(i).name().equals(name)
                        && row.get(i) != null
                        && row.get(i).length() <= longest
                        && isOpen(columns.get(i), row.get(i))
                        && !columns.get(i).isBytes()) values.add(row.get(i));
        }
        return values.size() == names.size() ? Optional.of(values) : Optional.empty();
    }
}
