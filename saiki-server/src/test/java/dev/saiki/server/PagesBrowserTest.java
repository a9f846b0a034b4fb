package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.settings.ApiKeys;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.Chromium;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The pages in a real browser, with a real server and model behind them. Pictures are left in `target/pages`, to be
/// looked at.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesBrowserTest {

    private static final int NARROW = 360;
    private static final int WIDE = 1440;
    private static final int HEIGHT = 900;
    private static final int TAB = 9;
    private static final int ENTER = 13;
    private static final int SPACE = 32;
    private static final int RIGHT = 39;
    private static final int CTRL = 2;
    private static final String ATTACK =
            "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'"
                    + "</script>&lt;b&gt; ${1} \" ' </textarea>";

    private Chromium browser;
    private TestServer server;
    private Path folder;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        folder = temporary;
        server = TestServer.in(
                folder, 1024, EngineOptions.builder().threads(1).build(), options -> options.audit(audit(folder)));
        browser = Chromium.start(folder.resolve("profile"));
    }

    @AfterAll
    void stop() {
        browser.close();
        server.close();
    }

    private static AuditOptions audit(Path folder) {
        return AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
    }

    private static URI page(TestServer of, String name) {
        return URI.create("http://127.0.0.1:" + of.port() + "/ui/" + name);
    }

    /// Whether a page says so; one that gives way to the next page while it is asked says nothing.
    private boolean isTrue(String condition) {
        try {
            return browser.evaluate(condition).asBoolean();
        } catch (IllegalStateException leaving) {
            if (String.valueOf(leaving.getMessage()).contains("navigated or closed")) {
                return false;
            }
            throw leaving;
        }
    }

    private void open(String name, int width, boolean dark) throws InterruptedException {
        browser.open(page(server, name), width, HEIGHT, dark);
        await("document.getElementById('model').textContent !== ''");
    }

    /// Waits until the page says so.
    private void await(String condition) throws InterruptedException {
        for (int tries = 0; tries < 600; tries++) {
            if (isTrue(condition)) {
                return;
            }
            Thread.sleep(25);
        }
        throw new AssertionError(condition + " did not come true on a page that says: "
                + browser.evaluate("document.body.innerText") + " " + browser.problems());
    }

    private String text(String selector) {
        return browser.evaluate("document.querySelector(" + quoted(selector) + ").innerText")
                .asString();
    }

    private double number(String expression) {
        return browser.evaluate(expression).asDouble();
    }

    private static String quoted(String text) {
        return "`" + text.replace("\\", "\\\\").replace("`", "\\`").replace("$", "\\$") + "`";
    }

    private void click(String selector) {
        JsonNode place = browser.evaluate("(() => { const one = document.querySelector(" + quoted(selector)
                + "); one.scrollIntoView({block: 'center'}); const box = one.getBoundingClientRect();"
                + " return [box.left + Math.min(box.width, 40) / 2, box.top + Math.min(box.height, 24) / 2]; })()");
        browser.click(place.get(0).asDouble(), place.get(1).asDouble());
    }

    private void fill(String selector, String text) {
        browser.evaluate("document.querySelector(" + quoted(selector) + ").select(), 1");
        browser.evaluate("document.querySelector(" + quoted(selector) + ").focus(), 1");
        browser.type(text);
    }

    private void inspect(String text, int written) throws InterruptedException {
        fill("#prompt", text);
        fill("#written", Integer.toString(written));
        click("#inspect");
        await("!document.getElementById('result').hidden && document.getElementById('working').textContent === ''");
    }

    private void picture(String name) throws IOException {
        browser.picture(Path.of("target", "pages", name + ".png"));
    }

    /// Nothing complained, and nothing was asked of anyone but the server.
    private void assertQuiet() {
        assertThat(browser.problems()).isEmpty();
        assertThat(browser.events("Network.requestWillBeSent"))
                .extracting(request -> request.path("request").path("url").asString())
                .isNotEmpty()
                // A picture that stands in a style sheet is asked of nobody.
                .filteredOn(url -> !url.startsWith("data:"))
                .allMatch(url -> url.startsWith("http://127.0.0.1:" + server.port() + "/"));
    }

    static Stream<Arguments> looks() {
        List<Arguments> looks = new ArrayList<>();
        for (String name : List.of("dashboard", "inspector", "chat", "audit")) {
            for (int width : new int[] {NARROW, WIDE}) {
                looks.add(Arguments.of(name, width, false));
                looks.add(Arguments.of(name, width, true));
            }
        }
        return looks.stream();
    }

    @ParameterizedTest
    @MethodSource("looks")
    void everyPageIsWholeQuietAndAsWideAsItsWindow(String name, int width, boolean dark)
            throws IOException, InterruptedException {
        open(name, width, dark);
        use(name);
        assertThat(number("document.documentElement.scrollWidth")).isEqualTo(width);
        assertThat(number("innerWidth")).isEqualTo(width);
        assertThat(browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
                        .asBoolean())
                .isEqualTo(dark);
        assertQuiet();
        picture(name + "-" + width + (dark ? "-dark" : "-light"));
    }

    static Stream<Arguments> japaneseLooks() {
        return Stream.of("dashboard", "inspector", "chat", "audit")
                .flatMap(name -> Stream.of(Arguments.of(name, NARROW), Arguments.of(name, WIDE)));
    }

    @ParameterizedTest
    @MethodSource("japaneseLooks")
    void everyPageIsWholeAndQuietInJapaneseToo(String name, int width) throws IOException, InterruptedException {
        open(name + "?lang=ja", width, false);
        use(name);
        assertThat(browser.evaluate("document.documentElement.lang").asString()).isEqualTo("ja");
        assertThat(number("document.documentElement.scrollWidth")).isEqualTo(width);
        assertThat(browser.fonts("main"))
                .anyMatch(font -> font.matches(".*(CJK|Gothic|Hiragino|Meiryo|Noto Sans JP|IPA|VL|Takao).*"));
        assertThat(browser.evaluate("Array.from(document.querySelectorAll('h1, h2, h3, h4, label, button, .lead,"
                        + " dt, figcaption, thead th, summary'), (one) => one.textContent.trim()).filter((text) =>"
                        + " text !== '' && !/[\\u3040-\\u30ff\\u4e00-\\u9fff]/.test(text) && !/^[\\d ]*$/.test(text))"))
                .isEmpty();
        assertThat(browser.evaluate("document.body.innerText").asString()).doesNotContain("undefined");
        // Heads of columns are not broken between letters.
        assertThat(browser.evaluate("Array.from(document.querySelectorAll('thead th')).filter((one) =>"
                        + " one.checkVisibility() && one.clientHeight > 45).map((one) => one.textContent)"))
                .isEmpty();
        assertQuiet();
        picture(name + "-ja-" + width);
        browser.evaluate("document.querySelector('nav a[aria-current]').click(), 1");
        await("location.search === '?lang=ja' && document.readyState === 'complete'");
    }

    @Test
    void buttonsBesideAndBelowEachOtherStandApart() throws InterruptedException {
        open("chat", NARROW, false);
        assertThat(browser.evaluate("""
                (() => { const boxes = Array.from(document.querySelectorAll(".controls button"), (one) => one.getBoundingClientRect());
                  return boxes.flatMap((box, index) => boxes.slice(index + 1).filter((other) =>
                    box.left - 4 < other.right && other.left - 4 < box.right && box.top - 4 < other.bottom && other.top - 4 < box.bottom)).length; })()""").asInt()).isZero();
    }

    @Test
    void statusesThatNobodyGotAreNotListed() throws InterruptedException {
        server.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":-1}").isRefused("max_tokens", "at least 0");
        open("dashboard", WIDE, false);
        await("/[1-9]\\d* × 400/.test(document.getElementById('figures').textContent)");
        assertThat(text("#figures")).doesNotContain("0 × 429");
    }

    @Test
    void aWrongKeyIsToldToBeOneAndCanBeReplaced(@TempDir Path other) throws InterruptedException {
        try (TestServer locked = TestServer.in(
                other,
                256,
                EngineOptions.builder().threads(1).build(),
                options -> options.apiKeys(ApiKeys.parse(List.of("tester " + "0".repeat(64) + " operator"), "test")))) {
            for (String language : List.of("en", "ja")) {
                browser.open(page(locked, "chat?lang=" + language), NARROW, HEIGHT, false);
                await("!document.getElementById('problem').hidden");
                fill("#key", "not-the-key");
                browser.press("Enter", ENTER);
                String advice = language.equals("en") ? "Type it in at the top" : "ページの上部に入力してください";
                await("document.getElementById('problem').textContent.includes(" + quoted(advice) + ")");
                assertThat(text("#model")).isEmpty();
                assertThat(number("document.documentElement.scrollWidth")).isEqualTo(NARROW);
            }
        }
    }

    /// Does with a page what it is there for.
    private void use(String name) throws InterruptedException {
        switch (name) {
            case "inspector" -> inspect("the whale and the captain, the sea, the ship and the whale", 20);
            case "chat" -> {
                fill("#message", "the whale and the sea");
                browser.press("Enter", ENTER, CTRL);
                await("document.querySelector('.cost') !== null");
            }
            case "audit" -> {
                server.post("/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":20}")
                        .succeeds();
                showRecordsUntil("document.querySelectorAll('#records tbody tr').length > 0");
            }
            default -> {
                for (int i = 0; i < 3; i++) {
                    server.post("/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":200}")
                            .succeeds();
                    double looks = number("document.querySelectorAll('#figures > div').length");
                    assertThat(looks).isIn(0.0, 7.0);
                    Thread.sleep(2100);
                }
            }
        }
    }

    /// Records are there soon after the answer, not with it.
    private void showRecordsUntil(String condition) throws InterruptedException {
        for (int tries = 0; tries < 100 && !browser.evaluate(condition).asBoolean(); tries++) {
            click("#filter button");
            Thread.sleep(100);
        }
        await(condition);
    }

    @Test
    void theAuditTellsWhatWasAskedAndWhatItCost(@TempDir Path other) throws InterruptedException {
        try (TestServer audited = TestServer.in(
                other, 256, EngineOptions.builder().threads(1).build(), options -> options.audit(audit(other)))) {
            JsonNode usage = audited.post(
                            "/v1/completions",
                            "{\"prompt\":\"the whale\",\"max_tokens\":20}",
                            "X-Request-Id",
                            "<img/src=x>")
                    .succeeds()
                    .get("usage");
            audited.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":-1}")
                    .isRefused("max_tokens", "at least 0");
            browser.open(page(audited, "audit"), WIDE, HEIGHT, false);
            showRecordsUntil("document.querySelectorAll('#records tbody tr').length === 2");
            assertThat(text("#count")).isEqualTo("2 requests, newest first.");
            assertThat(text("#records tbody tr:first-child"))
                    .contains("/v1/completions", "400", "invalid_request_error");
            assertThat(text("#records tbody tr:last-child"))
                    .contains("200", "length")
                    .contains(usage.get("completion_tokens").toString())
                    .contains(String.format("%.2f", usage.at("/recursions/mean").doubleValue()));
            click("#records tbody tr:last-child summary");
            await("document.querySelector('#records pre') !== null");
            assertThat(text("#records pre")).contains("<img/src=x>", "tokens_at_depth");
            assertThat(number("document.querySelectorAll('img').length")).isZero();
            fill("#status", "400");
            browser.press("Enter", ENTER);
            await("document.querySelectorAll('#records tbody tr').length === 1");
            assertThat(text("#count")).isEqualTo("1 request.");
            assertThat(browser.problems()).isEmpty();
        }
    }

    @Test
    void clickingATokenTellsWhatEachRecursionWouldHaveSaid() throws InterruptedException {
        open("inspector", WIDE, false);
        inspect("the whale and the captain", 0);
        JsonNode seen = server.post("/inspect", "{\"prompt\":\"the whale and the captain\"}")
                .succeeds();
        JsonNode token = seen.get("tokens").get(3);
        assertThat(number("document.querySelectorAll('#passage > span').length"))
                .isEqualTo(seen.get("tokens").size());
        click("#token-3");
        assertThat(text("#detail h3"))
                .isEqualTo("Token 4 of " + seen.get("tokens").size() + " "
                        + token.get("token").stringValue().replace(' ', '␣'));
        assertThat(text("#detail"))
                .contains("Took " + token.get("depth").intValue() + " of 3 recursions.")
                .contains("recursion " + token.get("depth").intValue() + " (it did)")
                .contains("What the router said");
        assertThat(number("document.querySelectorAll('#detail table')[0].tBodies[0].rows.length"))
                .isEqualTo(token.get("predictions").size());
        assertThat(number("document.querySelectorAll('#detail table')[1].tBodies[0].rows.length"))
                .isEqualTo(token.get("decisions").size());
        assertThat(browser.evaluate("document.getElementById('token-3').className")
                        .asString())
                .contains("d" + token.get("depth").intValue());
        assertQuiet();
    }

    @Test
    void allTokensStandInATableToo() throws InterruptedException {
        String prompt = "the whale and the captain";
        open("inspector", NARROW, false);
        inspect(prompt, 0);
        JsonNode seen =
                server.post("/inspect", "{\"prompt\":\"" + prompt + "\"}").succeeds();
        click("#all summary");
        await("document.querySelector('#all table') !== null");
        JsonNode depths = browser.evaluate(
                "Array.from(document.querySelector('#all table').tBodies[0].rows, (row) => Number(row.cells[1].textContent))");
        assertThat(depths).hasSize(seen.get("tokens").size());
        for (int i = 0; i < depths.size(); i++) {
            assertThat(depths.get(i).asInt())
                    .isEqualTo(seen.get("tokens").get(i).get("depth").intValue());
        }
        assertThat(number("document.documentElement.scrollWidth")).isEqualTo(NARROW);
        assertQuiet();
    }

    @Test
    void aDepthIsForcedByClickAndTheChangeIsSeen() throws IOException, InterruptedException {
        String prompt = "the whale and the captain, the sea, the ship";
        open("inspector", WIDE, false);
        inspect(prompt, 0);
        JsonNode free =
                server.post("/inspect", "{\"prompt\":\"" + prompt + "\"}").succeeds();
        int depth = free.get("tokens").get(2).get("depth").intValue() == 1 ? 3 : 1;
        JsonNode changed = server.post("/inspect", "{\"prompt\":\"" + prompt + "\",\"depths\":{\"2\":" + depth + "}}")
                .succeeds();
        click("#token-2");
        click("#forcing input[value='" + depth + "']");
        await("document.querySelector('#token-2.forced') !== null");
        assertThat(text("#totals")).contains("Change of the text");
        assertThat(text("#detail")).contains("As routed it takes");
        assertThat(text("#said"))
                .contains("Forced to depth " + depth)
                .contains(String.format(
                        "%.2f", Math.abs(changed.at("/totals/logprob_change").doubleValue())));
        // Every later token says how it changed.
        double change = changed.get("tokens").get(3).get("logprob_change").doubleValue();
        assertThat(browser.evaluate("document.getElementById('token-3').ariaLabel")
                        .asString())
                .contains(String.format("%.2f", Math.abs(change)));
        click("#by-change");
        await("document.querySelectorAll('#passage .better, #passage .worse').length > 0");
        picture("inspector-forced");
        click("input[name=colour][value=depth]");
        click("#forcing input[value='0']");
        await("document.querySelector('.forced') === null");
        assertThat(text("#totals")).doesNotContain("Change of the text");
        assertQuiet();
    }

    @Test
    void theKeyboardAloneIsEnoughToInspectAndForce() throws InterruptedException {
        open("inspector", NARROW, false);
        tabTo("prompt");
        browser.press("a", 65, CTRL);
        browser.type("the whale and the sea");
        tabTo("inspect");
        browser.press("Enter", ENTER);
        await("document.activeElement.id === 'passage'");
        browser.press("ArrowRight", RIGHT);
        browser.press("ArrowRight", RIGHT);
        assertThat(text("#detail h3")).startsWith("Token 3 of ");
        assertThat(browser.evaluate("document.getElementById('passage').getAttribute('aria-activedescendant')")
                        .asString())
                .isEqualTo("token-2");
        boolean shallow = browser.evaluate("document.getElementById('token-2').classList.contains('d1')")
                .asBoolean();
        browser.press(shallow ? "3" : "1", shallow ? 51 : 49);
        await("document.querySelector('#token-2.forced') !== null");
        assertThat(browser.evaluate("document.activeElement.id").asString()).isEqualTo("passage");
        assertThat(text("#said")).contains("Forced to depth");
        tabTo("by-change");
        browser.press(" ", SPACE);
        assertThat(number("document.querySelectorAll('#passage .d1').length")).isZero();
        assertQuiet();
    }

    private void tabTo(String id) {
        String onIt = "document.activeElement.id === '" + id + "' || document.activeElement.name === 'colour' && '" + id
                + "' === 'by-change'";
        for (int i = 0; i < 40; i++) {
            browser.press("Tab", TAB);
            if (browser.evaluate(onIt).asBoolean()) {
                if (id.equals("by-change")) {
                    browser.press("ArrowRight", RIGHT);
                }
                return;
            }
        }
        throw new AssertionError("Tab does not come to " + id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dashboard", "inspector", "chat", "audit"})
    void everyFieldHasANameAndTabShowsWhereItIs(String name) throws InterruptedException {
        open(name, WIDE, false);
        JsonNode unnamed = browser.evaluate("""
                Array.from(document.querySelectorAll("input, select, textarea, button, [role], nav, section"))
                  .filter((one) => one.checkVisibility() && !["status", "alert"].includes(one.role ?? one.getAttribute("role")))
                  .filter((one) => !(one.labels?.length || one.ariaLabel || one.getAttribute("aria-labelledby") || one.textContent.trim()))
                  .map((one) => one.outerHTML)""");
        assertThat(unnamed).isEmpty();
        String focusable =
                "Array.from(document.querySelectorAll('a, [tabindex=\"0\"], input, select, textarea, button:not(:disabled)')).filter((one) => one.checkVisibility())";
        int count = (int) number(focusable + ".length");
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            browser.press("Tab", TAB);
            order.add((int) number(focusable + ".indexOf(document.activeElement)"));
            assertThat(browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                            .asString())
                    .isEqualTo("solid");
        }
        assertThat(order).isSorted().doesNotHaveDuplicates().first().isEqualTo(0);
        assertThat(browser.evaluate(
                                "Array.from(document.querySelectorAll('h1, h2, h3'), (one) => one.localName).join()")
                        .asString())
                .startsWith("h1");
    }

    @Test
    void textsWithMarkupAreShownAsTheyStand() throws InterruptedException {
        open("inspector", WIDE, false);
        inspect(ATTACK, 30);
        assertThat(browser.evaluate(
                                "Array.from(document.querySelectorAll('#passage > span:not(.written)'), (one) => one.textContent).join('')")
                        .asString())
                .isEqualTo(ATTACK);
        click("#token-0");
        assertHarmless();
        open("chat", WIDE, false);
        fill("#message", ATTACK);
        click("#send");
        await("document.querySelector('.cost') !== null");
        assertThat(browser.evaluate("document.querySelector('article.user .text').textContent")
                        .asString())
                .isEqualTo(ATTACK);
        assertHarmless();
    }

    private void assertHarmless() {
        assertThat(number("document.querySelectorAll('main img, main script, main b b').length"))
                .isZero();
        assertThat(browser.evaluate("document.title").asString()).endsWith("Saiki");
        assertQuiet();
    }

    /// What a model writes, and what a model is called, cannot do more than what a user writes.
    @Test
    void modelsThatWriteMarkupAreShownAsTheyStand(@TempDir Path other) throws InterruptedException {
        try (TestServer hostile = TestServer.in(
                other,
                256,
                EngineOptions.builder().threads(1).build(),
                _ -> ServerOptions.builder("<img src=x>").at("127.0.0.1", 0))) {
            browser.open(page(hostile, "chat"), WIDE, HEIGHT, false);
            await("document.getElementById('model').textContent !== ''");
            assertThat(text("#model")).isEqualTo("<img src=x>");
            fill("#message", "a");
            click("#send");
            await("document.querySelector('.cost') !== null");
            assertThat(number("document.querySelectorAll('img').length")).isZero();
            assertThat(browser.problems()).isEmpty();
            // Even code that made a mistake could not make markup of a text.
            assertThat(browser.evaluate(
                                    "(() => { try { document.body.innerHTML = '<b>x</b>'; return 'made'; } catch (e) { return e.name; } })()")
                            .asString())
                    .isEqualTo("TypeError");
        }
    }

    @Test
    void anAnswerComesInPiecesWithItsDepthsAndItsCost() throws InterruptedException {
        open("chat", WIDE, false);
        fill("#max-tokens", "40");
        browser.evaluate("document.querySelector('#max-depth').value = '2', 1");
        fill("#message", "the whale");
        browser.press("Enter", ENTER, CTRL);
        await("document.querySelector('.cost') !== null");
        assertThat(text(".cost"))
                .containsPattern("\\d+ tokens · mean depth [12]\\.\\d\\d of 3")
                .contains("saved");
        assertThat(text("article.user .text")).isEqualTo("the whale");
        assertThat(number("document.querySelectorAll('article.assistant .text span').length"))
                .isGreaterThan(1);
        assertThat(number("document.querySelectorAll('article.assistant .text .d3').length"))
                .isZero();
        assertThat(text("#working")).isEqualTo("The answer is complete.");
        assertThat(browser.evaluate("document.activeElement.id").asString()).isEqualTo("message");
        click("#clear");
        assertThat(number("document.querySelectorAll('article').length")).isZero();
        assertQuiet();
    }

    @Test
    void stoppingAnAnswerStopsTheEngineToo(@TempDir Path other) throws InterruptedException {
        try (TestServer slow =
                TestServer.in(other, 16_384, EngineOptions.builder().threads(1).build(), options -> options)) {
            browser.open(page(slow, "chat"), WIDE, HEIGHT, false);
            await("document.getElementById('model').textContent !== ''");
            // An answer of seconds: this model of random weights would end it when it likes.
            browser.evaluate(
                    "window.fetch = ((real) => (url, options) => real(url, options.body ? { ...options, body: JSON.stringify({ ...JSON.parse(options.body), ignore_eos: true, max_tokens: 16000 }) } : options))(window.fetch)");
            // The page itself stops it: a page that shows thousands of tokens is slow to take a click.
            browser.evaluate(
                    "new MutationObserver((_, observer) => { if (document.querySelectorAll('article.assistant .text span').length > 3) { observer.disconnect(); document.getElementById('stop').click(); } }).observe(document.body, { childList: true, subtree: true })");
            fill("#max-tokens", "4096");
            fill("#temperature", "0");
            fill("#message", "the whale");
            browser.press("Enter", ENTER, CTRL);
            await("document.querySelector('.cost')?.textContent === 'Stopped.'");
            TestServer.await(() -> slow.engine().sequences().isEmpty());
            assertThat(slow.engine().statistics().tokensWritten()).isBetween(1L, 15_999L);
        }
    }

    @Test
    void theDashboardFollowsWhatTheServerDoes() throws InterruptedException {
        open("dashboard", WIDE, false);
        await("document.querySelectorAll('canvas').length === 11");
        server.post("/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":300}")
                .succeeds();
        String depths =
                "Array.from(document.querySelectorAll('.keys')[7].querySelectorAll('b'), (one) => one.textContent)";
        await(depths + ".every((one) => one.endsWith('%'))");
        JsonNode shares = browser.evaluate(depths + ".map((one) => parseFloat(one))");
        assertThat(shares).hasSize(3);
        assertThat(shares.get(0).asDouble()
                        + shares.get(1).asDouble()
                        + shares.get(2).asDouble())
                .isBetween(98.0, 102.0);
        assertThat(text("#figures")).contains("Mean depth").contains("Arithmetic saved");
        click("#pause");
        assertThat(text("#state")).isEqualTo("Paused.");
        assertQuiet();
    }

    /// Ten requests before, and then four of 0 to 1 s and four of 1 to 2 s: half took at most 1 s, three quarters 1.5
    /// s.
    @Test
    void latenciesAreReadFromWhatHistogramsTookBetweenTwoLooks() throws InterruptedException {
        open("dashboard", WIDE, false);
        String before = "t_bucket{le=\"1.0\"} 10\nt_bucket{le=\"2.0\"} 10\nt_bucket{le=\"+Inf\"} 10\n";
        String after =
                "# HELP t\nt_bucket{a=\"}\",le=\"1.0\"} 14.0\nt_bucket{le=\"2.0\"} 18\nt_bucket{le=\"+Inf\"} 1.8E1\n";
        JsonNode quantiles =
                browser.evaluate("import('/ui/metrics.js').then(({ parse, quantile }) => [0.5, 0.75, 1].map("
                        + "(share) => quantile(parse(" + quoted(before) + "), parse(" + quoted(after)
                        + "), 't', share)))");
        assertThat(quantiles).extracting(JsonNode::asDouble).containsExactly(1.0, 1.5, 2.0);
        assertThat(browser.evaluate(
                                "import('/ui/metrics.js').then(({ parse, quantile }) => Number.isNaN(quantile(parse("
                                        + quoted(after) + "), parse(" + quoted(after) + "), 't', 0.5)))")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void whereAKeyIsNeededItIsAskedForAndForgottenWithTheTab(@TempDir Path other)
            throws InterruptedException, NoSuchAlgorithmException {
        String key = "a-key-for-tests-that-is-long-enough";
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        try (TestServer locked = TestServer.in(
                other,
                256,
                EngineOptions.builder().threads(1).build(),
                options -> options.apiKeys(ApiKeys.parse(List.of("tester " + hash + " operator"), "test")))) {
            browser.open(page(locked, "dashboard"), NARROW, HEIGHT, false);
            await("!document.getElementById('problem').hidden");
            assertThat(text("#problem")).contains("an API key is needed").contains("Type it in");
            fill("#key", key);
            browser.press("Enter", ENTER);
            await("document.getElementById('model').textContent === 'tiny'");
            await("document.getElementById('problem').hidden && document.querySelectorAll('canvas').length === 11");
            assertThat(browser.evaluate("localStorage.length + document.cookie.length")
                            .asInt())
                    .isZero();
            assertThat(browser.evaluate("location.href").asString()).doesNotContain(key);
            browser.open(page(locked, "inspector"), NARROW, HEIGHT, false);
            await("document.getElementById('model').textContent === 'tiny'");
        }
    }

    @Test
    void aServerThatIsGoneIsSaidToBe(@TempDir Path other) throws InterruptedException {
        TestServer closing = TestServer.in(other);
        browser.open(page(closing, "dashboard"), WIDE, HEIGHT, false);
        await("document.querySelectorAll('canvas').length === 11");
        closing.close();
        await("document.getElementById('problem').textContent === 'The server does not answer.'");
        assertThat(text("#state")).isEqualTo("Not up to date.");
    }

    @Test
    void aMessageThatIsRefusedCanBeSentAgain() throws InterruptedException {
        open("chat", WIDE, false);
        fill("#max-tokens", "4096");
        fill("#message", "the whale");
        browser.press("Enter", ENTER, CTRL);
        await("!document.getElementById('problem').hidden");
        assertThat(text("#problem")).contains("the model's context is 1024 tokens");
        assertThat(number("document.querySelectorAll('article').length")).isZero();
        assertThat(browser.evaluate("document.getElementById('message').value").asString())
                .isEqualTo("the whale");
        fill("#max-tokens", "5");
        click("#send");
        await("document.querySelector('.cost') !== null");
        assertThat(browser.evaluate("document.getElementById('problem').hidden").asBoolean())
                .isTrue();
    }

    @Test
    void theDocumentationListsWhatTheServerAnswers() throws InterruptedException, IOException {
        browser.open(URI.create("http://127.0.0.1:" + server.port() + "/docs/"), 1200, HEIGHT, false);
        int operations = server.get("/openapi.json").succeeds().get("paths").values().stream()
                .mapToInt(JsonNode::size)
                .sum();
        await("document.querySelectorAll('.opblock').length === " + operations);
        click("[id$='get_version'] button");
        await("document.body.innerText.includes('Try it out')");
        picture("docs");
        assertQuiet();
    }

    @Test
    void whatTheServerRefusesIsToldInItsWords() throws InterruptedException {
        open("inspector", WIDE, false);
        fill("#prompt", "x".repeat(600));
        click("#inspect");
        await("!document.getElementById('problem').hidden");
        assertThat(text("#problem")).contains("at most 512 tokens together, got 600");
        assertThat(browser.evaluate("document.getElementById('result').hidden").asBoolean())
                .isTrue();
    }
}
