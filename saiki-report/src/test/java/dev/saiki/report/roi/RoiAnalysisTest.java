package dev.saiki.report.roi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.Language;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Plans that were computed by hand.
class RoiAnalysisTest {

    private static final Offset<Double> EXACT = within(1e-6);

    /// A thousand million tokens a month cost 2,000 at a provider. At 500 tokens a second they take
    /// 555.56 machine hours, which cost 1.80 and 0.36 for power: 1,200 a month. The pilot costs 500 for
    /// people, 216 for machines, and 80.
    private static final String BOUGHT = """
            months: 4
            currency: EUR
            volume: {now: 1.0e9}
            prices: {staff_hour: 50, kilowatt_hour: 0.36}
            today: {price_per_million: 2}
            candidate: {machine_hour: 1.8, tokens_per_second: 1000, utilisation: 0.5, watts: 1000}
            steps:
              - {name: pilot, months: 1, staff_hours: 10, machine_hours: 100, other_costs: 80}
              - {name: full, answered: 1}
            """;

    /// One, two and three million tokens in three months; 1,000 tokens an answer; one answer in 50 wrong
    /// today and one in 100 of the candidate's.
    private static final String GROWING = """
            months: 3
            volume: {now: 1.0e6, later: 3.0e6, later_month: 3, tokens_per_request: 1000}
            prices: {staff_hour: 10, error: 1}
            today: {price_per_million: 100, staff_hours: 5, error_rate: 0.02}
            candidate: {price_per_million: 40, staff_hours: 8, error_rate: 0.01}
            steps:
              - {name: shadow, months: 1, mirrored: 0.5, staff_hours: 2}
              - {name: canary, months: 1, answered: 0.25, mirrored: 0.2}
              - {name: full, answered: 1}
            """;

    @TempDir
    private Path folder;

    private RoiAnalysis analysis(String plan) throws IOException {
        return RoiAnalysis.of(RoiPlan.read(Files.writeString(folder.resolve("plan.yaml"), plan)), 1);
    }

    private static double[] numbers(List<Double> costs) {
        return costs.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static RoiAnalysis.Condition condition(RoiAnalysis analysis, Quantity quantity) {
        return analysis.conditions().stream()
                .filter(condition -> condition.quantity() == quantity)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void fromAProviderToOnesOwnMachine() throws IOException {
        RoiAnalysis analysis = analysis(BOUGHT);
        assertThat(analysis.likely().totalStaying()).isCloseTo(8000, EXACT);
        assertThat(analysis.likely().totalChanging()).isCloseTo(6396, EXACT);
        assertThat(analysis.likely().breakEven()).contains(2);
        assertThat(analysis.likely().steps())
                .extracting(RoiCosts.StepCost::name)
                .containsExactly("pilot", "full");
        assertThat(analysis.likely().steps().getFirst().once()).isCloseTo(796, EXACT);
        assertThat(analysis.likely().steps().getLast().running()).isCloseTo(3600, EXACT);
        assertThat(analysis.paying()).isEqualTo(1);
        RoiAnalysis.Condition price = condition(analysis, Quantity.TODAY_PER_MILLION);
        assertThat(price.bound().orElseThrow()).isCloseTo(4396.0 / 3000, EXACT);
        assertThat(price.isAtLeast()).isTrue();
        assertThat(price.holds()).isTrue();
        RoiAnalysis.Condition speed = condition(analysis, Quantity.CANDIDATE_SPEED);
        assertThat(speed.bound().orElseThrow()).isCloseTo(3.6e6 / 5204, EXACT);
        RoiAnalysis.Condition hour = condition(analysis, Quantity.CANDIDATE_MACHINE_HOUR);
        assertThat(hour.isAtLeast()).isFalse();
    }

    @Test
    void growingWithErrorsMirrorsAndPeople() throws IOException {
        RoiAnalysis analysis = analysis(GROWING);
        assertThat(numbers(analysis.likely().staying())).containsExactly(new double[] {170.0, 290.0, 410.0}, EXACT);
        assertThat(numbers(analysis.likely().changing())).containsExactly(new double[] {290.0, 357.0, 230.0}, EXACT);
        assertThat(numbers(analysis.likely().ahead())).containsExactly(new double[] {-120.0, -187.0, -7.0}, EXACT);
        assertThat(analysis.likely().breakEven()).isEmpty();
        assertThat(analysis.paying()).isZero();
        assertThat(condition(analysis, Quantity.CANDIDATE_PER_MILLION).isAtLeast())
                .isFalse();
        assertThat(condition(analysis, Quantity.CANDIDATE_PER_MILLION).bound().orElseThrow())
                .as("4.3 million tokens of the candidate have to cost 7 less")
                .isCloseTo(40 - 7 / 4.3, EXACT);
    }

    @Test
    void intervalsBecomeRanges() throws IOException {
        RoiAnalysis analysis = analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 2]"));
        assertThat(analysis.paying()).isCloseTo(1 - 0.46533, within(0.02));
        assertThat(analysis.saving().low()).isCloseTo(3000 * 1.05 - 4396, within(40.0));
        assertThat(analysis.saving().high()).isCloseTo(3000 * 1.95 - 4396, within(40.0));
        assertThat(analysis.breakEven().high()).isInfinite();
        assertThat(analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 2]")))
                .as("the same seed draws the same")
                .isEqualTo(analysis);
        RoiAnalysis likeliest = analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 2, 2]"));
        assertThat(likeliest.paying())
                .as("the greatest is the likeliest")
                .isCloseTo(1 - 0.46533 * 0.46533, within(0.02));
    }

