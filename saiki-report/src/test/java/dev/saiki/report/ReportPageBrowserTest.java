package dev.saiki.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.Chromium;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// The page in a real browser. Pictures are written to `target/pages`, for people to look at.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportPageBrowserTest {

    private static final int NARROW = 360;
    private static final int WIDE = 1440;
    private static final int HEIGHT = 900;
    private static final int TAB = 9;
    private static final int RIGHT = 39;

    private static final String TEXT =
            "<b>text</b> & 再帰する文章。https://long.example/" + "unbroken".repeat(6) + " and some more words to wrap";

    /// An A4 sheet with margins of one centimetre.
    private static final int SHEET = 718;

    /// Elements that do not show; left out is what only a screen has a use for, and what charts say to screen
    /// readers.
    private static final String HIDDEN = """
            Array.from(document.querySelectorAll("body *"))
              .filter((one) => !one.closest("script, nav, .inputs, .detail-panel, title, desc"))
              .filter((one) => !one.checkVisibility({ contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true }))
              .map((one) => one.outerHTML.slice(0, 80))""";

    /// Elements that exceed the sheet; charts are cut at their frames.
    private static final String WIDER = """
            Array.from(document.querySelectorAll("body :not(svg *)"))
              .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
              .map((one) => one.outerHTML.slice(0, 80))""";

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
        for (Language language : Language.values()) {
            for (int width : new int[] {NARROW, WIDE}) {
                looks.add(Arguments.of(language, width, false));
                looks.add(Arguments.of(language, width, true));
            }
        }
        return looks.stream();
    }

    private Path page(Language language, String text) throws IOException {
        Path file = folder.resolve("page-" + language.tag() + ".html");
        return Files.writeString(file, HtmlReport.write(SampleReport.with(language, text, 3)));
    }

    private void open(Language language, int width, boolean dark) throws IOException, InterruptedException {
        browser.open(page(language, TEXT).toUri(), width, HEIGHT, dark);
    }

    private double number(String expression) {
        return browser.evaluate(expression).asDouble();
    }

    private String text(String selector) {
        return browser.evaluate("document.querySelector('" + selector + "').innerText")
                .asString();
    }

    @ParameterizedTest
    @MethodSource("looks")
    void thePageIsWholeQuietAndAsWideAsItsWindow(Language language, int width, boolean dark)
            throws IOException, InterruptedException {
        open(language, width, dark);
        assertThat(browser.evaluate("document.documentElement.lang").asString()).isEqualTo(language.tag());
        assertThat(number("document.documentElement.scrollWidth")).isEqualTo(width);
        assertThat(number("innerWidth")).isEqualTo(width);
        assertThat(browser.problems()).isEmpty();
        assertThat(browser.events("Network.requestWillBeSent"))
                .extracting(request -> request.path("request").path("url").asString())
                .containsOnly(page(language, TEXT).toUri().toString());
        assertThat(browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
                        .asBoolean())
                .isEqualTo(dark);
        browser.picture(
                Path.of("target", "pages", language.tag() + "-" + width + (dark ? "-dark" : "-light") + ".png"));
    }

    @Test
    void everyChartIsDrawnWithinItsFrame() throws IOException, InterruptedException {
        open(Language.ENGLISH, WIDE, false);
        JsonNode charts = browser.evaluate("""
                Array.from(document.querySelectorAll(".charts figure > svg")).map((svg) => {
                  const frame = svg.getBoundingClientRect();
                  const markers = Array.from(svg.querySelectorAll(".marker > :not(title)"), (one) => one.getBoundingClientRect());
                  return { width: frame.width, markers: markers.length, inside: markers.every((one) =>
                    one.width > 0 && one.left >= frame.left && one.right <= frame.right && one.top >= frame.top && one.bottom <= frame.bottom) };
                })""");
        assertThat(charts).hasSize(3).allSatisfy(chart -> {
            assertThat(chart.path("width").asDouble()).isGreaterThan(300);
            assertThat(chart.path("markers").asInt()).isGreaterThanOrEqualTo(3);
            assertThat(chart.path("inside").asBoolean()).isTrue();
        });
    }

    @Test
    void japaneseIsDrawnWithJapaneseLetters() throws IOException, InterruptedException {
        open(Language.JAPANESE, WIDE, false);
        assertThat(browser.fonts(".passage + .detail-panel p"))
                .anyMatch(name -> name.matches(".*(CJK|Gothic|Hiragino|Meiryo|Noto Sans JP|IPA|VL|Takao).*"));
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void everyCharacterIsInAFont(Language language) throws IOException, InterruptedException {
        open(language, WIDE, false);
        assertThat(browser.undrawn()).isEmpty();
    }

    @Test
    void aCharacterThatNoFontHasIsNoticed() throws IOException, InterruptedException {
        // U+0378 has never been assigned to a character.
        browser.open(page(Language.JAPANESE, "再帰\u0378する").toUri(), WIDE, HEIGHT, false);
        assertThat(browser.undrawn()).containsExactly("\u0378");
    }

    @ParameterizedTest
    @CsvSource({"ENGLISH, false", "ENGLISH, true", "JAPANESE, false", "JAPANESE, true"})
    void onPaperThePageIsLightOpenAndNoWiderThanTheSheet(Language language, boolean dark)
            throws IOException, InterruptedException {
        open(language, WIDE, dark);
        browser.layOutForPaper(SHEET, dark);
        assertThat(browser.evaluate(HIDDEN)).isEmpty();
        assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor")
                        .asString())
                .isEqualTo("rgb(252, 252, 250)");
        assertThat(browser.evaluate("getComputedStyle(document.body).color").asString())
                .isEqualTo("rgb(28, 29, 33)");
        assertThat(browser.evaluate(WIDER)).isEmpty();
        assertThat(number("document.documentElement.scrollWidth")).isEqualTo(SHEET);
        Path folder = Path.of("target", "pages");
        browser.picture(folder.resolve("paper-" + language.tag() + (dark ? "-dark" : "-light") + ".png"));
        Path printed = folder.resolve("paper-" + language.tag() + ".pdf");
        browser.print(printed);
        assertThat(Files.readString(printed, StandardCharsets.ISO_8859_1)).startsWith("%PDF-");
    }

    @Test
    void pointingTappingAndArrowKeysTellWhatEachRecursionWouldHaveSaid() throws IOException, InterruptedException {
        browser.open(page(Language.ENGLISH, "word").toUri(), NARROW, HEIGHT, false);
        number("document.querySelector('.passage').scrollIntoView(), 1");
        number("document.querySelector('.passage').focus(), 1");
        browser.press("ArrowRight", RIGHT);
        assertThat(text(".detail-panel"))
                .startsWith("Token 2/40 word")
                .contains("predicted next at depth 1: “word” 25.0 %")
                .contains("predicted next at depth 2: “word↵” 50.0 %")
                .contains("next in the text: “word”");
        JsonNode place = browser.evaluate("""
                (() => { const box = document.querySelectorAll(".passage span")[5].getClientRects()[0];
                  return { x: box.left + box.width / 2, y: box.top + box.height / 2 }; })()""");
        browser.click(place.path("x").asDouble(), place.path("y").asDouble());
        assertThat(text(".detail-panel")).startsWith("Token 6/40 word");
    }

    @Test
    void pricesAreReckonedAsInTheFile() throws IOException, InterruptedException {
        open(Language.ENGLISH, WIDE, false);
        String cells =
                "Array.from(document.querySelectorAll('.costs [data-out]'), (cell) => cell.textContent).join('|')";
        String written = browser.evaluate(cells).asString();
        number("document.querySelector('.inputs').dispatchEvent(new Event('input')), 1");
        assertThat(browser.evaluate(cells).asString()).isEqualTo(written).contains("5.56 (5.05 to 6.17)");
        number(
                "document.querySelector('[name=price]').value = '4', document.querySelector('[name=elsewhere]').value = '50',"
                        + " document.querySelector('.inputs').dispatchEvent(new Event('input')), 1");
        // 100 s of training; a token costs 4 / 3600 / 100 here and 50 / 1,000,000 elsewhere.
        assertThat(browser.evaluate(cells).asString())
                .contains("11.1 (10.1 to 12.3)")
                .contains("after 2.86 k tokens");
        assertThat(text(".at-price")).startsWith("At 4.00 per machine hour and 256 tokens");
    }

    @Test
    void memoryIsReckonedForTheTokensThatAreHeld() throws IOException, InterruptedException {
        open(Language.ENGLISH, WIDE, false);
        assertThat(column("user")).containsExactly("1.00 MiB", "0.500 MiB", "0.500 MiB", "0.500 MiB");
        assertThat(column("users")).containsExactly("1024", "2048", "2048", "2048");
        List<String> prices = column("million");
        number("document.querySelector('[name=held]').value = '1000',"
                + " document.querySelector('.inputs').dispatchEvent(new Event('input')), 1");
        // 4,096 and 2,048 bytes for each of 1,000 tokens, of 2^20 bytes; 2^30 over 4,096,000 and over 2,048,000.
        assertThat(column("user")).containsExactly("3.91 MiB", "1.95 MiB", "1.95 MiB", "1.95 MiB");
        assertThat(column("users")).containsExactly("262", "524", "524", "524");
        assertThat(column("million")).isEqualTo(prices);
        assertThat(text(".at-price")).startsWith("At 2.00 per machine hour and 1000 tokens");
    }

    private List<String> column(String name) {
        List<String> cells = new ArrayList<>();
        browser.evaluate("Array.from(document.querySelectorAll('.costs [data-out=" + name
                        + "]'), (cell) => cell.textContent)")
                .forEach(cell -> cells.add(cell.asString()));
        return cells;
    }

    @Test
    void withoutScriptsThePageKeepsItsFiguresAndHidesItsFields() throws IOException, InterruptedException {
        browser.setScripts(false);
        try {
            open(Language.ENGLISH, WIDE, false);
        } finally {
            browser.setScripts(true);
        }
        assertThat(browser.evaluate("getComputedStyle(document.querySelector('.inputs')).display")
                        .asString())
                .isEqualTo("none");
        assertThat(text(".at-price")).startsWith("At 2.00 per machine hour");
        assertThat(text(".costs")).contains("5.56 (5.05 to 6.17)");
        assertThat(browser.evaluate("document.querySelector('.passage span').title")
                        .asString())
                .startsWith("depth ");
    }

    @Test
    void tabGoesThroughEverythingThatCanBeUsedInOrder() throws IOException, InterruptedException {
        open(Language.ENGLISH, WIDE, false);
        List<Integer> order = new ArrayList<>();
        String focusable =
                "Array.from(document.querySelectorAll('a, [tabindex], summary, input')).filter((one) => one.checkVisibility())";
        int count = (int) number(focusable + ".length");
        for (int i = 0; i < count; i++) {
            browser.press("Tab", TAB);
            order.add((int) number(focusable + ".indexOf(document.activeElement)"));
            assertThat(browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                            .asString())
                    .isEqualTo("solid");
        }
        assertThat(order)
                .isSorted()
                .doesNotHaveDuplicates()
                .hasSize(count)
                .first()
                .isEqualTo(0);
    }
}
