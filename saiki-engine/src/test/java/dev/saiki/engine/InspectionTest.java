package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.InspectedToken.DepthPrediction;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.RouterDecision;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InspectionTest {

    private static final long SEED = 20261125;
    private static final int LENGTH = 24;
    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(2).build();

    @TempDir
    private Path folder;

    static Stream<Model> models() {
        return Models.all();
    }

    static Stream<Model> routedModels() {
        return Models.all().filter(model -> !(model.config().routing() instanceof Routing.None));
    }

    private Engine open(ModelConfig config, EngineOptions options) throws IOException {
        return Engine.withoutText(RandomCheckpoint.write(folder.resolve("model"), config, SEED), options);
    }

    private static int[] text() {
        return Models.text(new Random(SEED), LENGTH);
    }

    private static List<InspectedToken> inspect(Engine engine, int[] text, RouteSettings route) {
        return engine.inspect(text, 3, route).join();
    }

    private static RouteSettings forced(int position, int depth) {
        return RouteSettings.builder()
                .forced(new PositionDepths(Map.of(position, depth)))
                .build();
    }

    @ParameterizedTest
    @MethodSource("models")
    void itSaysWhatAScoreSaysToTheLastBit(Model model) throws IOException {
        try (Engine engine = open(model.config(), OPTIONS)) {
            TokenScores scores = engine.score(ScoreRequest.builder(text(), RouteSettings.MODEL)
                            .alternatives(3)
                            .build())
                    .join();
            List<InspectedToken> tokens = inspect(engine, text(), RouteSettings.MODEL);
            assertThat(tokens).hasSize(LENGTH);
            for (int i = 0; i < LENGTH; i++) {
                assertThat(tokens.get(i).id()).isEqualTo(text()[i]);
                assertThat(tokens.get(i).logprob()).isEqualTo(Double.valueOf(scores.logprobs()[i]));
                assertThat(tokens.get(i).depth()).isEqualTo(scores.depths()[i]);
                if (i > 0) {
                    DepthPrediction last = tokens.get(i - 1).predictions().getLast();
                    assertThat(last.likeliest()).isEqualTo(scores.alternatives().get(i));
                    assertThat(last.nextLogprob()).isEqualTo(scores.logprobs()[i]);
                }
            }
        }
    }

    /// Compares predictions with scores of the same text in which the token was forced to exit at that depth.
    @ParameterizedTest
    @MethodSource("routedModels")
    void eachRecursionPredictsWhatFollowsATokenThatIsMadeToLeaveThere(Model model) throws IOException {
        try (Engine engine = open(model.config(), OPTIONS)) {
            int compared = 0;
            for (InspectedToken token :
                    inspect(engine, text(), RouteSettings.MODEL).subList(0, LENGTH - 1)) {
                assertThat(token.predictions())
                        .extracting(DepthPrediction::depth)
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, token.depth()).boxed().toList());
                for (DepthPrediction prediction : token.predictions()) {
                    TokenScores left = engine.score(
                                    ScoreRequest.builder(text(), forced(token.position(), prediction.depth()))
                                            .alternatives(3)
                                            .build())
                            .join();
                    assertThat(prediction.nextLogprob()).isEqualTo(left.logprobs()[token.position() + 1]);
                    assertThat(prediction.likeliest())
                            .isEqualTo(left.alternatives().get(token.position() + 1));
                    compared++;
                }
            }
            assertThat(compared).isGreaterThan(LENGTH);
        }
    }

    @Test
    void aRecursionOfFixedDepthPredictsAfterEachStepToo() throws IOException {
        ModelConfig fixed = Models.all()
                .filter(model -> model.name().equals("fixed depth"))
                .findFirst()
                .orElseThrow()
                .config();
        try (Engine engine = open(fixed, OPTIONS)) {
            InspectedToken first = inspect(engine, text(), RouteSettings.MODEL).getFirst();
            assertThat(first.decisions()).isEmpty();
            assertThat(first.predictions()).hasSize(3);
            for (DepthPrediction prediction : first.predictions()) {
                TokenScores bounded = engine.score(text(), RouteSettings.within(1, prediction.depth()))
                        .join();
                assertThat(prediction.nextLogprob()).isEqualTo(bounded.logprobs()[1]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("routedModels")
    void depthsFollowFromTheDecisions(Model model) throws IOException {
        boolean tiesPass = !(model.config().routing() instanceof Routing.TokenChoice);
        try (Engine engine = open(model.config(), OPTIONS)) {
            for (InspectedToken token : inspect(engine, text(), RouteSettings.MODEL)) {
                List<RouterDecision> decisions = token.decisions();
                assertThat(decisions)
                        .extracting(RouterDecision::step)
                        .containsExactlyElementsOf(IntStream.rangeClosed(1, Math.min(token.depth(), 2))
                                .boxed()
                                .toList());
                for (RouterDecision decision : decisions) {
                    assertThat(decision.continues())
                            .isEqualTo(decision.step() < token.depth())
                            .isEqualTo(
                                    tiesPass
                                            ? decision.score() >= decision.threshold()
                                            : decision.score() > decision.threshold());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("routedModels")
    void aForcedDepthIsTakenAndChangesNothingBeforeIt(Model model) throws IOException {
        int position = 9;
        try (Engine engine = open(model.config(), OPTIONS)) {
            List<InspectedToken> free = inspect(engine, text(), RouteSettings.MODEL);
            for (int depth = 1; depth <= 3; depth++) {
                List<InspectedToken> changed = inspect(engine, text(), forced(position, depth));
                assertThat(changed.get(position).depth()).isEqualTo(depth);
                assertThat(changed.subList(0, position)).isEqualTo(free.subList(0, position));
                // The router's decisions are still reported, as long as the states before them are the same.
                assertThat(changed.get(position).decisions().getFirst())
                        .isEqualTo(free.get(position).decisions().getFirst());
                if (depth == free.get(position).depth()) {
                    assertThat(changed).isEqualTo(free);
                } else {
                    assertThat(changed.get(position + 1).logprob())
                            .isNotEqualTo(free.get(position + 1).logprob());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("routedModels")
    void forcingAllTokensToTheirOwnDepthsChangesNothing(Model model) throws IOException {
        try (Engine engine = open(model.config(), OPTIONS)) {
            List<InspectedToken> free = inspect(engine, text(), RouteSettings.MODEL);
            Map<Integer, Integer> depths =
                    free.stream().collect(Collectors.toMap(InspectedToken::position, InspectedToken::depth));
            assertThat(inspect(
                            engine,
                            text(),
                            RouteSettings.builder()
                                    .forced(new PositionDepths(depths))
                                    .build()))
                    .isEqualTo(free);
        }
    }

    @Test
    void aBoundHoldsForForcedDepthsToo() throws IOException {
        try (Engine engine = open(Models.expertChoice(KeyValueSharing.NONE), OPTIONS)) {
            RouteSettings route = RouteSettings.within(1, 2).toBuilder()
                    .forced(new PositionDepths(Map.of(3, 3)))
                    .build();
            assertThat(inspect(engine, text(), route).get(3).depth()).isEqualTo(2);
        }
    }

    /// Memory is so small that sequences are preempted and computed again.
    @ParameterizedTest
    @MethodSource("routedModels")
    void companyChangesNothing(Model model) throws IOException {
        List<InspectedToken> alone;
        try (Engine engine = open(model.config(), OPTIONS)) {
            alone = inspect(engine, text(), RouteSettings.MODEL);
        }
        try (Engine engine =
                open(model.config(), OPTIONS.toBuilder().cacheBytes(200_000).build())) {
            List<TokenStream> others = IntStream.range(0, 12)
                    .mapToObj(seed -> engine.submit(GenerationRequest.builder(Models.text(new Random(seed), 10), 50)
                            .ending(StopConditions.NONE)
                            .build()))
                    .toList();
            List<CompletableFuture<List<InspectedToken>>> inspections = IntStream.range(0, 3)
                    .mapToObj(_ -> engine.inspect(text(), 3, RouteSettings.MODEL))
                    .toList();
            inspections.forEach(inspection -> assertThat(inspection.join()).isEqualTo(alone));
            others.forEach(other -> assertThat(other.finish().tokens()).isEqualTo(50));
        }
    }

    @Test
    void whoCancelsGetsThePagesFreed() throws IOException {
        try (Engine engine = open(Models.expertChoice(KeyValueSharing.NONE).withMaxPositionEmbeddings(4000), OPTIONS)) {
            CompletableFuture<List<InspectedToken>> inspection =
                    engine.inspect(Models.text(new Random(SEED), 4000), 3, RouteSettings.MODEL);
            while (engine.statistics().cache().pagesInUse() == 0) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(inspection.cancel(true)).isTrue();
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (engine.statistics().cache().pagesInUse() > 0) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(engine.sequences()).isEmpty();
        }
    }

    @Test
    void whatCannotBeInspectedIsRefused() throws IOException {
        try (Engine engine = open(Models.expertChoice(KeyValueSharing.NONE), OPTIONS)) {
            assertThatThrownBy(() -> engine.inspect(new int[0], 3, RouteSettings.MODEL))
                    .isInstanceOf(InputException.class)
                    .hasMessage("a text to inspect must have at least 1 token, got 0");
            assertThatThrownBy(() -> engine.inspect(text(), 21, RouteSettings.MODEL))
                    .hasMessage("top_logprobs must be from 0 to 20, got 21");
            assertThatThrownBy(() -> engine.inspect(new int[] {-1}, 3, RouteSettings.MODEL))
                    .hasMessageContaining("a token id");
            assertThatThrownBy(() -> engine.inspect(new int[Models.CONTEXT + 1], 3, RouteSettings.MODEL))
                    .hasMessageContaining("context has " + Models.CONTEXT + " tokens");
            assertThatThrownBy(() -> engine.inspect(text(), 3, forced(2, 4)))
                    .hasMessage("depths must be from 1 to 3, got 4");
            assertThatThrownBy(() -> forced(2, 0))
                    .hasMessage("depths start at 1 and positions at 0, got depth 0 at position 2");
            assertThatThrownBy(() -> forced(-1, 2)).isInstanceOf(InputException.class);
        }
        try (Engine engine = open(Models.vanilla(), OPTIONS)) {
            assertThatThrownBy(() -> engine.inspect(text(), 3, forced(2, 1)))
                    .hasMessage("depths cannot be forced in a model without a router");
        }
    }

    @Test
    void theCacheSaysHowManyBytesANumberTakes() throws IOException {
        try (Engine engine = open(Models.vanilla(), OPTIONS)) {
            assertThat(engine.cacheNumberBytes()).isEqualTo(4);
        }
    }
}