    @Test
    void pagesHaveBothLanguagesAndMonthsAreTabulated() throws IOException {
        RoiAnalysis analysis = analysis(BOUGHT);
        assertThat(HtmlReport.write(RoiReport.of(analysis, Language.ENGLISH)))
                .contains("The change pays: it saves 1.60 k EUR in 4 months", "seed 1", "pilot", "at least 1.47");
        assertThat(HtmlReport.write(RoiReport.of(analysis, Language.JAPANESE)))
                .contains("切り替えは採算が取れます", "損益分岐点", "2 か月目");
        assertThat(HtmlReport.write(RoiReport.of(analysis(GROWING), Language.ENGLISH)))
                .contains("does not pay: it costs 7", "not within 3 months");
        assertThat(RoiNumbers.csv(analysis).lines())
                .hasSize(5)
                .startsWith("month,staying,changing,saved_so_far")
                .last()
                .asString()
                .startsWith("4,");
        assertThat(RoiNumbers.json(analysis).at("/break_even_month").asInt()).isEqualTo(2);
    }

    @Test
    void allThatIsWrongWithAPlanIsSaidAtOnce() {
        assertThatThrownBy(() -> analysis("""
                        volume: {now: 0}
                        prices: {error: 1, staf_hour: 3}
                        today: {price_per_million: [3, 2]}
                        candidate: {machine_hour: 1, utilisation: 1.5}
                        steps:
                          - {name: shadow, months: 40, mirrored: 2}
                        """))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("volume.now must be above 0")
                .hasMessageContaining("staf_hour")
                .hasMessageContaining("today.price_per_million must be at least 0, a range from low to high")
                .hasMessageContaining("candidate.utilisation must be from 0 to 1")
                .hasMessageContaining(
                        "candidate must have price_per_million, or a speed (tokens_per_second or time_ratio)")
                .hasMessageContaining("prices.error needs volume.tokens_per_request")
                .hasMessageContaining("steps[0].mirrored must be from 0 to 1, got 2.0");
        assertThatThrownBy(() -> analysis(BOUGHT.replace("months: 1", "months: 4")))
                .hasMessageContaining("steps before the last one must take less than the plan's 4 months, got 4");
        assertThatThrownBy(() -> analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 2, 3, 4]")))
                .hasMessageContaining("must be a number, [low, high] or [low, likely, high], got 4 numbers");
    }

    private RoiPlan measured(String plan, String json) throws IOException {
        return RoiPlan.read(
                Files.writeString(folder.resolve("plan.yaml"), plan),
                MeasuredTraffic.read(Files.writeString(folder.resolve("measured.json"), json)));
    }

    /// Answers of 2,000 tokens, half as many as stated, and one of 100 more is wrong: 810 for staying as
    /// 600 for tokens, 150 for people and 60 for errors; the steps cost 280, 344.50 and 245.
    @Test
    void whatWasMeasuredTakesThePlaceOfWhatIsStated() throws IOException {
        RoiPlan plan = measured(GROWING.replace("error_rate: 0.01", "error_gate: known"), """
                {"model": "assistant", "measured": {"object": "measured",
                  "tokens_per_request": {"low": 1900, "mean": 2000, "high": 2100},
                  "gates": [{"gate": "known", "low": -0.01, "mean": 0.01, "high": 0.03}]}}
                """);
        RoiAnalysis analysis = RoiAnalysis.of(plan, 1);
        assertThat(analysis.likely().totalStaying()).isCloseTo(810, EXACT);
        assertThat(analysis.likely().totalChanging()).isCloseTo(869.5, EXACT);
        UncertainNumber errors = Objects.requireNonNull(plan.quantities().get(Quantity.CANDIDATE_ERRORS));
        assertThat(errors.low()).isCloseTo(0.01, EXACT);
        assertThat(errors.high()).isCloseTo(0.05, EXACT);
        assertThat(plan.measured()).containsExactly(Quantity.TOKENS_PER_REQUEST, Quantity.CANDIDATE_ERRORS);
        assertThat(RoiReport.of(analysis, Language.ENGLISH).toString())
                .contains(
                        "Values that the gateway measured, in place of the plan's: Tokens of a request with its answer");
    }

