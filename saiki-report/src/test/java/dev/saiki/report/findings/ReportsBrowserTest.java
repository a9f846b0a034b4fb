package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.report.HtmlReport;
import dev.saiki.report.Language;
import dev.saiki.testkit.Chromium;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole reports in a real browser: a pilot's with speeds and an audit, and a study's with early exits.
/// Pictures are written to `target/pages`, for people to look at.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportsBrowserTest {

    private static final int HEIGHT = 900;

    private Chromium browser;
    private Path folder;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        folder = temporary;
        browser = Chromium.start(folder.resolve("profile"));
    }

    @AfterAll
    void stop() {
        browser.close();
    }

    static Stream<Arguments> looks() {
        List<Arguments> looks = new ArrayList<>();
        for (String report : List.of("pilot", "study")) {
            for (Language language : Language.values()) {
                for (int width : new int[] {360, 1440}) {
                    looks.add(Arguments.of(report, language, width, false));
                    looks.add(Arguments.of(report, language, width, true));
                }
            }
        }
        return looks.stream();
    }

    private static Findings findings(String report) {
        if (report.equals("pilot")) {
            Findings pilot = SamplePilot.with(-0.04, 0.01);
            return pilot.with(
                    pilot.examples().passage(),
                    List.of(),
                    new Findings.Attachments(
                            List.of(
                                    SampleFindings.speed("vanilla", 100, 90, 110),
                                    SampleFindings.speed("MoR-2", 130, 120, 140)),
                            List.of(),
                            List.of(AuditSectionsTest.audit()),
                            List.of()));
        }
        return SampleFindings.study(SampleFindings.withExits(
                SampleFindings.results(3, -0.04, 0.01),
                SampleFindings.equalCost("mor", "small", true, -0.07, 0.01),
                SampleFindings.equalCost("mor", "large", true, -0.04, 0.01),
                SampleFindings.equalCost("mor", "large", false, 0.02, 0.03),
                SampleFindings.apart("mor", "large", true, 6e6),
                SampleFindings.equalCost("random", "large", true, 0.04, 0.05),
                SampleFindings.apart("random", "large", true, 15e6)));
    }

    /// The texts of words in charts that exceed their frame or overlap.
    private static final String ILLEGIBLE = """
        Array.from(document.querySelectorAll(".charts svg[role=img]")).flatMap((svg) => {
          const frame = svg.getBoundingClientRect();
          const texts = Array.from(svg.querySelectorAll("text"), (one) => [one.textContent, one.getBoundingClientRect()]);
          const cut = texts.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(([text]) => "cut: " + text);
          const apart = (one, other) => one.right <= other.left + 1 || other.right <= one.left + 1
            || one.bottom <= other.top + 1 || other.bottom <= one.top + 1;
          const covered = texts.flatMap(([text, box], index) => texts.slice(index + 1)
            .filter(([, other]) => !apart(box, other)).map(([other]) => text + " on " + other));
          return [...cut, ...covered];
        })\
        """;

    private double number(String expression) {
        return browser.evaluate(expression).asDouble();
    }

    @ParameterizedTest
    @MethodSource("looks")
    void everyReportIsWholeQuietAndReadable(String report, Language language, int width, boolean dark)
            throws IOException, InterruptedException {
        Path file = Files.writeString(
                folder.resolve(report + "-" + language.tag() + ".html"),
                HtmlReport.write(FindingsReport.of(findings(report), new ReportOptions(language, 1.5))));
        browser.open(file.toUri(), width, HEIGHT, dark);
        browser.picture(Path.of(
                "target", "pages", report + "-" + language.tag() + "-" + width + (dark ? "-dark" : "-light") + ".png"));
        assertThat(browser.problems()).isEmpty();
        assertThat(browser.events("Network.requestWillBeSent"))
                .extracting(request -> request.path("request").path("url").asString())
                .containsOnly(file.toUri().toString());
        assertThat(number("document.documentElement.scrollWidth")).isEqualTo(width);
        assertThat(browser.evaluate(ILLEGIBLE)).isEmpty();
        assertThat(browser.evaluate(
                        "Array.from(document.querySelectorAll('.charts figure'), (one) => one.clientWidth)"))
                .allSatisfy(chart -> assertThat(chart.asInt()).isLessThan(800));
        assertThat(browser.evaluate("Array.from(document.querySelectorAll('.bars'),"
                        + " (one) => one.scrollWidth <= one.parentElement.clientWidth)"))
                .isNotEmpty()
                .allSatisfy(fits -> assertThat(fits.asBoolean()).isTrue());
        if (language == Language.JAPANESE) {
            assertThat(browser.fonts(".points")).anyMatch(name -> name.contains("CJK"));
            assertThat(browser.undrawn()).isEmpty();
        }
        assertThat(number("document.querySelectorAll('.charts figure > svg').length"))
                .isEqualTo(report.equals("pilot") ? 7 : 4);
    }
}
