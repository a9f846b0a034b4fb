package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.RouterHealth.Problem;
import dev.saiki.engine.RouterHealth.State;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A router that cannot be trusted any more decides nothing, and says so.
class RouterBreakerTest {

    private static final long SEED = 5;
    private static final EngineOptions PLAIN =
            EngineOptions.builder().threads(1).build();
    private static final BreakerOptions AT_ONCE = new BreakerOptions(64, 0.4, Duration.ZERO);
    private static final BreakerOptions STAYS_OPEN = new BreakerOptions(64, 0.4, Duration.ofHours(1));
    private static final int LONG_CONTEXT = 2048;

    @TempDir
    private Path folder;

    static Stream<Model> routed() {
        return Models.all()
                .filter(model -> !model.name().contains("vanilla")
                        && !model.name().contains("fixed")
                        && !model.name().contains("sequence")
                        && !model.name().contains("random"));
    }

    private static UnaryOperator<StoredTensor> poison(String part) {
        return tensor -> {
            if (!tensor.name().contains(part)) {
                return tensor;
            }
            float[] values = tensor.toFloats();
            values[values.length / 2] = Float.NaN;
            return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
        };
    }

    private CheckpointDirectory model(ModelConfig config, Manifest manifest, UnaryOperator<StoredTensor> change)
            throws IOException {
        return RandomCheckpoint.write(folder.resolve("model"), config, SEED, manifest, change);
    }