    /// Four fifths of the arithmetic make 500 tokens a second of 625: 444.44 hours, 960 a month.
    @Test
    void aSpeedAtFullDepthIsDividedByTheMeasuredShareOfTheArithmetic() throws IOException {
        String share = "{\"object\": \"measured\", \"flops_share\": {\"low\": 0.7, \"mean\": 0.8, \"high\": 0.9}}";
        String plan = BOUGHT.replace("watts: 1000}", "watts: 1000, speed_at_full_depth: true}");
        assertThat(RoiAnalysis.of(measured(plan, share), 1).likely().totalChanging())
                .isCloseTo(5676, EXACT);
        assertThat(RoiAnalysis.of(measured(BOUGHT, share), 1).likely().totalChanging())
                .isCloseTo(6396, EXACT);
    }

    /// A provider's million costs 2 today, and 1.20 on one's own machine; with a quarter more tokens 1.50.
    @Test
    void theCandidatesTokensForEachOfTodaysAreMeasuredAndSoIsWhatAnAnswerCosts() throws IOException {
        RoiAnalysis.Range stated = analysis(BOUGHT).costRatio().orElseThrow();
        assertThat(stated.low()).isCloseTo(0.6, EXACT);
        assertThat(stated.high()).isCloseTo(0.6, EXACT);
        RoiPlan plan = measured(BOUGHT, """
                {"object": "measured", "token_ratio": {"low": 1.2, "mean": 1.25, "high": 1.3},
                 "time_ratio": {"low": 3, "mean": 3, "high": 3}}
                """);
        RoiAnalysis analysis = RoiAnalysis.of(plan, 1);
        assertThat(plan.measured())
                .as("times say nothing of other machines")
                .containsExactly(Quantity.CANDIDATE_TOKEN_RATIO);
        assertThat(analysis.likely().totalChanging()).isCloseTo(2796 + 3 * 1500, EXACT);
        RoiAnalysis.Range ratio = analysis.costRatio().orElseThrow();
        assertThat(ratio.median()).isCloseTo(0.75, within(0.002));
        // Of a triangle from 0.72 to 0.78, a twentieth lies within 0.0095 of each end.
        assertThat(ratio.low()).isCloseTo(0.72 + 0.03 * Math.sqrt(0.1), within(0.002));
        assertThat(ratio.high()).isCloseTo(0.78 - 0.03 * Math.sqrt(0.1), within(0.002));
        assertThat(RoiReport.of(analysis, Language.ENGLISH).toString())
                .contains(
                        "An answer of the candidate costs 0.75 times as much as an answer today (between 0.73 and 0.77)");
        assertThat(RoiReport.of(analysis, Language.JAPANESE).toString()).contains("候補モデルの 1 回答の費用は、現行モデルの 0.75 倍");
        assertThat(RoiNumbers.json(analysis).at("/cost_ratio/median").asDouble(0))
                .isEqualTo(ratio.median());
    }

    /// On the same machines, at 2 for a million tokens today, two fifths of the time cost 0.80.
    @Test
    void onTheSameMachinesTimesTellWhatAnAnswerCosts() throws IOException {
        String plan = BOUGHT.replace(
                        "today: {price_per_million: 2}",
                        "today: {machine_hour: 3.6, tokens_per_second: 1000, utilisation: 0.5}")
                .replace(
                        "candidate: {machine_hour: 1.8, tokens_per_second: 1000, utilisation: 0.5, watts: 1000}",
                        "candidate: {machine_hour: 3.6, time_ratio: 0.5, utilisation: 0.5}");
        assertThat(analysis(plan).likely().totalChanging()).isCloseTo(2000 + 940 + 3 * 1000, EXACT);
        RoiAnalysis analysis = RoiAnalysis.of(measured(plan, """
                {"object": "measured", "token_ratio": {"low": 2, "mean": 2, "high": 2},
                 "time_ratio": {"low": 0.4, "mean": 0.4, "high": 0.4}}
                """), 1);
        assertThat(analysis.likely().totalStaying()).isCloseTo(8000, EXACT);
        assertThat(analysis.likely().totalChanging()).isCloseTo(2000 + 940 + 3 * 800, EXACT);
        assertThat(analysis.costRatio().orElseThrow().median()).isCloseTo(0.4, EXACT);
        assertThatThrownBy(() -> analysis(BOUGHT.replace("watts: 1000}", "watts: 1000, time_ratio: 0}")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("candidate.time_ratio must be above 0")
                .hasMessageContaining("candidate.time_ratio and candidate.tokens_per_second exclude each other")
                .hasMessageContaining("candidate.time_ratio is relative to today.tokens_per_second, which must be");
    }

    @Test
    void aGateThatWasNotMeasuredAndAFileOfSomethingElseAreRefused() {
        assertThatThrownBy(
                        () -> measured(
                                GROWING.replace("error_rate: 0.01", "error_gate: known"),
                                "{\"object\": \"measured\", \"gates\": [{\"gate\": \"errors\", \"low\": 0, \"mean\": 0, \"high\": 0}]}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("candidate.error_gate must be one of the measured gates [errors], got known");
        assertThatThrownBy(() -> measured(GROWING, "{\"state\": \"shadow\"}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("saiki rollout status --json");
    }
}
