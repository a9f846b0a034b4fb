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
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
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
            prices: {staff_hour: 50, kilowatt_hour: 0.36, error: 0}
            today: {price_per_million: 2, staff_hours: 0}
            candidate: {machine_hour: 1.8, tokens_per_second: 1000, utilisation: 0.5, watts: 1000,
                        token_ratio: 1, staff_hours: 0}
            steps:
              - {name: pilot, months: 1, answered: 0, mirrored: 0,
                 staff_hours: 10, machine_hours: 100, other_costs: 80}
              - {name: retired, answered: 1, mirrored: 0, today_off: true,
                 staff_hours: 0, machine_hours: 0, other_costs: 0}
            """;

    /// One, two and three million tokens in three months; 1,000 tokens an answer; one answer in 50 wrong
    /// today and one in 100 of the candidate's.
    private static final String GROWING = """
            months: 3
            volume: {now: 1.0e6, later: 3.0e6, later_month: 3, tokens_per_request: 1000}
            prices: {staff_hour: 10, error: 1}
            today: {price_per_million: 100, staff_hours: 5, error_rate: 0.02}
            candidate: {price_per_million: 40, token_ratio: 1, staff_hours: 8, error_rate: 0.01}
            steps:
              - {name: shadow, months: 1, answered: 0, mirrored: 0.5,
                 staff_hours: 2, machine_hours: 0, other_costs: 0}
              - {name: canary, months: 1, answered: 0.25, mirrored: 0.2,
                 staff_hours: 0, machine_hours: 0, other_costs: 0}
              - {name: retired, answered: 1, mirrored: 0, today_off: true,
                 staff_hours: 0, machine_hours: 0, other_costs: 0}
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
                .containsExactly("pilot", "retired");
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

    /// Three months at the provider's price less 4,396: at a median of 1.5 and quantiles of 1 and 2.
    @Test
    void rangesOfNumbersBecomeRangesOfTheResult() throws IOException {
        RoiAnalysis analysis = analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 2]"));
        assertThat(analysis.saving().low()).isCloseTo(3000 - 4396, within(40.0));
        assertThat(analysis.saving().median()).isCloseTo(4500 - 4396, within(40.0));
        assertThat(analysis.saving().high()).isCloseTo(6000 - 4396, within(40.0));
        assertThat(analysis.breakEven().high()).isInfinite();
        assertThat(analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 2]")))
                .as("the same seed draws the same")
                .isEqualTo(analysis);
        assertThat(analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 1.4, 2]"))
                        .saving()
                        .median())
                .as("half of the values lie below the likely one")
                .isCloseTo(4200 - 4396, within(40.0));
    }

    private static double shareBelow(List<Double> drawn, double bound) {
        return (double) drawn.stream().filter(value -> value < bound).count() / drawn.size();
    }

    @Test
    void nineOfTenDrawnValuesLieInsideARangeWhetherStatedOrMeasured() throws IOException {
        RoiPlan plan = measured(
                GROWING.replace("price_per_million: 100", "price_per_million: [10, 100]")
                        .replace("staff_hour: 10", "staff_hour: [10, 11, 40]")
                        .replace("error_rate: 0.01", "error_gate: known"),
                """
                {"object": "measured",
                  "tokens_per_request": {"low": 1900, "mean": 2000, "high": 2100},
                  "token_ratio": {"low": 0, "mean": 0.8, "high": 1.7},
                  "gates": [{"gate": "known", "low": -0.02, "mean": 0.01, "high": 0.02}]}
                """);
        SplittableRandom random = new SplittableRandom(1);
        for (Quantity quantity : List.of(
                Quantity.TODAY_PER_MILLION,
                Quantity.STAFF_HOUR,
                Quantity.TOKENS_PER_REQUEST,
                Quantity.CANDIDATE_TOKEN_RATIO,
                Quantity.CANDIDATE_ERROR_DIFFERENCE)) {
            UncertainNumber range = Objects.requireNonNull(plan.quantities().get(quantity));
            List<Double> drawn = DoubleStream.generate(() -> range.draw(random))
                    .limit(100_000)
                    .boxed()
                    .toList();
            assertThat(shareBelow(drawn, range.low())).as("%s", quantity).isCloseTo(0.05, within(0.003));
            assertThat(shareBelow(drawn, range.likely())).as("%s", quantity).isCloseTo(0.5, within(0.007));
            assertThat(shareBelow(drawn, range.high())).as("%s", quantity).isCloseTo(0.95, within(0.003));
            assertThat(range.low() <= 0 || drawn.stream().allMatch(value -> value > 0))
                    .as("a price is above 0")
                    .isTrue();
        }
    }

    @Test
    void pagesHaveBothLanguagesAndMonthsAreTabulated() throws IOException {
        RoiAnalysis analysis = analysis(BOUGHT);
        assertThat(HtmlReport.write(RoiReport.of(analysis, Language.ENGLISH)))
                .contains(
                        "The change pays: it saves 1.60 k EUR in 4 months",
                        "seed 1",
                        "pilot",
                        "at least 1.47",
                        "(likely 50.0");
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
                          - {name: shadow, answered: 1, mirrored: 2, today_off: true}
                          - {name: full, answered: 1, mirrored: 0}
                        """))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("volume.now must be above 0")
                .hasMessageContaining("staf_hour")
                .hasMessageContaining("today.price_per_million must be at least 0, a range from low to high")
                .hasMessageContaining("candidate.utilisation must be above 0 and at most 1")
                .hasMessageContaining("steps[0].mirrored must be from 0 to 1, got 2.0")
                .hasMessageContaining("steps[0].months must be at least 1 in each step but the last, got 0")
                .hasMessageContaining("steps[0].today_off must be false while today's model gets requests")
                .hasMessageContaining("steps[1].today_off must be true or false");
        assertThatThrownBy(() -> analysis(BOUGHT.replace("months: 1", "months: 4")))
                .hasMessageContaining("steps before the last one must take less than the plan's 4 months, got 4");
        assertThatThrownBy(() -> analysis(BOUGHT.replace("price_per_million: 2", "price_per_million: [1, 2, 3, 4]")))
                .hasMessageContaining("must be a number, [low, high] or [low, likely, high], got 4 numbers");
        assertThatThrownBy(() ->
                        analysis(GROWING.replace("{price_per_million: 40", "{price_per_million: 40, time_ratio: 1")))
                .hasMessageContaining("candidate.price_per_million and candidate.time_ratio exclude each other");
        assertThatThrownBy(() ->
                        analysis(GROWING.replace("{price_per_million: 40", "{price_per_million: 40, utilisation: 0.5")))
                .hasMessageContaining("candidate.price_per_million and candidate.utilisation exclude each other");
    }

    @Test
    void whatIsMissingIsAskedForAtOnceAndNeverFree() {
        assertThatThrownBy(() -> analysis("""
                        volume: {now: 1.0e6}
                        candidate: {tokens_per_second: 1000}
                        steps:
                          - {name: full, answered: 0.5, mirrored: 0, staff_hours: 0, other_costs: 0}
                        """))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("14 problems")
                .hasMessageContaining("today.price_per_million must be stated, or today.machine_hour, today.tokens")
                .hasMessageContaining("candidate.machine_hour must be stated, even if it is 0: Candidate: price of a")
                .hasMessageContaining("candidate.utilisation must be stated, above 0: Candidate: utilisation")
                .hasMessageContaining("candidate.watts must be stated")
                .hasMessageContaining("candidate.token_ratio must be stated")
                .hasMessageContaining("prices.kilowatt_hour must be stated")
                .hasMessageContaining("today.staff_hours must be stated")
                .hasMessageContaining("candidate.staff_hours must be stated")
                .hasMessageContaining("prices.staff_hour must be stated")
                .hasMessageContaining("today.error_rate must be stated, even if it is 0: Today: share of wrong answers")
                .hasMessageContaining("candidate.error_rate must be stated")
                .hasMessageContaining("prices.error must be stated, even if it is 0: Cost of a wrong answer")
                .hasMessageContaining("volume.tokens_per_request must be stated, above 0")
                .hasMessageContaining("steps[0].machine_hours must be stated, even if it is 0: one-time hours");
        assertThatThrownBy(() -> analysis(
                        GROWING.replace("staff_hours: 0, machine_hours: 0", "staff_hours: 0, machine_hours: 9")))
                .as("a bought candidate is trained on machines, too")
                .hasMessageContaining("candidate.machine_hour must be stated")
                .hasMessageContaining("candidate.watts must be stated")
                .hasMessageContaining("prices.kilowatt_hour must be stated");
    }

    /// A machine of 2,000 a month is kept while the candidate answers, at 1,200 a month, until it is switched off.
    @Test
    void todaysMachinesAreKeptUntilTheyAreSwitchedOff() throws IOException {
        String kept = BOUGHT.replace(
                        "today: {price_per_million: 2, staff_hours: 0}",
                        "today: {staff_hours: 1, machine_hour: 3.6, tokens_per_second: 1000, utilisation: 0.5,"
                                + " watts: 0}")
                .replace("steps:", """
                        steps:
                          - {name: full, months: 1, answered: 1, mirrored: 0, today_off: false,
                             staff_hours: 0, machine_hours: 0, other_costs: 0}""");
        RoiCosts costs = analysis(kept).likely();
        assertThat(numbers(costs.staying())).containsExactly(new double[] {2050, 2050, 2050, 2050}, EXACT);
        assertThat(numbers(costs.changing())).containsExactly(new double[] {3250, 2846, 1200, 1200}, EXACT);
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
        assertThat(plan.measured()).containsExactly(Quantity.TOKENS_PER_REQUEST, Quantity.CANDIDATE_ERROR_DIFFERENCE);
        assertThat(RoiReport.of(analysis, Language.ENGLISH).toString())
                .contains(
                        "Values that the gateway measured, in place of the plan's: Tokens of a request with its answer",
                        "−1.0 % to 3.0 %");
    }

    /// Four fifths of the arithmetic make 500 tokens a second of 625: 444.44 hours, 960 a month.
    @Test
    void aSpeedAtFullDepthIsDividedByTheMeasuredShareOfTheArithmetic() throws IOException {
        String share = "{\"object\": \"measured\", \"flops_share\": {\"low\": 0.7, \"mean\": 0.8, \"high\": 0.9}}";
        String plan = BOUGHT.replace("token_ratio: 1,", "token_ratio: 1, flops_share: 1,");
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
        assertThat(ratio.low()).isCloseTo(0.72, within(0.002));
        assertThat(ratio.high()).isCloseTo(0.78, within(0.002));
        assertThat(RoiReport.of(analysis, Language.ENGLISH).toString())
                .contains(
                        "An answer of the candidate costs 0.75 times as much as an answer today (between 0.72 and 0.78)");
        assertThat(RoiReport.of(analysis, Language.JAPANESE).toString()).contains("候補モデルの 1 回答の費用は、現行モデルの 0.75 倍");
        assertThat(RoiNumbers.json(analysis).at("/cost_ratio/median").asDouble(0))
                .isEqualTo(ratio.median());
    }

    /// On the same machines, at 2 for a million tokens today, two fifths of the time cost 0.80.
    @Test
    void onTheSameMachinesTimesTellWhatAnAnswerCosts() throws IOException {
        String plan = BOUGHT.replace(
                        "today: {price_per_million: 2,",
                        "today: {machine_hour: 3.6, tokens_per_second: 1000, utilisation: 0.5, watts: 0,")
                .replace(
                        "{machine_hour: 1.8, tokens_per_second: 1000, utilisation: 0.5, watts: 1000",
                        "{machine_hour: 3.6, time_ratio: 0.5, utilisation: 0.5, watts: 0");
        assertThat(analysis(plan).likely().totalChanging()).isCloseTo(2000 + 940 + 3 * 1000, EXACT);
        RoiAnalysis analysis = RoiAnalysis.of(measured(plan, """
                {"object": "measured", "token_ratio": {"low": 2, "mean": 2, "high": 2},
                 "time_ratio": {"low": 0.4, "mean": 0.4, "high": 0.4}}
                """), 1);
        assertThat(analysis.likely().totalStaying()).isCloseTo(8000, EXACT);
        assertThat(analysis.likely().totalChanging()).isCloseTo(2000 + 940 + 3 * 800, EXACT);
        assertThat(analysis.costRatio().orElseThrow().median()).isCloseTo(0.4, EXACT);
        assertThatThrownBy(() -> analysis(BOUGHT.replace("watts: 1000", "watts: 1000, time_ratio: 0")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("candidate.time_ratio must be above 0, a range")
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
