package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import java.util.ArrayList;
import java.util.List;

/** A table of a page: its caption says what it shows, its heads say of what, and it scrolls by itself if it is wide. */
final class Grid {
    private record Head(Object name, boolean isNumber) {}

    private final String caption;
    private final List<Head> heads = new ArrayList<>();
    private final List<Html> rows = new ArrayList<>();

    Grid(String caption, String... heads) {
        this.caption = caption;
        for (String head : heads) text(head);
    }

    /** Adds a column of texts. */
    Grid text(Object name) {
        heads.add(new Head(name, false));
        return this;
    }

    /** Adds a column of numbers. */
    Grid number(Object name) {
        heads.add(new Head(name, true));
        return this;
    }

    /** Adds a row; its first cell is its head. */
    Grid row(Object... cells) {
        List<Html> row = new ArrayList<>();
        for (int i = 0; i < cells.length; i++)
            row.add(
                    i == 0
                            ? element("th", attribute("scope", "row"), numeric(i), cells[i])
                            : element("td", numeric(i), cells[i]));
        rows.add(element("tr", row));
        return this;
    }

    private Html.Attribute numeric(int column) {
        return attribute("class", heads.get(column).isNumber ? "number" : null);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** @param otherwise what is said if there is no row */
    Html or(String otherwise) {
        if (rows.isEmpty()) return element("p", kind("nothing"), otherwise);
        return html();
    }

    Html html() {
        List<Html> titles = new ArrayList<>();
        for (int i = 0; i < heads.size(); i++)
            titles.add(element("th", attribute("scope", "col"), numeric(i), heads.get(i).name));
        return element(
                "div",
                kind("scroll"),
                attribute("role", "region"),
                attribute("aria-label", caption),
                attribute("tabindex", "0"),
                element(
                        "table",
                        element("caption", caption),
                        element("thead", element("tr", titles)),
                        element("tbody", rows)));
    }
}
