package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.sampling.TokenDistribution;
import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests of the log-probabilities and alternatives of prompts and answers, as a server reports them.
class ReportSettingsTest {

    private static final long SEED = 20261124;
    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(2).chunkTokens(5).maxRows(16).build();
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @TempDir
    private Path folder;

    static Stream<Model> models() {
        return Models.all();
    }

    private Engine open(Model model, EngineOptions options) throws IOException {
        return Engine.open(RandomCheckpoint.write(folder.resolve("model"), model.config(), SEED), BYTES, options);
    }

    private static List<Token> read(Engine engine, GenerationRequest request) {
        List<Token> tokens = new ArrayList<>();
        engine.submit(request).forEach(tokens::add);
        return tokens;
    }

    @ParameterizedTest
    @MethodSource("models")
    void anEchoIsThePromptWithTheScoresOfScoring(Model model) throws IOException {
        int[] prompt = Models.text(new Random(SEED), 13);
        GenerationRequest plain =
                GenerationRequest.builder(prompt, 6).ending(StopConditions.NONE).build();
        try (Engine engine = open(model, OPTIONS)) {
            List<Token> tokens = read(
                    engine,
                    plain.toBuilder().report(new ReportSettings(true, 3)).build());
            int[] ids = tokens.stream().mapToInt(Token::id).toArray();
            TokenScores scores = engine.score(ScoreRequest.builder(ids, RouteSettings.MODEL)
                            .alternatives(3)
                            .build())
                    .join();
            assertThat(Arrays.copyOf(ids, 13)).isEqualTo(prompt);
            assertThat(tokens.getFirst().logprob()).isNaN();
            assertThat(tokens.getFirst().alternatives()).isEmpty();
            for (int position = 1; position < ids.length; position++) {
                Token token = tokens.get(position);
                assertThat(token.position()).isEqualTo(position);
                assertThat(token.logprob()).isEqualTo(scores.logprobs()[position]);
                assertThat(token.depth()).isEqualTo(scores.depths()[position - 1]);
                assertThat(token.alternatives())
                        .isEqualTo(scores.alternatives().get(position))
                        .hasSize(3);
            }
            // The prompt is cached by now, but an echo computes all of its tokens anyway.
            assertThat(read(
                            engine,
                            plain.toBuilder()
                                    .report(new ReportSettings(true, 3))
                                    .build()))
                    .isEqualTo(tokens);
            List<Token> written = read(engine, plain);
            assertThat(written.stream().mapToInt(Token::id).toArray()).isEqualTo(Arrays.copyOfRange(ids, 13, 19));
            assertThat(written)
                    .allSatisfy(token -> assertThat(token.alternatives()).isEmpty());
        }
    }

    @Test
    void anEchoHasTheTokenTooThatEndsTheText() throws IOException {
        try (Engine engine = open(new Model("", Models.expertChoice(KeyValueSharing.NONE)), OPTIONS)) {
            int[] prompt = Models.text(new Random(SEED), 7);
            GenerationRequest request = GenerationRequest.greedy(prompt, 3);
            int next = read(
                            engine,
                            request.toBuilder().ending(StopConditions.NONE).build())
                    .getFirst()
                    .id();
            GenerationRequest ending = request.toBuilder()
                    .ending(new StopConditions(List.of(), Set.of(next), false, 0))
                    .build();
            try (TokenStream stream = engine.submit(
                    ending.toBuilder().report(new ReportSettings(true, 2)).build())) {
                List<Token> tokens = new ArrayList<>();
                stream.forEach(tokens::add);
                assertThat(tokens).hasSize(prompt.length + 1);
                assertThat(tokens.getLast().id()).isEqualTo(next);
                assertThat(tokens.getLast().text()).isEmpty();
                assertThat(tokens.getLast().alternatives().getFirst().id()).isEqualTo(next);
                assertThat(stream.finish().reason()).isEqualTo(FinishReason.STOP_TOKEN);
                assertThat(stream.finish().tokens()).isOne();
            }
            assertThat(read(engine, ending)).isEmpty();
        }
    }

    @Test
    void aGreedyTokenIsTheFirstAlternativeToTheLastBit() throws IOException {
        try (Engine engine = open(new Model("", Models.expertChoice(KeyValueSharing.NONE)), OPTIONS)) {
            GenerationRequest request = GenerationRequest.builder(Models.text(new Random(SEED), 5), 20)
                    .ending(StopConditions.NONE)
                    .wholeUtf8(false)
                    .report(new ReportSettings(false, 5))
                    .build();
            for (Token token : read(engine, request)) {
                assertThat(token.alternatives().getFirst()).isEqualTo(new TokenLogprob(token.id(), token.logprob()));
                List<Double> logprobs =
                        token.alternatives().stream().map(TokenLogprob::logprob).toList();
                assertThat(logprobs).isSortedAccordingTo(Collections.reverseOrder());
            }
        }
    }

