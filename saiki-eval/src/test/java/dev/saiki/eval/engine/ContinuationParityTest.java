package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.NextToken;
import dev.saiki.eval.TorchBatchExecutor;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.routing.RoutingRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Scores of continuations depend only on the model and the continuation: not on the rest of the batch, its
/// padding, or the backend.
class ContinuationParityTest {

    private static final double BETWEEN_ENGINES = 1e-3;
    private static final double BETWEEN_BATCHES = 1e-4;
    private static final long SEED = 20261124;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> variants() {
        return Variants.all().stream().filter(variant -> variant.config().numKeyValueHeads() == 2);
    }

    /// Continuations of many lengths; some of one token, some of all, one longer than the context.
    private static List<Continuation> continuations() {
        Random random = new Random(SEED);
        return IntStream.range(0, 24)
                .mapToObj(i -> {
                    int length = i == 0 ? Variants.CONTEXT + 1 : 2 + random.nextInt(Variants.CONTEXT - 1);
                    int first = i % 3 == 0 ? 1 : i % 3 == 1 ? length - 1 : 1 + random.nextInt(length - 1);
                    return new Continuation(Opened.text(random, length), first);
                })
                .toList();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void everyBatchAndBothEnginesScoreTheSame(Variants.Variant variant) throws IOException {
        List<Continuation> continuations = continuations();
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED)) {
            List<ScoredContinuation> alone;
            try (TorchBatchExecutor torch = new TorchBatchExecutor(model.weights(), 1, 1)) {
                alone = torch.score(continuations, ScoreOptions.CAUSAL);
            }
            try (TorchBatchExecutor torch = new TorchBatchExecutor(model.weights(), 64, 2)) {
                assertEqual(alone, torch.score(continuations, ScoreOptions.CAUSAL), BETWEEN_BATCHES);
            }
            try (Engine engine = model.engine(EngineOptions.builder().threads(2).build())) {
                List<ScoredContinuation> oneByOne =
                        new EngineContinuationScorer(engine, RouteSettings.MODEL, 1).score(continuations);
                assertEqual(alone, oneByOne, BETWEEN_ENGINES);
                assertEqual(
                        oneByOne,
                        new EngineContinuationScorer(engine, RouteSettings.MODEL, 64).score(continuations),
                        0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void anEndScoresAsItDoesInTheWholeTextUnderEitherRule(Variants.Variant variant) throws IOException {
        List<Continuation> continuations = continuations().subList(1, 12);
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED)) {
            for (RoutingRequest.Rule rule : RoutingRequest.Rule.values()) {
                ScoreOptions options = new ScoreOptions(rule, 2, Double.NaN);
                List<ScoredContinuation> ends = model.scorer().scoreEnds(continuations, options);
                for (int i = 0; i < ends.size(); i++) {
                    assertScoresAs(model, continuations.get(i), ends.get(i), options);
                }
            }
        }
    }

    /// Compares with the reference on exactly what the end's model reads: under the rule by rank, one token more
    /// would change who is chosen.
    private static void assertScoresAs(
            Opened model, Continuation continuation, ScoredContinuation end, ScoreOptions options) {
        ScoredSequence read =
                model.scorer().score(List.of(continuation.read()), options).getFirst();
        assertThat(end.depths()).isEqualTo(read.depths());
        for (int i = 0; i < end.logprobs().length - 1; i++) {
            assertThat(end.logprobs()[i])
                    .isCloseTo(read.logprobs()[continuation.firstScored() + i], within(BETWEEN_BATCHES));
        }
        double last = end.logprobs()[end.logprobs().length - 1];
        float[] logits =
                NextToken.after(model.scorer(), continuation.read(), options).logits();
        int id = continuation.ids()[continuation.numRead()];
        double highest = Float.NEGATIVE_INFINITY;
        double sum = 0;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
            sum += Math.exp(logit);
        }
        assertThat(last).isCloseTo(logits[id] - Math.log(sum), within(BETWEEN_BATCHES));
        assertThat(end.likeliest()[end.likeliest().length - 1]).isEqualTo(logits[id] == highest);
    }

    private static void assertEqual(
            List<ScoredContinuation> expected, List<ScoredContinuation> actual, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).depths()).isEqualTo(expected.get(i).depths());
            assertThat(actual.get(i).likeliest()).isEqualTo(expected.get(i).likeliest());
            assertThat(actual.get(i).predicted()).isEqualTo(expected.get(i).predicted());
            double[] logprobs = actual.get(i).logprobs();
            for (int j = 0; j < logprobs.length; j++) {
                assertThat(logprobs[j]).isCloseTo(expected.get(i).logprobs()[j], within(tolerance));
            }
        }
    }
}
