package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.evidence.GateTest;
import dev.saiki.http.Json;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.testkit.Chromium;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The rollout page in a real browser. Pictures are written to `target/pages`; the picture of a simulated
/// rollout is part of the documents, see `scripts/pictures.sh`.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutPageBrowserTest {

    private static final int NARROW = 390;
    private static final int WIDE = 1280;
    private static final int HEIGHT = 900;
    private static final double NEEDED = -Math.log(0.05);
    private static final double RETREATS_AT = Math.log(3 * 51 * 300_000 / 0.05);

    private Chromium browser;
    private ScriptedEndpoint baseline;
    private Gateway gateway;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        baseline = ScriptedEndpoint.saying("Hello");
        gateway = Gateway.start(Plans.between(baseline, baseline.url())
                .stage(RolloutState.SHADOW, 0.5)
                .stage(RolloutState.CANARY, 0.5)
                .manual()
                .in(folder));
        browser = Chromium.start(folder.resolve("profile"));
    }

    @AfterAll
    void stop() {
        browser.close();
        gateway.close();
        baseline.close();
    }

    private void open(String query, int width) throws InterruptedException {
        browser.open(URI.create("http://127.0.0.1:" + gateway.port() + "/" + query), width, HEIGHT, false);
        await("document.querySelectorAll('#gates tbody tr').length > 0");
    }

    private void await(String condition) throws InterruptedException {
        assertThat(GatewayClient.comes(() -> browser.evaluate(condition).asBoolean()))
                .as("%s on a page that says: %s", condition, browser.evaluate("document.body.innerText"))
                .isTrue();
    }

    private String text(String selector) {
        return browser.evaluate("document.querySelector('" + selector + "').innerText")
                .asString();
    }

    /// A simulated canary of four hours: answers agree, a few are worse, and latency does not have enough
    /// evidence yet.
    private static ArrayNode simulatedHistory(Instant begin) {
        Random random = new Random(20261129);
        Map<String, Double> worse = new LinkedHashMap<>();
        worse.put("errors", 0.002);
        worse.put("agreement", 0.02);
        worse.put("judge", 0.06);
        Map<String, GateTest> tests = new LinkedHashMap<>();
        worse.keySet().forEach(gate -> tests.put(gate, GateTest.begin(new GateMeasure.Difference(0.1), 0.05)));
        ArrayNode points = Json.array();
        for (int conversation = 1; conversation <= 240; conversation++) {
            ObjectNode point = points.addObject()
                    .put("at", begin.plus(Duration.ofMinutes(conversation)).toString());
            ArrayNode gates = point.putArray("gates");
            tests.forEach((gate, test) -> {
                double draw = random.nextDouble();
                double share = Objects.requireNonNull(worse.get(gate));
                test.observe(GateTest.Sides.ofDifference(draw < share ? 1 : draw < 1.5 * share ? -1 : 0));
                gates.addObject()
                        .put("gate", gate)
                        .put("tolerance", 0.1)
                        .put("observed", test.observed())
                        .put("log_retreat", Math.log(Math.max(1, test.changeEvidence())))
                        .put("retreats", true)
                        .put("retreats_at", RETREATS_AT)
                        .put("log_promote", test.logClearance())
                        .put("promotes", true)
                        .put("promotes_at", NEEDED);
            });
        }
        return points;
    }

    /// Makes the page show a simulated rollout: the real gateway's answers with other evidence.
    private void simulate() {
        simulate(Json.object());
    }

    private void simulate(ObjectNode more) {
        Instant begin = Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofHours(4));
        ArrayNode history = simulatedHistory(begin);
        ObjectNode status = Json.object()
                .put("state", "canary")
                .put("stage", 2)
                .put("stages", 4)
                .put("share", 0.25)
                .put("since", begin.toString());
        ArrayNode evidence =
                (ArrayNode) history.get(history.size() - 1).get("gates").deepCopy();
        for (String gate : List.of("errors", "agreement")) {
            evidence.add(slice(gate, "script=japanese", 14, 9, 2));
            evidence.add(slice(gate, "stream=true", 60, 1, 5));
        }
        status.set("evidence", evidence);
        status.putObject("heavy_users").put("1f", 0.4);
        status.putArray("awaited")
                .add("gate judge")
                .add("gate errors, slice script=japanese")
                .add("gate agreement, slice script=japanese");
        status.setAll(more);
        browser.evaluate("""
                window.fetch = ((real) => async (url, options) => {
                  const answer = await real(url, options);
                  if (url === "rollout/history") return Response.json({ data: %s });
                  return url === "rollout" ? Response.json({ ...(await answer.json()), ...%s }) : answer;
                })(window.fetch), 1""".formatted(text(Json.bytes(history)), text(Json.bytes(status))));
    }

    private static ObjectNode slice(String gate, String slice, int observed, double worse, double notWorse) {
        return Json.object()
                .put("gate", gate)
                .put("slice", slice)
                .put("share", observed / 240.0)
                .put("tolerance", 0.25)
                .put("observed", observed)
                .put("log_retreat", worse)
                .put("retreats", true)
                .put("retreats_at", RETREATS_AT)
                .put("log_promote", notWorse)
                .put("promotes", true)
                .put("promotes_at", NEEDED)
                .put("cleared", notWorse > NEEDED);
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "ja"})
    void aSimulatedRolloutIsShownOverItsFourHours(String language) throws IOException, InterruptedException {
        for (int width : new int[] {NARROW, WIDE}) {
            open("?lang=" + language, width);
            simulate();
            await("document.querySelectorAll('#promote-keys li').length === 3");
            for (boolean dark : new boolean[] {false, true}) {
                browser.prefer(dark);
                await("matchMedia('(prefers-color-scheme: dark)').matches === " + dark);
                browser.picture(Path.of(
                        "target", "pages", "rollout-" + language + "-" + width + (dark ? "-dark" : "-light") + ".png"));
            }
            assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
                            .asBoolean())
                    .isTrue();
            assertThat(browser.problems()).isEmpty();
        }
        browser.prefer(false);
        await("matchMedia('(prefers-color-scheme: light)').matches");
        browser.evaluate("document.querySelectorAll('.charts ~ *').forEach((one) => { one.style.display = 'none'; }),"
                + " new Promise((drawn) => requestAnimationFrame(() => setTimeout(() => drawn(1), 200)))");
        browser.picture(Path.of("target", "pictures", language.equals("en") ? "rollout.png" : "rollout-ja.png"));
    }

    @Test
    void slicesStandSideBySideWithOneColumnForEachGate() throws InterruptedException {
        open("?lang=en", WIDE);
        simulate();
        await("document.querySelectorAll('#slices tbody tr').length === 2");
        assertThat(text("#slices thead")).contains("errors", "agreement").doesNotContain("judge");
        assertThat(text("#slices"))
                .contains("script=japanese", "of the evidence to clear it (14)", "stream=true", "cleared (60)");
        assertThat(browser.evaluate("document.querySelectorAll('#gates tbody tr').length")
                        .asInt())
                .isEqualTo(3);
        assertThat(text("#heavy")).contains("the largest with 40.0");
    }

    @Test
    void whatIsWrongNowIsABanner() throws InterruptedException {
        open("?lang=en", WIDE);
        simulate(Json.object().put("worse", "gate errors").put("ejected", true));
        await("!document.querySelector('#worse').hidden && !document.querySelector('#ejected').hidden");
        assertThat(text("#worse")).contains("Alarm", "gate errors");
        assertThat(text("#ejected")).contains("ejected");
    }

    @Test
    void whatTheNextStageWaitsForIsListed() throws InterruptedException {
        open("?lang=en", WIDE);
        await("document.querySelectorAll('#awaited li').length > 0");
        assertThat(text("#awaited")).contains("gate errors", "more conversations of the stage");
    }

    /// Without a minimum span, uPlot would spread one point over two years.
    @Test
    void theChartsOfAYoungRolloutCoverMinutes() throws InterruptedException {
        open("?lang=en", WIDE);
        await("document.querySelectorAll('#promote canvas').length === 1");
        assertThat(text("#figures")).containsPattern("since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
        assertThat(browser.evaluate("import('/page/rollout.js').then(({ charts }) => charts.promote.scales.x.max"
                                + " - charts.promote.scales.x.min)")
                        .asDouble())
                .isBetween(600.0, 3600.0);
    }

    @Test
    void whatCannotBeUndoneIsRedAndAsksFirst() throws InterruptedException {
        open("?lang=en", WIDE);
        assertThat(browser.evaluate("Array.from(document.querySelectorAll('button.danger'), (one) => one.textContent)"))
                .extracting(button -> button.asString())
                .isEqualTo(List.of("Abort: all traffic to the baseline", "Erase all pairs of this name"));
        browser.evaluate("window.confirm = (question) => { window.asked = question; return false; }, 1");
        browser.evaluate("document.getElementById('reason').value = 'a test', 1");
        browser.evaluate("document.querySelector('button[value=abort]').click(), 1");
        assertThat(browser.evaluate("window.asked").asString()).startsWith("Abort the rollout?");
        browser.evaluate("document.getElementById('subject').value = 'somebody', 1");
        browser.evaluate("document.querySelector('#erase button').click(), 1");
        assertThat(browser.evaluate("window.asked").asString()).startsWith("Erase all pairs of “somebody”?");
        assertThat(text("#figures")).contains("shadow");
    }
}
