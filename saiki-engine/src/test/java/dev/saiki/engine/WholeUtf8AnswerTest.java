package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class WholeUtf8AnswerTest {

    private static final long SEED = 20261201;
    private static final int CONTEXT = 256;
    private static final String REPLACEMENT = "\uFFFD";

    private static final Tokenizer TOKENIZER = BytePairTrainer.train(
            List.of("吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。😀".repeat(20)).iterator(), 320);

    private static final int[] PROMPT = TOKENIZER.encode("吾輩は");

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        engine = Engine.open(
                RandomCheckpoint.write(
                        folder.resolve("model"), TinyModels.ofText(TOKENIZER.vocabSize(), CONTEXT), SEED),
                TOKENIZER,
                EngineOptions.builder().threads(1).build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    /// The tokens of an answer, and its result.
    private record Written(List<Token> tokens, GenerationResult finish) {
        int[] ids() {
            return tokens.stream().mapToInt(Token::id).toArray();
        }

        String text() {
            return tokens.stream().map(Token::text).collect(Collectors.joining()) + finish.text();
        }

        double[] logprobs() {
            return tokens.stream().mapToDouble(Token::logprob).toArray();
        }
    }

    private static Written read(TokenStream stream) {
        List<Token> tokens = new ArrayList<>();
        stream.forEach(tokens::add);
        return new Written(tokens, stream.finish());
    }

    private Written write(GenerationRequest request) {
        try (TokenStream stream = engine.submit(request)) {
            return read(stream);
        }
    }

    private static GenerationRequest drawn(int[] prompt, int tokens, long seed) {
        return GenerationRequest.builder(prompt, tokens)
                .sampling(SamplingSettings.UNCHANGED)
                .seed(seed)
                .ending(StopConditions.NONE)
                .build();
    }

    private static GenerationRequest drawn(int tokens, long seed) {
        return drawn(PROMPT, tokens, seed);
    }

    private static int token(int value) {
        return IntStream.range(0, TOKENIZER.vocabSize())
                .filter(id -> Arrays.equals(TOKENIZER.tokenBytes(id), new byte[] {(byte) value}))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isUtf8(int[] ids) {
        try {
            return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(TOKENIZER.decodeBytes(ids)))
                            .limit()
                    >= 0;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void thousandsOfTokensAreWholeCharactersToTheLastByte() {
        for (int seed = 0; seed < 20; seed++) {
            Written written = write(drawn(200 + seed, seed));
            assertThat(written.tokens()).hasSize(200 + seed);
            assertThat(isUtf8(written.ids()))
                    .as("seed %d: %s", seed, written.text())
                    .isTrue();
            assertThat(written.text()).doesNotContain(REPLACEMENT).isEqualTo(TOKENIZER.decode(written.ids()));
            assertThat(written.text().codePoints().filter(point -> point > 0x7F).count())
                    .isPositive();
        }
    }

    @Test
    void withTheSwitchOffCharactersAreBroken() {
        assertThat(write(drawn(200, 0).toBuilder().wholeUtf8(false).build()).text())
                .contains(REPLACEMENT);
    }

    @Test
    void theModelMayStillEndTheText() {
        GenerationRequest eager = GenerationRequest.builder(PROMPT, 200)
                .sampling(SamplingSettings.UNCHANGED)
                .seed(1)
                .logitBias(Map.of(TOKENIZER.endOfTextId(), 3.0))
                .build();
        for (int seed = 0; seed < 20; seed++) {
            Written written = write(eager.toBuilder()
                    .sampling(SamplingSettings.UNCHANGED)
                    .seed(seed)
                    .build());
            assertThat(written.finish().reason()).isEqualTo(FinishReason.END_OF_TEXT);
            assertThat(isUtf8(written.ids())).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void greedyTakesTheLikeliestOfThoseThatMayCome() {
        GenerationRequest request = GenerationRequest.builder(PROMPT, 60)
                .ending(StopConditions.NONE)
                .report(new ReportSettings(false, ScoreRequest.MAX_ALTERNATIVES))
                .build();
        Written written = write(request);
        assertThat(isUtf8(written.ids())).isTrue();
        for (int i = 0; i < written.tokens().size(); i++) {
            Token token = written.tokens().get(i);
            List<Integer> likelier = token.alternatives().stream()
                    .map(TokenLogprob::id)
                    .takeWhile(id -> id != token.id())
                    .toList();
            for (int id : likelier) {
                int[] other = Arrays.copyOf(written.ids(), i + 1);
                other[i] = id;
                assertThat(TOKENIZER.decode(other)).as("token %d", i).contains(REPLACEMENT);
            }
        }
        Written first = write(drawn(60, 5).toBuilder()
                .sampling(SamplingSettings.builder().temperature(1).topK(1).build())
                .seed(5)
                .build());
        assertThat(first.ids()).as("one of the likeliest that may come").isEqualTo(written.ids());
    }

    @Test
    void filtersPenaltiesAndBiasesLeaveCharactersWhole() {
        Map<Integer, Double> pushed = Map.of(token(0x80), 50.0, token(0xC0), 50.0, token(0xE3), 3.0);
        for (int seed = 0; seed < 10; seed++) {
            Written written = write(drawn(150, seed).toBuilder()
                    .sampling(new SamplingSettings(1.5, 5, 0.9, 0.01))
                    .seed(seed)
                    .penalties(new Penalties(1.3, 0.5, 0.5))
                    .logitBias(pushed)
                    .build());
            assertThat(isUtf8(written.ids()))
                    .as("seed %d: %s", seed, written.text())
                    .isTrue();
        }
    }

    @Test
    void tokensThatStopComeAtTheBorderOfACharacterOnly() {
        StopConditions stops = new StopConditions(List.of(), Set.of(token(0x81), token('a')), false, 3);
        for (int seed = 0; seed < 20; seed++) {
            Written written = write(drawn(200, seed).toBuilder()
                    .ending(stops)
                    .logitBias(Map.of(token(0x81), 4.0))
                    .build());
            assertThat(written.tokens()).hasSizeGreaterThanOrEqualTo(3);
            assertThat(written.finish().reason()).isEqualTo(FinishReason.STOP_TOKEN);
            assertThat(isUtf8(written.ids())).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void aCharacterThatThePromptHasBegunIsEndedAndGivenOutWhole() {
        int[] begun = {token('a'), token(0xE7)};
        for (int seed = 0; seed < 20; seed++) {
            Written written = write(drawn(begun, 30, seed));
            assertThat(written.text()).doesNotContain(REPLACEMENT);
            int[] all = IntStream.concat(IntStream.of(begun), IntStream.of(written.ids()))
                    .toArray();
            assertThat("a" + written.text()).isEqualTo(TOKENIZER.decode(all));
        }
        Written unlimited =
                write(drawn(begun, 30, 0).toBuilder().wholeUtf8(false).build());
        assertThat(unlimited.text()).isEqualTo(TOKENIZER.decode(unlimited.ids()));
    }

    @Test
    void aFormThatKnowsNoWholeCharacterInTimeComesBeforeIt() {
        GenerationRequest cat = drawn(1, 1).toBuilder()
                .constraint(TextConstraint.choice(List.of("𠮷")))
                .build();
        assertThat(write(cat).text()).isEmpty();
        Written whole = write(drawn(new int[] {token(0xE7)}, 9, 1).toBuilder()
                .constraint(TextConstraint.choice(List.of("yes")))
                .build());
        assertThat(whole.finish().reason()).isEqualTo(FinishReason.FORM_COMPLETE);
        assertThat(TOKENIZER.decode(whole.ids())).isEqualTo("yes");
    }

    @Test
    void textBesideLabelledObjectsIsWholeToo() {
        TextConstraint form = TextConstraint.textOrLabelledJson(
                Map.of("call", new JsonForm(new JsonMapper().readTree("{\"type\":\"object\"}"), true)));
        for (int seed = 0; seed < 5; seed++) {
            GenerationRequest request = drawn(150, seed).toBuilder()
                    .constraint(form)
                    .logitBias(Map.of(TOKENIZER.endOfTextId(), -100.0))
                    .build();
            assertThat(isUtf8(write(request).ids())).as("seed %d", seed).isTrue();
            assertThat(write(request.toBuilder().wholeUtf8(false).build()).text())
                    .contains(REPLACEMENT);
        }
    }

    @Test
    void aRequestWritesTheSameAloneAndAmongOthers() {
        List<GenerationRequest> requests = IntStream.range(0, 8)
                .mapToObj(seed ->
                        drawn(60 + seed, seed).toBuilder().wholeUtf8(seed != 3).build())
                .toList();
        List<Written> alone = requests.stream().map(this::write).toList();
        List<TokenStream> streams = requests.stream().map(engine::submit).toList();
        for (int i = 0; i < requests.size(); i++) {
            Written among = read(streams.get(i));
            assertThat(among.tokens())
                    .as("request %d", i)
                    .isEqualTo(alone.get(i).tokens());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reportedLogprobsAreTheModelsOwn(boolean whole) {
        Written written = write(drawn(100, 2).toBuilder().wholeUtf8(whole).build());
        int[] all = IntStream.concat(IntStream.of(PROMPT), IntStream.of(written.ids()))
                .toArray();
        double[] scores = engine.score(all, RouteSettings.MODEL).join().logprobs();
        assertThat(written.logprobs()).containsExactly(Arrays.copyOfRange(scores, PROMPT.length, all.length));
    }

    @Test
    void theProbabilitiesOfAPromptAreTheSameWithAndWithout() {
        int[] prompt = Models.text(new Random(SEED), 100);
        GenerationRequest scoring = GenerationRequest.builder(prompt, 1)
                .report(new ReportSettings(true, 5))
                .build();
        List<Token> with = write(scoring).tokens().subList(0, prompt.length);
        List<Token> without =
                write(scoring.toBuilder().wholeUtf8(false).build()).tokens().subList(0, prompt.length);
        assertThat(with).isEqualTo(without);
        double[] scores = engine.score(prompt, RouteSettings.MODEL).join().logprobs();
        assertThat(with.stream().mapToDouble(Token::logprob).toArray()).containsExactly(scores);
        // The alternatives to the generated token also come from the model's own distribution.
        List<TokenLogprob> last = write(scoring).tokens().getLast().alternatives();
        assertThat(last)
                .isEqualTo(write(scoring.toBuilder().wholeUtf8(false).build())
                        .tokens()
                        .getLast()
                        .alternatives());
    }

    @Test
    void aModelWithoutTokenizerDrawsFromAll() throws IOException {
        Path model = folder.resolve("without");
        try (Engine without = Engine.withoutText(
                RandomCheckpoint.write(model, TinyModels.ofText(TOKENIZER.vocabSize(), CONTEXT), SEED),
                EngineOptions.builder().threads(1).build())) {
            GenerationRequest request = drawn(50, 1);
            List<Token> expected =
                    write(request.toBuilder().wholeUtf8(false).build()).tokens();
            try (TokenStream stream = without.submit(request)) {
                assertThat(read(stream).ids())
                        .isEqualTo(expected.stream().mapToInt(Token::id).toArray());
            }
        }
    }
}
