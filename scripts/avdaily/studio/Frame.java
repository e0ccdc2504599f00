package avdaily.studio;

import static avdaily.studio.Html.attribute;
import static avdaily.studio.Html.element;
import static avdaily.studio.Html.kind;

import avdaily.base.Failure;
import java.util.List;

/**
 * What stands around every page: the database that it is about, and the way to the other pages.
 *
 * @param environment decides the colour, so that production is not taken for another one
 */
record Frame(String database, String host, String environment, Access access) {
    private record Tab(String page, String name) {}

    private static final List<Tab> TABS = List.of(
            new Tab("", "Overview"),
            new Tab("schema", "Schema"),
            new Tab("diagram", "Diagram"),
            new Tab("data", "Data"),
            new Tab("query", "Query"),
            new Tab("operations", "Operations"));

    /** @param tab the page of the tab that this one belongs to */
    Html page(String tab, String title, Object... content) {
        return document(
                title + " · " + database,
                element("a", kind("skip"), attribute("href", Link.toPlace("main")), "Skip to the content"),
                element(
                        "header",
                        kind("top"),
                        element(
                                "div",
                                kind("where"),
                                element("strong", database),
                                element("span", kind("badge env " + environment), environment),
                                element("span", kind("host"), host)),
                        navigation(tab)),
                element("main", attribute("id", "main"), element("h1", title), Html.all(content)),
                element("footer", "AV-Daily database toolkit. " + access.footer));
    }

    private static Html navigation(String tab) {
        return element(
                "nav",
                attribute("aria-label", "Pages"),
                element(
                        "ul",
                        TABS.stream()
                                .map(each -> element(
                                        "li",
                                        element(
                                                "a",
                                                attribute("href", Link.to(each.page)),
                                                attribute("aria-current", each.page.equals(tab) ? "page" : null),
                                                each.name)))
                                .toList()));
    }

    /** The two lines of an error. */
    Html failure(Failure failure) {
        return page(
                "none",
                "That did not work",
                element(
                        "div",
                        kind("notice critical"),
                        attribute("role", "alert"),
                        element("p", failure.getMessage()),
                        element("p", element("strong", "Go on: "), failure.next)));
    }

    /** A page for whoever was not let in: it says nothing of the database. */
    static Html alone(String title, String text) {
        return document(title, element("main", element("h1", title), element("p", text)));
    }

    static Html leading(String title, Link to) {
        return element(
                "html",
                attribute("lang", "en"),
                element(
                        "head",
                        element("meta", attribute("charset", "utf-8")),
                        element(
                                "meta",
                                attribute("http-equiv", "refresh"),
                                attribute("content", "0;url=" + to.address())),
                        element("title", title),
                        element("link", attribute("rel", "icon"), attribute("href", Link.to("icon.svg")))),
                element("body", element("main", element("h1", title), element("p", Html.link(to, "Go on")))));
    }

    private static Html document(String title, Object... body) {
        return element(
                "html",
                attribute("lang", "en"),
                element(
                        "head",
                        element("meta", attribute("charset", "utf-8")),
                        element(
                                "meta",
                                attribute("name", "viewport"),
                                attribute("content", "width=device-width, initial-scale=1")),
                        element("title", title),
                        element("link", attribute("rel", "stylesheet"), attribute("href", Link.to("studio.css"))),
                        element("link", attribute("rel", "icon"), attribute("href", Link.to("icon.svg"))),
                        element("script", attribute("src", Link.to("studio.js")), attribute("defer", true))),
                element("body", body));
    }
}
