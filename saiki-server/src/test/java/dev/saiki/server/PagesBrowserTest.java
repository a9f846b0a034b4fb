package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The pages in a real browser, with a real server and model.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesBrowserTest extends OpenPages {

    /// Words of the page's own Japanese that stand in two lines.
    private static final String BROKEN_WORDS = """
            (() => {
              const broken = [];
              const words = new Intl.Segmenter("ja", { granularity: "word" });
              const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const node = walker.currentNode;
                if (!node.parentElement.checkVisibility() || node.parentElement.clientWidth === 1 || node.parentElement.closest(".passage, pre, .text, .visually-hidden, option")) continue;
                for (const { segment, index } of words.segment(node.data)) {
                  if (!/[\u3040-\u30ff\u4e00-\u9fff]/.test(segment)) continue;
                  const range = document.createRange();
                  range.setStart(node, index);
                  range.setEnd(node, index + segment.length);
                  const lines = new Set(Array.from(range.getClientRects(), (box) => Math.round(box.top)));
                  if (lines.size > 1) broken.push(segment + " in " + node.data);
                }
              }
              return broken;
            })()""";

    private static final String ATTACK =
            "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'"
                    + "</script>&lt;b&gt; ${1} \" ' </textarea>";

    @Override
    TestServer serve(Path in) {
        return TestServer.in(in, 1024, EngineOptions.builder().threads(1).build(), options -> options.audit(audit(in)));
    }

    private static AuditOptions audit(Path folder) {
        return AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
    }

    static Stream<Arguments> looks() {
        return Stream.of("dashboard", "inspector", "chat", "audit")
                .flatMap(name -> Stream.of(NARROW, WIDE)
                        .flatMap(width -> Stream.of("en", "ja").map(language -> Arguments.of(name, width, language))));
    }

    @ParameterizedTest
    @MethodSource("looks")
    void everyPageIsWholeQuietForAllAndAsWideAsItsWindow(String name, int width, String language)
            throws IOException, InterruptedException {
        open(name + "?lang=" + language, width, false);
        use(name);
        assertThat(browser.evaluate("document.documentElement.lang").asString()).isEqualTo(language);
        for (boolean dark : new boolean[] {false, true}) {
            browser.prefer(dark);
            await("matchMedia('(prefers-color-scheme: dark)').matches === " + dark);
            // Some Chromiums leave out the gutter of a scrollbar that is hidden.
            assertThat(number("document.documentElement.scrollWidth")).isBetween(width - 15.0, (double) width);
            assertThat(number("innerWidth")).isEqualTo(width);
            assertThat(violations()).isEmpty();
            picture(name + "-" + language + "-" + width + (dark ? "-dark" : "-light"));
        }
        assertThat(browser.evaluate("document.body.innerText").asString()).doesNotContain("undefined", "NaN");
        if (language.equals("ja")) {
            requireJapanese();
        }
        assertQuiet();
        browser.evaluate("document.querySelector('nav a[aria-current]').click(), 1");
        await("location.search === '?lang=" + language + "' && document.readyState === 'complete'");
    }

    private void requireJapanese() {
        assertThat(browser.fonts("h1"))
                .anyMatch(font -> font.matches(".*(CJK|Gothic|Hiragino|Meiryo|Noto Sans JP|IPA|VL|Takao).*"));
        assertThat(
                        browser.evaluate(
                                "Array.from(document.querySelectorAll('h1, h2, h3, h4, label, button, .lead,"
                                        + " dt, figcaption, thead th, summary')).filter((one) => !one.closest('#chats') && !one.matches('.assistant h2')).map((one) => one.textContent.trim()).filter((text) =>"
                                        + " /[a-z]{3}/i.test(text) && !/[\u3040-\u30ff\u4e00-\u9fff]/.test(text) && !text.includes('whale'))"))
                .isEmpty();
        // Heads of columns are not broken between letters.
        assertThat(browser.evaluate("Array.from(document.querySelectorAll('thead th')).filter((one) =>"
                        + " one.checkVisibility() && one.clientHeight > 45).map((one) => one.textContent)"))
                .isEmpty();
        assertThat(browser.evaluate(BROKEN_WORDS)).isEmpty();
        assertThat(browser.evaluate("document.body.innerText.match(/[\u3040-\u30ff\u4e00-\u9fff」）], .*/g) ?? []"))
                .isEmpty();
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
        server.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":-1}").isRefused("max_tokens", "from 0 to");
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
                String advice = language.equals("en")
                        ? "does not know this API key: enter another one at the top of the page."
                        : "この API キーは登録されていません。別のキーをページの上部に入力してください。";
                await("document.getElementById('problem').textContent.includes(" + quoted(advice) + ")");
                assertThat(text("#model")).isEmpty();
                assertThat(number("document.documentElement.scrollWidth")).isEqualTo(NARROW);
            }
        }
    }

    /// Uses the main function of a page.
    private void use(String name) throws InterruptedException {
        switch (name) {
            case "inspector" -> inspect("the whale and the captain, the sea, the ship and the whale", 20);
            case "chat" -> {
                fill("#message", "the whale and the sea");
                browser.press("Enter", ENTER);
                await("document.querySelector('.cost') !== null");
            }
            case "audit" -> {
                server.post("/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":20}")
                        .succeeds();
                showRecordsUntil("document.querySelectorAll('#records tbody tr').length > 0");
                click("#records tbody tr:last-child button");
            }
            default -> {
                server.post("/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":200}")
                        .succeeds();
                await("document.querySelectorAll('#figures > div').length === 7");
            }
        }
    }

    /// Records exist soon after the answer, but not at once.
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
                            "{\"prompt\":\"the whale\",\"max_tokens\":20,\"ignore_eos\":true}",
                            "X-Request-Id",
                            "<img/src=x>")
                    .succeeds()
                    .get("usage");
            audited.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":-1}")
                    .isRefused("max_tokens", "from 0 to");
            browser.open(page(audited, "audit"), WIDE, HEIGHT, false);
            showRecordsUntil("document.querySelectorAll('#records tbody tr').length === 2");
            assertThat(text("#count")).isEqualTo("2 requests, newest first");
            assertThat(text("#records tbody tr:first-child"))
                    .contains("/v1/completions", "400", "invalid_request_error");
            assertThat(text("#records tbody tr:last-child"))
                    .contains("200", "length")
                    .contains(usage.get("completion_tokens").toString())
                    .contains(String.format("%.2f", usage.at("/recursions/mean").doubleValue()));
            click("#records tbody tr:last-child button");
            await("document.querySelector('#records pre') !== null");
            // It is as wide as the table, and is seen whole.
            assertThat(
                            number(
                                    "document.querySelector('#records .record').clientWidth / document.querySelector('#records').parentElement.clientWidth"))
                    .isGreaterThan(0.95);
            assertThat(text("#records .record")).contains("<img/src=x>", "Max tokens", "Mean depth");
            assertThat(browser.evaluate("document.querySelector('#records pre').checkVisibility()")
                            .asBoolean())
                    .isFalse();
            click("#records .record summary");
            assertThat(text("#records pre")).contains("<img/src=x>", "tokens_at_depth");
            assertThat(number("document.querySelectorAll('img').length")).isZero();
            fill("#status", "400");
            browser.press("Enter", ENTER);
            await("document.querySelectorAll('#records tbody tr').length === 1");
            assertThat(text("#count")).isEqualTo("1 request");
            assertThat(browser.problems()).isEmpty();
        }
    }

    /// A random model may write a zero character, in whose place the audit keeps U+FFFD: with this seed it does.
    @Test
    void anAuditRecordShowsItsTextsInTheColoursOfDepths(@TempDir Path other) throws InterruptedException {
        try (TestServer audited = TestServer.in(
                other,
                256,
                EngineOptions.builder().threads(1).build(),
                options -> options.audit(audit(other).withTexts(true)))) {
            JsonNode answer = audited.post(
                            "/v1/completions",
                            "{\"prompt\":\"the whale\",\"max_tokens\":20,\"ignore_eos\":true,\"seed\":22}")
                    .succeeds();
            String text = answer.at("/choices/0/text").stringValue();
            browser.open(page(audited, "audit?lang=en"), WIDE, HEIGHT, false);
            showRecordsUntil("document.querySelectorAll('#records tbody tr').length === 1");
            click("#records tbody button");
            await("document.querySelectorAll('.record .said').length === 2");
            assertThat(browser.evaluate("document.querySelectorAll('.record .said')[1].textContent")
                            .asString()
                            .replace("↵", ""))
                    .isEqualTo(text.replace('\0', '\uFFFD'));
            assertThat(browser.problems()).isEmpty();
        }
    }

    /// The page sends no request that the server would refuse, so that the server's count of refusals covers
    /// clients only.
    @Test
    void withoutAnAuditThePageTellsHowToTurnItOn(@TempDir Path other) throws InterruptedException, IOException {
        try (TestServer plain = TestServer.in(other)) {
            for (String language : List.of("en", "ja")) {
                browser.open(page(plain, "audit?lang=" + language), NARROW, HEIGHT, false);
                await("document.getElementById('model').textContent !== ''");
                assertThat(text("main")).contains("saiki serve --audit audit.db");
                assertThat(number("document.querySelectorAll('form#filter, table').length"))
                        .isZero();
                assertThat(violations()).isEmpty();
                picture("audit-off-" + language);
            }
            assertThat(plain.get("/metrics").raw().body()).doesNotContain("saiki_refusals_total{status=\"404\"");
            assertThat(browser.problems()).isEmpty();
        }
    }

    @Test
    void aResultIsMarkedAsStaleOnceTheSettingsDiffer() throws InterruptedException {
        open("inspector?lang=en", WIDE, false);
        inspect("the whale", 0);
        assertThat(isTrue("document.getElementById('stale').hidden")).isTrue();
        String usual =
                browser.evaluate("document.getElementById('effort').value").asString();
        dial("0.95");
        assertThat(text("#stale")).contains("earlier settings", "Inspect again");
        dial(usual);
        assertThat(isTrue("document.getElementById('stale').hidden")).isTrue();
        dial("0.95");
        click("#again");
        await("document.getElementById('stale').hidden");
        assertQuiet();
    }

    private void dial(String effort) {
        browser.evaluate("(() => { const dial = document.getElementById('effort'); dial.value = '" + effort
                + "'; dial.dispatchEvent(new Event('input', { bubbles: true })); return 1; })()");
    }

    @Test
    void logoAndNavigationStandStillFromPageToPage() throws InterruptedException {
        List<String> places = new ArrayList<>();
        for (String name : List.of("dashboard", "inspector", "chat", "audit")) {
            open(name + "?lang=en", WIDE, false);
            places.add(browser.evaluate("""
                    (() => { const { left, width } = document.querySelector("header").getBoundingClientRect();
                      return Array.from(document.querySelectorAll(".brand, nav a, .other"), (one) => one.getBoundingClientRect())
                        .map((box) => [width, box.left - left, box.top].join()).join(" "); })()""").asString());
        }
        assertThat(places).containsOnly(places.getFirst());
    }

    @Test
    void theInspectorHasOneRightEdge() throws InterruptedException {
        open("inspector?lang=en", WIDE, false);
        inspect("the whale", 0);
        assertThat(browser.evaluate(
                                "new Set(Array.from(document.querySelectorAll('header, #prompt, .fields, .figures,"
                                        + " #detail'), (one) => Math.round(one.getBoundingClientRect().right"
                                        + " - parseFloat(getComputedStyle(one).paddingRight) * (one.localName === 'header')))).size")
                        .asInt())
                .isOne();
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
                .contains("recursion " + token.get("depth").intValue() + " (actual)")
                .contains("Router decisions");
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
        assertThat(text("#detail")).contains("The router would choose");
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
                "Array.from(document.querySelectorAll('a, summary, [tabindex=\"0\"], input, select, textarea, button:not(:disabled)')).filter((one) => one.checkVisibility())";
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

    /// A burst that ended before the page was opened is shown too.
    @Test
    void theDashboardShowsWhatTheServerDidBefore() throws InterruptedException {
        server.post("/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":300,\"ignore_eos\":true}")
                .succeeds();
        TestServer.await(() -> numberOfSamplesAfterNow() > 1);
        open("dashboard?lang=en", WIDE, false);
        await("document.querySelectorAll('canvas').length === 11");
        await("/max [1-9]/.test(document.querySelectorAll('.keys')[1].textContent)");
        assertThat(text("#figures")).contains("Mean depth").contains("Arithmetic saved");
        browser.evaluate("(() => { const range = document.getElementById('range'); range.value = '300';"
                + " range.dispatchEvent(new Event('change')); return 1; })()");
        // The depths of the second under the pointer.
        await("""
                (() => { const over = document.querySelectorAll(".u-over")[8];
                  const box = over.getBoundingClientRect();
                  const values = () => Array.from(document.querySelectorAll(".keys")[8].querySelectorAll("b"), (one) => one.textContent);
                  for (let x = box.width - 1; x > 0; x -= 0.5) {
                    over.dispatchEvent(new MouseEvent("mousemove", { clientX: box.left + x, clientY: box.top + 9, movementX: 1, bubbles: true }));
                    if (values().every((one) => one.endsWith("%"))) return Math.abs(values().reduce((sum, one) => sum + parseFloat(one), 0) - 100) < 3;
                  }
                  return false; })()""");
        assertThat(text("#moment")).matches("\\d\\d:\\d\\d:\\d\\d");
        click("#pause");
        assertThat(text("#state")).isEqualTo("Paused.");
        assertQuiet();
    }

    private int numberOfSamplesAfterNow() {
        return server.get("/history?since=-3").succeeds().get("time").size();
    }

    @Test
    void anOpenBreakerIsSaidInRedWithItsTime() throws InterruptedException, IOException {
        open("dashboard?lang=en", NARROW, false);
        browser.evaluate("""
                window.fetch = ((real) => async (url, options) => {
                  const answer = await real(url, options);
                  if (!String(url).includes("/router?")) return answer;
                  const opened = { number: 1, state: "open", reason: "drift", detail: "0.7 is more than 0.5", time: Date.now() / 1000 - 125 };
                  return Response.json({ ...(await answer.json()), state: "open", reason: "drift", transitions: [opened] });
                })(window.fetch), 1""");
        await("document.getElementById('breaker').checkVisibility()");
        assertThat(text("#breaker-says"))
                .matches("Circuit breaker open since \\d\\d:\\d\\d:\\d\\d\\. .*")
                .contains("every token takes 3 recursions", "too far from those during training");
        assertThat(text("#breaker-age")).startsWith("2 min ");
        assertThat(violations()).isEmpty();
        picture("dashboard-breaker");
    }

    @Test
    void aModelWithoutARouterHasNothingOfOneOnAnyPage(@TempDir Path other) throws IOException, InterruptedException {
        ModelConfig vanilla = TinyModels.vanilla()
                .withVocabSize(TestServer.TOKENIZER.vocabSize())
                .withMaxPositionEmbeddings(96);
        Engine engine = Engine.open(
                RandomCheckpoint.write(other.resolve("model"), vanilla, 3),
                TestServer.TOKENIZER,
                EngineOptions.builder().threads(1).build());
        try (TestServer plain = TestServer.of(engine, options -> options.audit(audit(other)))) {
            browser.open(page(plain, "dashboard?lang=en"), WIDE, HEIGHT, false);
            await("document.querySelectorAll('canvas').length === 6");
            await("document.querySelectorAll('#figures > div').length === 5");
            assertThat(text("main"))
                    .doesNotContainIgnoringCase("router")
                    .doesNotContain("NaN", "Mean depth", "KV pages by recursion");
            browser.open(page(plain, "inspector?lang=en"), WIDE, HEIGHT, false);
            await("document.getElementById('prompt-note').textContent !== ''");
            assertThat(text("#prompt-note")).contains("At most 96 tokens");
            assertThat(browser.evaluate("document.getElementById('depth-field').hidden")
                            .asBoolean())
                    .isTrue();
            inspect("the whale", 4);
            click("#token-1");
            click("#all summary");
            await("document.querySelector('#all table') !== null");
            assertThat(text("main")).contains("Next token predicted", "Nats per token");
            assertSaysNothingOfDepth();
            picture("inspector-vanilla");
            browser.open(page(plain, "chat?lang=en"), WIDE, HEIGHT, false);
            await("document.getElementById('max-tokens').value !== ''");
            assertThat(text("#settings")).doesNotContainIgnoringCase("effort").doesNotContain("Max recursions");
            fill("#message", "the whale");
            browser.press("Enter", ENTER);
            await("document.querySelector('.cost') !== null");
            assertSaysNothingOfDepth();
            browser.open(page(plain, "audit?lang=en"), WIDE, HEIGHT, false);
            showRecordsUntil("document.querySelectorAll('#records tbody tr').length > 1");
            assertSaysNothingOfDepth();
            click("#records tbody tr:last-child button");
            await("document.querySelector('#records pre') !== null");
            assertThat(number("document.querySelector('#records .opened td').colSpan"))
                    .isEqualTo(10);
            assertThat(browser.problems()).isEmpty();
        }
    }

    private void assertSaysNothingOfDepth() throws IOException {
        assertThat(text("main"))
                .doesNotContainIgnoringCase("router")
                .doesNotContainIgnoringCase("recursion")
                .doesNotContainIgnoringCase("mean depth")
                .doesNotContain("saved", "forced", "NaN", "undefined");
        assertThat(violations()).isEmpty();
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
            assertThat(browser.evaluate("document.getElementById('key').checkVisibility()")
                            .asBoolean())
                    .isTrue();
            assertThat(text("#problem")).isEqualTo("This server needs an API key: enter it at the top of the page.");
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
            assertThat(browser.evaluate("document.getElementById('key').checkVisibility()")
                            .asBoolean())
                    .isFalse();
        }
    }

    @Test
    void aServerThatIsGoneIsSaidToBe(@TempDir Path other) throws InterruptedException {
        TestServer closing = TestServer.in(other);
        browser.open(page(closing, "dashboard"), WIDE, HEIGHT, false);
        await("document.querySelectorAll('canvas').length === 11");
        closing.close();
        await("document.getElementById('problem').textContent === 'The server does not answer.'");
        assertThat(text("#state")).isEqualTo("These figures are out of date.");
    }

    @ParameterizedTest
    @ValueSource(ints = {NARROW, WIDE})
    void theDocumentationListsWhatTheServerAnswers(int width) throws InterruptedException, IOException {
        browser.open(URI.create("http://127.0.0.1:" + server.port() + "/docs/"), width, HEIGHT, false);
        int operations = server.get("/openapi.json").succeeds().get("paths").values().stream()
                .mapToInt(JsonNode::size)
                .sum();
        await("document.querySelectorAll('.opblock').length === " + operations);
        click("[id$='get_version'] button");
        await("document.body.innerText.includes('Try it out')");
        for (boolean dark : new boolean[] {false, true}) {
            browser.prefer(dark);
            assertThat(violations()).isEmpty();
            picture("docs-" + width + (dark ? "-dark" : "-light"));
        }
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

    @Test
    void whatTheServerRefusesIsJapaneseOnAJapanesePage() throws InterruptedException {
        open("inspector?lang=ja", WIDE, false);
        fill("#prompt", "x".repeat(600));
        click("#inspect");
        await("document.getElementById('problem').textContent" + " === '文章は 600 トークンです。512 トークンまでにしてください。'");
        open("audit?lang=ja", WIDE, false);
        fill("#since", "yesterday");
        browser.press("Enter", ENTER);
        await("document.getElementById('problem').textContent.startsWith('since には日付、')");
        browser.evaluate("document.getElementById('since').value = '', 1");
        browser.evaluate("document.getElementById('filter').noValidate = true, 1");
        fill("#status", "99");
        browser.press("Enter", ENTER);
        await("document.getElementById('problem').textContent === 'status は 100 から 599 までの値にしてください。'");
    }

    @Test
    void aLateAnswerToAnEarlierFilterIsDropped() throws InterruptedException {
        open("audit", WIDE, false);
        await("document.getElementById('count').textContent !== ''");
        browser.evaluate("""
                window.answers = 0;
                const plain = window.fetch;
                window.fetch = async (address, options) => {
                  const answer = await plain(address, options);
                  if (!String(address).includes('since=')) {
                    await new Promise((release) => (window.release = release));
                    setTimeout(() => window.answers++, 200);
                  }
                  return answer;
                }, 1""");
        click("#filter button");
        await("window.release !== undefined");
        fill("#since", "yesterday");
        browser.press("Enter", ENTER);
        await("document.getElementById('problem').textContent.startsWith('since must be')");
        browser.evaluate("window.release(), 1");
        await("window.answers === 1");
        assertThat(text("#problem")).startsWith("since must be");
    }
}