    private static GenerationRequest request(int seed, int tokens) {
        int[] prompt = Models.text(new Random(seed), 8);
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] %= TinyModels.VOCABULARY;
        }
        // Drawn, not greedy: a model of random weights would soon go in circles.
        return GenerationRequest.builder(prompt, tokens)
                .ending(StopConditions.NONE)
                .sampling(SamplingSettings.UNCHANGED)
                .seed(seed)
                .build();
    }

    private record Written(List<Token> tokens, GenerationResult finish) {
        List<Integer> ids() {
            return tokens.stream().map(Token::id).toList();
        }
    }

    private static Written write(Engine engine, GenerationRequest request) {
        List<Token> tokens = new ArrayList<>();
        TokenStream stream = engine.submit(request);
        stream.forEach(tokens::add);
        return new Written(tokens, stream.finish());
    }

    private static RouterHealth health(Engine engine) {
        return engine.statistics().router();
    }

    @ParameterizedTest
    @MethodSource("routed")
    void behindAPoisonedRouterEveryTokenTakesAllRecursionsAndEveryNumberIsFinite(Model model) throws IOException {
        try (Engine engine = Engine.withoutText(
                model(model.config(), Manifest.untrained(), poison("router")),
                PLAIN.toBuilder().breaker(STAYS_OPEN).build())) {
            for (int seed = 0; seed < 3; seed++) {
                Written written = write(engine, request(seed, 12));
                assertThat(written.finish().reason()).isEqualTo(FinishReason.MAX_TOKENS);
                assertThat(written.finish().depths()).containsOnly(3);
                assertThat(written.tokens())
                        .allSatisfy(
                                token -> assertThat(token.logprob()).isFinite().isLessThanOrEqualTo(0));
                // 8 of the prompt and 11 of the answer: from the last one nothing is predicted any more.
                assertThat(written.finish().overruled()).isEqualTo(19);
            }
            RouterHealth health = health(engine);
            assertThat(health.state()).isEqualTo(State.OPEN);
            assertThat(health.reason()).contains(Problem.NOT_FINITE);
            assertThat(health.trips()).containsExactly(Map.entry(Problem.NOT_FINITE, 1L));
            assertThat(health.scoresNotFinite()).isPositive();
            assertThat(health.logitsNotFinite()).isZero();
            assertThat(health.overruledTokens()).isEqualTo(3 * 19);
        }
    }

    @Test
    void aPoisonedRouterIsNeverClosedAgain() throws IOException {
        CheckpointDirectory poisoned = model(Models.expertThreshold(), Manifest.untrained(), poison("routers.1"));
        try (Engine engine =
                Engine.withoutText(poisoned, PLAIN.toBuilder().breaker(AT_ONCE).build())) {
            for (int seed = 0; seed < 4; seed++) {
                assertThat(write(engine, request(seed, 50)).finish().depths()).containsOnly(3);
            }
            assertThat(health(engine).transitions())
                    .extracting(RouterHealth.Transition::state)
                    .contains(State.OPEN, State.HALF_OPEN)
                    .doesNotContain(State.CLOSED);
        }
    }

    @Test
    void withoutABreakerAPoisonedRouterFailsTheRequestAndNotTheEngine() throws IOException {
        CheckpointDirectory poisoned = model(Models.expertThreshold(), Manifest.untrained(), poison("routers.1"));
        try (Engine engine = Engine.withoutText(poisoned, PLAIN)) {
            Written written = write(engine, request(1, 12));
            assertThat(written.tokens()).isEmpty();
            assertThat(written.finish().reason()).isEqualTo(FinishReason.FAILED);
            assertThat(written.finish().failure()).get().isInstanceOf(NonFiniteException.class);
            assertThatThrownBy(() -> engine.score(new int[] {1, 2, 3}, RouteSettings.MODEL)
                            .join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(NonFiniteException.class);
            // A request that does not ask this router is answered.
            Written shallow = write(
                    engine,
                    request(1, 12).toBuilder().route(RouteSettings.within(1, 1)).build());
            assertThat(shallow.finish().reason()).isEqualTo(FinishReason.MAX_TOKENS);
            assertThat(engine.isRunning()).isTrue();
            assertThat(engine.statistics().cache().pagesInUse()).isZero();
        }
    }

    @Test
    void aTextWithAPoisonedTokenFailsAndTheOthersBesideItAreAsEver() throws IOException {
        int bad = 77;
        // The head is not tied to the embedding, so only those that read the token see what is wrong with it.
        ModelConfig untied = TinyModels.ofText(100, 64);
        List<Integer> alone;
        try (Engine engine = Engine.withoutText(model(untied, Manifest.untrained(), tensor -> tensor), PLAIN)) {
            alone = write(engine, request(3, 30)).ids();
        }
        assertThat(alone).doesNotContain(bad);
        UnaryOperator<StoredTensor> narrow = tensor -> poisonRow(tensor, bad, untied.hiddenSize());
        try (Engine engine = Engine.withoutText(model(untied, Manifest.untrained(), narrow), PLAIN)) {
            TokenStream good = engine.submit(request(3, 30));
            Written written = write(engine, GenerationRequest.greedy(new int[] {1, bad, 2}, 10));
            assertThat(written.finish().reason()).isEqualTo(FinishReason.FAILED);
            assertThat(written.finish().failure()).get().isInstanceOf(NonFiniteException.class);
            List<Integer> beside = new ArrayList<>();
            good.forEach(token -> beside.add(token.id()));
            assertThat(beside).isEqualTo(alone);
        }
    }

    private static StoredTensor poisonRow(StoredTensor tensor, int row, int width) {
        if (!tensor.name().equals(ParameterNames.EMBEDDING)) {
            return tensor;
        }
        float[] values = tensor.toFloats();
        Arrays.fill(values, row * width, (row + 1) * width, Float.NaN);
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    /// What a model's tokens take on some texts, as training would have measured it.
    private Manifest measuredOn(ModelConfig config, UnaryOperator<StoredTensor> change) throws IOException {
        int[] counts = new int[3];
        try (Engine engine = Engine.withoutText(model(config, Manifest.untrained(), change), PLAIN)) {
            for (int seed = 0; seed < 4; seed++) {
                Arrays.stream(write(engine, request(seed, 200)).finish().depths())
                        .forEach(depth -> counts[depth - 1]++);
            }
        }
        double all = Arrays.stream(counts).sum();
        Map<String, Double> shares = new HashMap<>();
        for (int depth = 1; depth <= 3; depth++) {
            shares.put(Manifest.DEPTH_SHARE + depth, counts[depth - 1] / all);
        }
        assertThat(counts).as("a router that routes").doesNotContain(0);
        return Manifest.now(Optional.empty(), Optional.empty(), 1_000, 10, shares);
    }

    private static final double COLLAPSED_EFFORT = 0.25;

    /// At the least effort of the grid no token passes any more; elsewhere the router is as it was.
    private static StoredTensor collapseAtLeastEffort(StoredTensor tensor) {
        if (!tensor.name().equals(ParameterNames.ROUTER_THRESHOLDS)) {
            return tensor;
        }
        float[] values = tensor.toFloats();
        int grid = Math.toIntExact(tensor.shape().getLast());
        for (int i = 0; i < values.length; i += grid) {
            values[i] = 2;
        }
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    @Test
    void aRouterThatSendsAllTokensToOneDepthIsOverruledEvenForTheAnswerAtWorkAndRecoversAfterAProbe()
            throws IOException {
        ModelConfig config = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        Manifest trained = measuredOn(config, RouterBreakerTest::collapseAtLeastEffort);
        CheckpointDirectory model = model(config, trained, RouterBreakerTest::collapseAtLeastEffort);
        GenerationRequest usual = request(1, 300);
        List<Integer> before;
        try (Engine engine = Engine.withoutText(model, PLAIN)) {
            before = write(engine, usual).ids();
        }
        BreakerOptions breaker = new BreakerOptions(256, 1, Duration.ofMillis(200));
        try (Engine engine =
                Engine.withoutText(model, PLAIN.toBuilder().breaker(breaker).build())) {
            assertThat(write(engine, usual).ids())
                    .as("a router that is well is followed")
                    .isEqualTo(before);
            Written collapsed = write(
                    engine,
                    request(2, 400).toBuilder()
                            .route(RouteSettings.builder()
                                    .effort(COLLAPSED_EFFORT)
                                    .build())
                            .build());
            int[] depths = collapsed.finish().depths();
            assertThat(depths).startsWith(1, 1, 1).endsWith(3, 3, 3).doesNotContain(2);
            assertThat(collapsed.finish().overruled()).isEqualTo((int)
                    Arrays.stream(depths).filter(depth -> depth == 3).count());
            RouterHealth open = health(engine);
            assertThat(open.state()).isNotEqualTo(State.CLOSED);
            assertThat(open.trips().keySet()).containsExactly(Problem.COLLAPSE);
            assertThat(open.transitions().getFirst().detail()).contains("all 240", "to depth 1", "0.75");
            assertThat(open.window().shares().getFirst()).isEqualTo(1);

            int most = 50;
            while (health(engine).state() != State.CLOSED) {
                Written overruled = write(engine, usual);
                assertThat(overruled.finish().depths()[0]).isEqualTo(3);
                most--;
                assertThat(most).as("it recovers").isPositive();
            }
            assertThat(write(engine, usual).ids())
                    .as("nothing that was computed while it was overruled is used again")
                    .isEqualTo(before);
        }
    }

    @Test
    void depthsFarFromThoseOfTrainingAreADrift() throws IOException {
        ModelConfig config = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        Map<String, Double> elsewhere =
                Map.of(Manifest.DEPTH_SHARE + 1, 0.01, Manifest.DEPTH_SHARE + 2, 0.01, Manifest.DEPTH_SHARE + 3, 0.98);
        Manifest trained = Manifest.now(Optional.empty(), Optional.empty(), 1_000, 10, elsewhere);
        try (Engine engine = Engine.withoutText(
                model(config, trained, tensor -> tensor),
                PLAIN.toBuilder().breaker(STAYS_OPEN).build())) {
            write(engine, request(1, 200));
            assertThat(health(engine).reason()).contains(Problem.DRIFT);
            assertThat(health(engine).window().drift()).isGreaterThan(0.4);
        }
    }

    @Test
    void aRecursionThatNobodyTakesAnyMoreIsDead() throws IOException {
        ModelConfig config = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        UnaryOperator<StoredTensor> noLastStep = tensor -> {
            if (!tensor.name().equals(ParameterNames.ROUTER_THRESHOLDS)) {
                return tensor;
            }
            float[] values = tensor.toFloats();
            int grid = Math.toIntExact(tensor.shape().getLast());
            Arrays.fill(values, 2 * grid, 3 * grid, 2);
            return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
        };
        Manifest trained = Manifest.now(
                Optional.empty(),
                Optional.empty(),
                1_000,
                10,
                Map.of(Manifest.DEPTH_SHARE + 1, 0.4, Manifest.DEPTH_SHARE + 2, 0.4, Manifest.DEPTH_SHARE + 3, 0.2));
        try (Engine engine = Engine.withoutText(
                model(config, trained, noLastStep),
                PLAIN.toBuilder()
                        .breaker(new BreakerOptions(64, 1, Duration.ofHours(1)))
                        .build())) {
            write(engine, request(1, 200));
            assertThat(health(engine).reason()).contains(Problem.DEAD_RECURSION);
            assertThat(health(engine).transitions().getFirst().detail()).contains("step 2", "0.20");
        }
    }

    @Test
    void requestsThatChooseTheirDepthsThemselvesSayNothingAboutTheRouter() throws IOException {
        ModelConfig config = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        Manifest trained = measuredOn(config, tensor -> tensor);
        try (Engine engine = Engine.withoutText(
                model(config, trained, tensor -> tensor),
                PLAIN.toBuilder().breaker(AT_ONCE).build())) {
            write(
                    engine,
                    request(1, 200).toBuilder()
                            .route(RouteSettings.within(1, 1))
                            .build());
            write(
                    engine,
                    request(1, 200).toBuilder()
                            .route(RouteSettings.within(3, 3))
                            .build());
            assertThat(health(engine).window().tokens()).isZero();
            assertThat(health(engine).state()).isEqualTo(State.CLOSED);
        }
    }

    @Test
    void anotherEffortIsHeldAgainstTheSharesThatItMeans() throws IOException {
        ModelConfig config = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        Manifest trained = measuredOn(config, tensor -> tensor);
        try (Engine engine = Engine.withoutText(model(config, trained, tensor -> tensor), PLAIN)) {
            write(
                    engine,
                    request(1, 40).toBuilder()
                            .route(RouteSettings.builder().effort(1).build())
                            .build());
            RouterHealth.Window window = health(engine).window();
            assertThat(window.expected()).containsExactly(0.0, 0.0, 1.0);
            assertThat(window.drift()).isZero();
            assertThat(window.confidence()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void driftIsHalfTheSumOfTheAbsoluteDifferencesAndTheWindowSlides() {
        DepthWindow window = new DepthWindow(3, 64);
        Optional<double[]> expected = Optional.of(new double[] {0.5, 0.25, 0.25});
        for (int i = 0; i < 30; i++) {
            window.add(1, expected);
        }
        assertThat(window.drift()).isCloseTo(0.5, within(1e-12));
        for (int i = 0; i < 32; i++) {
            window.add(2 + i % 2, expected);
        }
        assertThat(window.isTelling()).isTrue();
        assertThat(window.tokens()).isEqualTo(62);
        assertThat(window.drift()).isCloseTo(Math.abs(30 / 62.0 - 0.5), within(1e-12));
        for (int i = 0; i < 64; i++) {
            window.add(3, expected);
        }
        assertThat(window.onlyDepth()).contains(3);
        assertThat(window.drift()).isCloseTo(0.75, within(1e-12));
    }
}
