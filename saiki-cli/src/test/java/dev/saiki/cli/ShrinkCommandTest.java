package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.model.ScoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// A trained model's layers are tied, and updates of full rank restore the model.
class ShrinkCommandTest {

    private static final int[] IDS = {1, 403, 407, 261, 378, 432, 383, 286, 261, 376};

    @TempDir
    private static Path folder = Path.of("");

    private static Path base = Path.of("");

    @BeforeAll
    static void bringIn() {
        base = TrainedModel.importedTo(folder.resolve("base"));
    }

    private static JsonNode shrunk(String out, Object... more) {
        List<Object> words = new ArrayList<>(List.of("shrink", "--model", base, "--out", folder.resolve(out)));
        words.addAll(List.of(more));
        words.add("--json");
        return CommandRun.of(words.toArray()).succeeds().json();
    }

    /// Five layers: 1 + 3 tied + 1.
    @Test
    void updatesOfFullRankGiveTheModelBackInBothEngines() {
        JsonNode result = shrunk("full", "--recursions", 3, "--rank", "full");
        for (JsonNode step : result.path("steps")) {
            assertThat(step.path("left").doubleValue()).isLessThan(1e-5);
        }
        assertThat(result.at("/steps/0/tied_loss").doubleValue()).isZero();
        assertThat(result.at("/steps/1/tied_loss").doubleValue()).isGreaterThan(0.5);
        float[] before = Parity.logits(base, IDS, ScoreOptions.CAUSAL);
        Parity.assertAlike("full", folder.resolve("full"), IDS, before);
        assertThat(TrainedModel.writtenBy(folder.resolve("full"))).isEqualTo(TrainedModel.writtenBy(base));
    }

    @Test
    void moreRankLosesLessAndTiedLayersAreFewerParameters() {
        double tied = shrunk("none", "--recursions", 3).at("/steps/2/left").doubleValue();
        JsonNode low = shrunk("low", "--recursions", 3, "--rank", 8);
        JsonNode higher = shrunk("higher", "--recursions", 3, "--rank", 32);
        assertThat(low.at("/steps/2/tied_loss").doubleValue()).isCloseTo(tied, within(1e-6));
        assertThat(low.at("/steps/2/left").doubleValue()).isBetween(0.1, tied - 0.05);
        assertThat(higher.at("/steps/2/left").doubleValue())
                .isLessThan(low.at("/steps/2/left").doubleValue());
        assertThat(low.path("parameters").longValue())
                .isLessThan(low.path("parameters_before").longValue());
    }

    /// The mean has the least error over all steps; evenly spaced layers have error 0 at steps whose own layers
    /// they are.
    @ParameterizedTest
    @CsvSource({"average, 3", "stepwise, 3"})
    void otherRulesTieTheFirstStepToo(String rule, int recursions) {
        JsonNode result = shrunk(rule, "--recursions", recursions, "--tie", rule, "--rank", "full");
        assertThat(result.path("tie").stringValue()).isEqualTo(rule);
        assertThat(result.at("/steps/1/left").doubleValue()).isLessThan(1e-5);
        boolean takesTheFirst = rule.equals("stepwise");
        assertThat(result.at("/steps/0/left").doubleValue() == 0).isEqualTo(takesTheFirst);
        CommandRun.of("eval", "score", "--model", folder.resolve(rule), "--text", "Once upon a time")
                .succeeds();
    }

    /// Layers with different content differ by more than their own norm, so the relative error exceeds 1.
    @Test
    void whatTyingCostsIsToldAsADistance() {
        String text = CommandRun.of("shrink", "--model", base, "--recursions", 3, "--out", folder.resolve("told"))
                .succeeds()
                .out();
        assertThat(text)
                .contains("step 0: relative error of the shared weights 0.0000")
                .containsPattern("step 2: relative error of the shared weights 1\\.\\d+")
                .contains("a relative error above 1 is worse than weights of zero");
    }

    @Test
    void aShrunkModelNamesItsBaseAndIsNoDeepenedOne() {
        shrunk("named", "--recursions", 3, "--rank", 4);
        Manifest named =
                CheckpointDirectory.open(folder.resolve("named")).manifest().orElseThrow();
        assertThat(named.base().orElseThrow().path()).isEqualTo(base.toString());
        assertThat(named.provenance().onePass()).isEmpty();
    }

    @Test
    void wrongUseIsRefusedInOneLine() {
        Object[] none = {"shrink", "--model", base, "--out", folder.resolve("wrong")};
        CommandRun.of(with(none, "--recursions", 1)).isRefused("--recursions must be at least 2, got 1");
        CommandRun.of(with(none, "--recursions", 2))
                .isRefused(
                        "its 5 layers leave 3 middle layers with --entry-layers 1 and --exit-layers 1, so --recursions"
                                + " must be 3, got 2");
        CommandRun.of(with(none, "--recursions", 2, "--entry-layers", 3))
                .isRefused("its 5 layers leave 1 middle layers", "too few to tie; reduce --entry-layers");
        CommandRun.of(with(none, "--recursions", 3, "--rank", "much")).isRefused("--rank must be a number, or full");
        CommandRun.of(with(none, "--recursions", 3, "--entry-layers", 0)).isRefused("must both be 0");
        shrunk("again", "--recursions", 3);
        CommandRun.of("shrink", "--model", folder.resolve("again"), "--recursions", 3, "--out", folder.resolve("wrong"))
                .isRefused("got one with recursion");
        assertThat(folder.resolve("wrong")).doesNotExist();
    }

    private static Object[] with(Object[] words, Object... more) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
    }
}
