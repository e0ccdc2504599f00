package avdaily.integrity;

import avdaily.base.Format;
import avdaily.base.Visible;
import avdaily.db.Database;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * The report as JUnit's XML, which CI servers show: a suite a category, a test case a rule. What was not checked is
 * skipped or an error there too.
 */
public final class JunitReport {
    public static String of(Database db, CheckReport checkup, Rule.Severity failOn) throws XMLStreamException {
        StringWriter text = new StringWriter();
        XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeStartElement("testsuites");
        xml.writeAttribute("name", Visible.line("integrity of " + db.name()));
        for (Rule.Category category : Rule.Category.values())
            suite(
                    xml,
                    category,
                    checkup.here().outcomes().stream()
                            .filter(outcome -> outcome.rule().category() == category)
                            .toList(),
                    failOn);
        xml.writeEndElement();
        xml.writeEndDocument();
        return text.toString() + "\n";
    }

    private static void suite(
            XMLStreamWriter xml, Rule.Category category, List<RuleResult> outcomes, Rule.Severity failOn)
            throws XMLStreamException {
        if (outcomes.isEmpty()) return;
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", category.toString());
        xml.writeAttribute("tests", String.valueOf(outcomes.size()));
        xml.writeAttribute(
                "failures",
                String.valueOf(outcomes.stream()
                        .filter(outcome -> fails(outcome, failOn))
                        .count()));
        xml.writeAttribute(
                "errors",
                String.valueOf(outcomes.stream()
                        .filter(outcome -> outcome.is(RuleResult.Kind.ERROR))
                        .count()));
        xml.writeAttribute(
                "skipped",
                String.valueOf(outcomes.stream()
                        .filter(outcome -> outcome.is(RuleResult.Kind.SKIPPED))
                        .count()));
        for (RuleResult outcome : outcomes) {
            xml.writeStartElement("testcase");
            xml.writeAttribute("classname", "integrity." + category);
            xml.writeAttribute(
                    "name",
                    Visible.line(outcome.rule().id() + " " + outcome.rule().means()));
            xml.writeAttribute(
                    "time", String.format(Locale.ROOT, "%.3f", outcome.took().toMillis() / 1000.0));
            switch (outcome.kind()) {
                case FINDINGS -> {
                    String words = outcome.rule().severity() + ": " + Format.count(outcome.count(), "finding");
                    element(
                            xml,
                            fails(outcome, failOn) ? "failure" : "system-out",
                            words,
                            outcome.keys().stream().map(Visible::line).collect(Collectors.joining("\n")));
                }
                case ERROR -> element(xml, "error", outcome.reason(), "");
                case SKIPPED -> element(xml, "skipped", outcome.reason(), "");
                default -> {}
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static boolean fails(RuleResult outcome, Rule.Severity failOn) {
        return outcome.is(RuleResult.Kind.FINDINGS) && outcome.rule().severity().compareTo(failOn) <= 0;
    }

    private static void element(XMLStreamWriter xml, String name, String message, String body)
            throws XMLStreamException {
        xml.writeStartElement(name);
        if (!name.equals("system-out")) xml.writeAttribute("message", Visible.line(message));
        xml.writeCharacters(name.equals("system-out") ? Visible.line(message) + "\n" + body : body);
        xml.writeEndElement();
    }

    private JunitReport() {}
}