    @Test
    void theEndOfATextScoresAsInTheWhole() throws IOException {
        try (Engine engine = open(new Model("", Models.expertChoice(KeyValueSharing.NONE)), OPTIONS)) {
            int[] ids = Models.text(new Random(SEED), 30);
            TokenScores whole = engine.score(ids, RouteSettings.MODEL).join();
            TokenScores end = engine.score(ScoreRequest.builder(ids, RouteSettings.MODEL)
                            .continuationFrom(24)
                            .build())
                    .join();
            assertThat(Arrays.copyOf(end.logprobs(), 24)).containsOnly(Double.NaN);
            assertThat(Arrays.copyOfRange(end.logprobs(), 24, 30))
                    .isEqualTo(Arrays.copyOfRange(whole.logprobs(), 24, 30));
            assertThat(end.depths()).isEqualTo(Arrays.copyOf(whole.depths(), 29));
        }
    }

    @Test
    void theLastTokenOfATextMayLieBeyondTheContext() throws IOException {
        try (Engine engine = open(new Model("", Models.vanilla()), OPTIONS)) {
            int[] ids = Models.text(new Random(SEED), Models.CONTEXT + 1);
            ScoreRequest.Builder request = ScoreRequest.builder(ids, RouteSettings.MODEL);
            assertThatThrownBy(() -> engine.score(request.build())).isInstanceOf(InputException.class);
            assertThat(engine.score(request.continuationFrom(1).build()).join().logprobs()[Models.CONTEXT])
                    .isNegative();
        }
    }

    @Test
    void anEchoSurvivesBeingSuspended() throws IOException {
        Model model = new Model("", Models.expertChoice(KeyValueSharing.NONE));
        Random random = new Random(SEED);
        // All tokens take the greatest depth, which the scheduler's first forecast, based on capacities, does not
        // expect.
        List<GenerationRequest> requests = Stream.generate(() -> GenerationRequest.builder(Models.text(random, 30), 30)
                        .ending(StopConditions.NONE)
                        .route(RouteSettings.within(3, 3))
                        .report(new ReportSettings(true, 1))
                        .build())
                .limit(6)
                .toList();
        List<List<Token>> alone = new ArrayList<>();
        try (Engine engine = open(model, OPTIONS)) {
            requests.forEach(request -> alone.add(read(engine, request)));
        }
        long pageBytes = 2L * 2 * 16 * 2 * 8 * 4;
        try (Engine engine =
                open(model, OPTIONS.toBuilder().cacheBytes(28 * pageBytes).build())) {
            List<TokenStream> streams = HeldEngine.atOnce(
                    engine, () -> requests.stream().map(engine::submit).toList());
            for (int i = 0; i < streams.size(); i++) {
                List<Token> tokens = new ArrayList<>();
                streams.get(i).forEach(tokens::add);
                assertThat(tokens).isEqualTo(alone.get(i));
            }
            assertThat(engine.statistics().preemptions()).isPositive();
        }
    }

    @Test
    void probabilitiesAddUpToOne() {
        TokenDistribution distribution = new TokenDistribution(new float[] {1, 3, 2, 3});
        List<TokenLogprob> all = distribution.likeliest(9);
        assertThat(all.stream().map(TokenLogprob::id)).containsExactly(1, 3, 2, 0);
        assertThat(all.stream().mapToDouble(one -> Math.exp(one.logprob())).sum())
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void whatCannotBeAskedIsRefused() {
        assertThatThrownBy(() -> new ReportSettings(false, 21))
                .isInstanceOf(InputException.class)
                .hasMessage("top_logprobs must be from 0 to 20, got 21");
        assertThatThrownBy(() -> ScoreRequest.of(new int[0], RouteSettings.MODEL))
                .isInstanceOf(InputException.class)
                .hasMessage("a text to score must have at least 1 token, got 0");
        assertThatThrownBy(() -> ScoreRequest.builder(new int[] {1}, RouteSettings.MODEL)
                        .continuationFrom(1)
                        .build())
                .isInstanceOf(InputException.class)
                .hasMessage("a text to score must have at least 2 tokens, got 1");
        assertThatThrownBy(() -> ScoreRequest.builder(new int[] {1, 2}, RouteSettings.MODEL)
                        .continuationFrom(3)
                        .build())
                .isInstanceOf(InputException.class)
                .hasMessage("the first position to score must be from 1 to 2, got 3");
    }
}
