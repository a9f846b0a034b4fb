package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.certificate.EffortLosses;
import dev.saiki.eval.certificate.ScoredConversation;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
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

/// The cost of an effort, compared with the reference depth, is the same with LibTorch and with the engine.
class FlippedParityTest {

    private static final long SEED = 20261127;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> variants() {
        return Variants.all().stream()
                .filter(variant -> variant.config().routing() instanceof Routing.ExpertThreshold)
                .filter(variant -> variant.config().numKeyValueHeads() == 2);
    }

    private static List<ScoredConversation> conversations() {
        Random random = new Random(SEED);
        return IntStream.range(0, 12)
                .mapToObj(i -> new ScoredConversation(IntStream.rangeClosed(0, i % 3)
                        .mapToObj(part -> new Continuation(Opened.text(random, 20 + random.nextInt(20)), 1 + i))
                        .toList()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void scorerAndEngineCallTheSameTokensFlipped(Variants.Variant variant) throws IOException {
        List<ScoredConversation> conversations = conversations();
        List<Continuation> texts =
                conversations.stream().flatMap(one -> one.parts().stream()).toList();
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED);
                Engine engine = model.engine(EngineOptions.builder().threads(1).build())) {
            for (int reference : new int[] {2, 3}) {
                EffortLosses torch = EffortLosses.of(
                        0.25,
                        conversations,
                        scored(model, texts, 1, reference),
                        scored(model, texts, 0.25, RoutingRequest.UNBOUNDED));
                List<ScoredContinuation> atReference = scored(engine, texts, 1, reference);
                EffortLosses cpu = EffortLosses.of(0.25, conversations, atReference, scored(engine, texts, 0.25, 3));
                assertThat(torch.meanFlipped()).isPositive();
                assertThat(cpu.flipped()).isEqualTo(torch.flipped());
                assertThat(cpu.meanDepth()).isEqualTo(torch.meanDepth());
                assertThat(cpu.meanIncrease()).isCloseTo(torch.meanIncrease(), within(1e-4));
                assertThat(atReference)
                        .allSatisfy(text -> assertThat(text.depths()).containsOnly(reference));
            }
        }
    }

    private static List<ScoredContinuation> scored(
            Opened model, List<Continuation> texts, double effort, int maxDepth) {
        return model.scorer().scoreEnds(texts, new ScoreOptions(RoutingRequest.Rule.CAUSAL, maxDepth, effort));
    }

    private static List<ScoredContinuation> scored(
            Engine engine, List<Continuation> texts, double effort, int maxDepth) {
        RouteSettings route =
                RouteSettings.builder().effort(effort).maxDepth(maxDepth).build();
        return new EngineContinuationScorer(engine, route, 8).score(texts);
    }
}
