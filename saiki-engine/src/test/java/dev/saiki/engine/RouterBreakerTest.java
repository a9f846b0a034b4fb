package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
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
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests that an unreliable router is overruled, and that the engine reports this.
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
        // Tokens are sampled, because a model with random weights would soon repeat itself under greedy decoding.
        return GenerationRequest.builder(prompt, tokens)
                .ending(StopConditions.NONE)
                .sampling(SamplingSettings.UNCHANGED)
                .seed(seed)
                .build();
    }

    /// The number of prompts that fill a window, because each prompt fills at most a sixteenth.
    private static final int PROMPTS = 16;

    /// Generates the answers to distinct prompts concurrently.
    private static List<Written> writeAll(Engine engine, IntFunction<GenerationRequest> requests) {
        List<TokenStream> streams = IntStream.range(0, PROMPTS)
                .mapToObj(i -> engine.submit(requests.apply(1_000 + i)))
                .toList();
        List<Written> written = new ArrayList<>();
        for (TokenStream stream : streams) {
            List<Token> tokens = new ArrayList<>();
            stream.forEach(tokens::add);
            written.add(new Written(tokens, stream.finish()));
        }
        return written;
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
                // 8 tokens of the prompt and 11 of the answer; the answer's last token is not processed.
                assertThat(written.finish().overruled()).isEqualTo(19);
            }
            RouterHealth health = health(engine);
            assertThat(health.state()).isEqualTo(State.OPEN);
            assertThat(health.reason()).contains(Problem.NOT_FINITE);
            assertThat(health.trips()).containsExactly(Map.entry(Problem.NOT_FINITE, 1L));
            assertThat(health.counts().scoresNotFinite()).isPositive();
            assertThat(health.counts().logitsNotFinite()).isZero();
            assertThat(health.counts().overruledTokens()).isEqualTo(3 * 19);
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
            // A request that does not need the router is answered.
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
        // The head is not tied to the embedding, so the faulty row affects only requests that read the token.
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

    /// The manifest of a model whose training measured the depths that the model's tokens take on some texts.
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

    /// At the least effort of the grid no token continues; at other efforts the router is unchanged.
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
            List<Written> collapsed = writeAll(
                    engine,
                    seed -> request(seed, 300).toBuilder()
                            .route(RouteSettings.builder()
                                    .effort(COLLAPSED_EFFORT)
                                    .build())
                            .build());
            // If the submitting thread stalls, the first answers end before the breaker has seen enough prompts.
            assertThat(collapsed.getLast().finish().depths())
                    .startsWith(1, 1, 1)
                    .endsWith(3, 3, 3);
            for (Written written : collapsed) {
                int[] depths = written.finish().depths();
                assertThat(depths).isSorted().doesNotContain(2);
                assertThat(written.finish().overruled()).isEqualTo((int)
                        Arrays.stream(depths).filter(depth -> depth == 3).count());
            }
            RouterHealth open = health(engine);
            assertThat(open.state()).isNotEqualTo(State.CLOSED);
            assertThat(open.trips().keySet()).containsExactly(Problem.COLLAPSE);
            // On a slow machine the breaker opens more than once, and the log drops its first entries.
            assertThat(open.transitions())
                    .anySatisfy(transition ->
                            assertThat(transition.detail()).contains("all tokens of", "to depth 1", "0.75"));

            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            for (int seed = 100; health(engine).state() != State.CLOSED; seed++) {
                Written overruled = write(engine, request(seed, 50));
                assertThat(overruled.finish().depths()[0]).isEqualTo(3);
                assertThat(System.nanoTime()).as("it recovers").isLessThan(deadline);
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
            writeAll(engine, seed -> request(seed, 60));
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
            writeAll(engine, seed -> request(seed, 60));
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

    private static boolean add(DepthWindow window, long prompt, long sequence, int... choices) {
        return window.add(
                new DepthWindow.Piece(prompt, sequence, choices, Optional.of(new double[] {0.5, 0.25, 0.25}), 0, 0));
    }

    @Test
    void driftIsHalfTheSumOfTheAbsoluteDifferencesAndTheWindowSlides() {
        DepthWindow window = new DepthWindow(3, 64);
        for (int prompt = 0; prompt < 7; prompt++) {
            add(window, prompt, prompt, 1, 1, 1, 1);
        }
        assertThat(window.drift()).isCloseTo(0.5, within(1e-12));
        assertThat(window.isHalfFull()).isFalse();
        assertThat(add(window, 7, 7, 2, 3, 2, 3)).isTrue();
        assertThat(window.isHalfFull()).isTrue();
        assertThat(window.tokens()).isEqualTo(32);
        assertThat(window.drift()).isCloseTo(28 / 32.0 - 0.5, within(1e-12));
        for (int prompt = 8; prompt < 24; prompt++) {
            add(window, prompt, prompt, 3, 3, 3, 3);
        }
        assertThat(window.isFull()).isTrue();
        assertThat(window.numPrompts()).isEqualTo(16);
        assertThat(window.onlyDepth()).contains(3);
        assertThat(window.drift()).isCloseTo(0.75, within(1e-12));
    }

    @Test
    void ofOnePromptNoMoreCountsThanASixteenthOfTheWindowAndOfItsRepetitionsNothing() {
        DepthWindow window = new DepthWindow(3, 64);
        int[] longAnswer = new int[500];
        Arrays.fill(longAnswer, 1);
        add(window, 1, 1, longAnswer);
        assertThat(window.tokens()).isEqualTo(4);
        for (int sequence = 2; sequence < 1_000; sequence++) {
            assertThat(add(window, 1, sequence, 3, 3, 3, 3)).isFalse();
        }
        assertThat(window.tokens()).isEqualTo(4);
        assertThat(window.onlyDepth()).contains(1);
        add(window, 2, 1_000, 3, 3);
        assertThat(window.toHealth(true).shares()).containsExactly(4 / 6.0, 0.0, 2 / 6.0);
    }

    private static Map<String, Double> measured(double first, double second, double third) {
        return Map.of(
                Manifest.DEPTH_SHARE + 1,
                first,
                Manifest.DEPTH_SHARE + 2,
                second,
                Manifest.DEPTH_SHARE + 3,
                third,
                Manifest.REFERENCE_DEPTH,
                2.0);
    }

    private static GenerationRequest of(String owner, int seed, int tokens) {
        return request(seed, tokens).toBuilder().owner(owner).build();
    }

    @Test
    void whatOneOwnerSendsOpensItForNobodyElseAndItFallsBackToTheReferenceDepth() throws IOException {
        ModelConfig config = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        Manifest trained = Manifest.now(Optional.empty(), Optional.empty(), 1_000, 10, measured(0.01, 0.01, 0.98));
        CheckpointDirectory model = model(config, trained, tensor -> tensor);
        Written before;
        try (Engine engine = Engine.withoutText(model, PLAIN)) {
            before = write(engine, of("quiet", 1, 60));
        }
        try (Engine engine =
                Engine.withoutText(model, PLAIN.toBuilder().breaker(STAYS_OPEN).build())) {
            writeAll(engine, seed -> of("loud", seed, 60));
            Written overruled = write(engine, of("loud", 2, 60));
            assertThat(overruled.finish().depths()).containsOnly(2);
            assertThat(engine.overrulesRouter("loud")).isTrue();
            Written after = write(engine, of("quiet", 1, 60));
            assertThat(after.ids()).isEqualTo(before.ids());
            assertThat(after.finish().depths()).isEqualTo(before.finish().depths());
            assertThat(after.finish().overruled()).isZero();
            assertThat(engine.overrulesRouter("quiet")).isFalse();
            RouterHealth health = health(engine);
            assertThat(health.forAll()).isFalse();
            assertThat(health.referenceDepth()).isEqualTo(2);
            assertThat(health.owners())
                    .extracting(RouterHealth.Owner::name, RouterHealth.Owner::state)
                    .containsExactly(tuple("loud", State.OPEN), tuple("quiet", State.CLOSED));
            assertThat(health.transitions().getFirst().owner()).contains("loud");
            assertThat(engine.score(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, RouteSettings.MODEL)
                            .join()
                            .overruled())
                    .as("what measures the model is not overruled for what somebody sent")
                    .isZero();
        }
    }

    @Test
    void thePartOfTheDialThatARequestNamesBoundsTheReferenceDepthToo() throws IOException {
        ModelConfig config = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        Manifest trained = Manifest.now(Optional.empty(), Optional.empty(), 1_000, 10, measured(0.4, 0.4, 0.2));
        try (Engine engine = Engine.withoutText(
                model(config, trained, poison("routers.1")),
                PLAIN.toBuilder().breaker(STAYS_OPEN).build())) {
            assertThat(write(engine, request(1, 30)).finish().depths()).containsOnly(2);
            assertThat(engine.overrulesRouter("anybody")).isTrue();
            assertThat(health(engine).forAll()).isTrue();
            assertThat(depthsWithin(engine, 1, 1)).containsOnly(1);
            assertThat(depthsWithin(engine, 3, 3)).containsOnly(3);
        }
    }

    private static int[] depthsWithin(Engine engine, int min, int max) {
        return write(
                        engine,
                        request(1, 30).toBuilder()
                                .route(RouteSettings.within(min, max))
                                .build())
                .finish()
                .depths();
    }

    /// Half of the tokens continue, although nearly all did in training.
    @Test
    void withTwoRecursionsALoadOfOneKindIsNoDrift() throws IOException {
        ModelConfig three = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        ModelConfig two = three.withRecursion(
                Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 2)), three.routing(), three.kvSharing());
        Manifest trained = Manifest.now(
                Optional.empty(),
                Optional.empty(),
                1_000,
                10,
                Map.of(Manifest.DEPTH_SHARE + 1, 0.03, Manifest.DEPTH_SHARE + 2, 0.97));
        BreakerOptions strict = new BreakerOptions(64, 0.2, Duration.ofHours(1));
        try (Engine engine = Engine.withoutText(
                model(two, trained, tensor -> tensor),
                PLAIN.toBuilder().breaker(strict).build())) {
            writeAll(engine, seed -> request(seed, 60));
            RouterHealth health = health(engine);
            assertThat(health.window().drift()).isGreaterThan(0.2);
            assertThat(health.state()).isEqualTo(State.CLOSED);
        }
    }

    @Test
    void withTwoRecursionsARouterThatSendsAllTokensToOneDepthIsOverruled() throws IOException {
        ModelConfig three = TinyModels.ofText(TinyModels.VOCABULARY, LONG_CONTEXT);
        ModelConfig two = three.withRecursion(
                Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 2)), three.routing(), three.kvSharing());
        Manifest trained = Manifest.now(
                Optional.empty(),
                Optional.empty(),
                1_000,
                10,
                Map.of(Manifest.DEPTH_SHARE + 1, 0.5, Manifest.DEPTH_SHARE + 2, 0.5));
        UnaryOperator<StoredTensor> nobodyPasses = tensor -> {
            if (!tensor.name().equals(ParameterNames.ROUTER_THRESHOLDS)) {
                return tensor;
            }
            float[] values = tensor.toFloats();
            Arrays.fill(values, 2);
            return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
        };
        try (Engine engine = Engine.withoutText(
                model(two, trained, nobodyPasses),
                PLAIN.toBuilder().breaker(STAYS_OPEN).build())) {
            writeAll(engine, seed -> request(seed, 60));
            assertThat(health(engine).reason()).contains(Problem.COLLAPSE);
        }
    }
}
