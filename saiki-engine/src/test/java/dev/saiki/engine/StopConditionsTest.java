package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopConditionsTest {

    private static final long SEED = 20261125;
    private static final int TOKENS = 20;

    /// A tokenizer with one token for each byte.
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    private static final int END = BYTES.endOfTextId();

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        engine = Engine.open(
                RandomCheckpoint.write(folder.resolve("model"), Models.expertChoice(KeyValueSharing.NONE), SEED),
                BYTES,
                EngineOptions.builder().threads(1).build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static GenerationRequest request(StopConditions ending) {
        return GenerationRequest.builder(Models.text(new Random(SEED), 5), TOKENS)
                .ending(ending)
                .build();
    }

    /// The tokens of an answer, and its result.
    private record Written(List<Token> tokens, GenerationResult finish) {
        List<Integer> ids() {
            return tokens.stream().map(Token::id).toList();
        }

        String text() {
            return tokens.stream().map(Token::text).collect(Collectors.joining()) + finish.text();
        }
    }

    private Written write(GenerationRequest request) {
        return write(engine, request);
    }

    private static Written write(Engine engine, GenerationRequest request) {
        List<Token> tokens = new ArrayList<>();
        try (TokenStream stream = engine.submit(request)) {
            stream.forEach(tokens::add);
            return new Written(tokens, stream.finish());
        }
    }

    @Test
    void aTokenThatEndsTheAnswerIsNotPartOfIt() {
        // Valid UTF-8 is not required, because end tokens would then be masked in the middle of a character.
        List<Integer> free = write(request(StopConditions.NONE).toBuilder()
                        .wholeUtf8(false)
                        .build())
                .ids();
        int stop = free.get(6);
        Written written = write(
                request(StopConditions.NONE.toBuilder().tokens(Set.of(stop, 3)).build()).toBuilder()
                        .wholeUtf8(false)
                        .build());
        assertThat(written.finish().reason()).isEqualTo(FinishReason.STOP_TOKEN);
        assertThat(written.ids()).isEqualTo(free.subList(0, free.indexOf(stop)));
        assertThat(written.finish().tokens()).isEqualTo(written.ids().size());
    }

    /// Models can have several end tokens; many checkpoints list all but one of them only in
    /// `generation_config.json`.
    @Test
    void eachTokenByWhichTheModelEndsEndsTheAnswer() throws IOException {
        int configured = 7;
        int listed = 9;
        Path model = folder.resolve("ending");
        RandomCheckpoint.write(
                model,
                Models.expertChoice(KeyValueSharing.NONE).withTokenIds(OptionalInt.empty(), List.of(END, configured)),
                SEED);
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": [" + END + ", " + listed + "]}");
        try (Engine ending = Engine.open(
                CheckpointDirectory.open(model),
                BYTES,
                EngineOptions.builder().threads(1).build())) {
            for (int end : List.of(END, configured, listed)) {
                GenerationRequest eager = request(
                                StopConditions.builder().minTokens(2).build())
                        .toBuilder()
                        .wholeUtf8(false)
                        .logitBias(Map.of(end, 100.0))
                        .build();
                Written written = write(ending, eager);
                assertThat(written.finish().reason()).isEqualTo(FinishReason.END_OF_TEXT);
                assertThat(written.ids()).hasSize(2).doesNotContain(END, configured, listed);
                GenerationRequest endless =
                        eager.toBuilder().ending(StopConditions.NONE).build();
                assertThat(write(ending, endless).ids()).hasSize(TOKENS);
            }
        }
    }

    @Test
    void theEndOfTextIsNotDrawnBeforeItsTime() {
        GenerationRequest eager = request(StopConditions.OF_TEXT).toBuilder()
                .penalties(Penalties.NONE)
                .logitBias(Map.of(END, 100.0))
                .build();
        assertThat(write(eager).finish().reason()).isEqualTo(FinishReason.END_OF_TEXT);
        assertThat(write(eager).ids()).isEmpty();
        Written patient = write(eager.toBuilder()
                .ending(StopConditions.builder().minTokens(7).build())
                .build());
        assertThat(patient.ids()).hasSize(7).doesNotContain(END);
        assertThat(patient.finish().reason()).isEqualTo(FinishReason.END_OF_TEXT);
        Written whole = write(eager.toBuilder()
                .ending(StopConditions.builder().minTokens(TOKENS).build())
                .build());
        assertThat(whole.ids()).hasSize(TOKENS).doesNotContain(END);
        assertThat(whole.finish().reason()).isEqualTo(FinishReason.MAX_TOKENS);
    }

    @Test
    void neitherAreStopTokensNorStopTextsFoundBeforeItsTime() {
        Written free = write(request(StopConditions.NONE));
        int stop = free.ids().get(2);
        Written patient = write(request(StopConditions.NONE.toBuilder()
                .tokens(Set.of(stop))
                .minTokens(9)
                .build()));
        assertThat(patient.ids()).hasSizeGreaterThanOrEqualTo(9);
        assertThat(patient.ids().subList(0, 9)).doesNotContain(stop);
    }

    @Test
    void stopTextsAreLookedForWhenEnoughIsWritten() {
        Map<Integer, Double> letters = IntStream.of(BYTES.encode("abcdefghijklmnopqrstuvwxyz"))
                .boxed()
                .collect(Collectors.toMap(id -> id, _ -> 100.0));
        GenerationRequest free = request(StopConditions.NONE).toBuilder()
                .penalties(new Penalties(1, 0, 1))
                .logitBias(letters)
                .build();
        String text = write(free).text();
        assertThat(text).matches("[a-z]{20}");
        List<String> everyLetter = List.of(text.substring(0, 1), text.substring(5, 6), text.substring(12, 13));
        Written stopped = write(free.toBuilder()
                .ending(StopConditions.NONE.toBuilder()
                        .texts(everyLetter)
                        .minTokens(12)
                        .build())
                .build());
        assertThat(stopped.finish().reason()).isEqualTo(FinishReason.STOP);
        assertThat(stopped.finish().tokens()).isEqualTo(13);
        assertThat(stopped.text()).isEqualTo(text.substring(0, 12));
    }

    @Test
    void whatWasPromisedIsKeptWhileOneDrawsAtRandom() {
        Set<Integer> stops = IntStream.range(0, 120).boxed().collect(Collectors.toSet());
        for (int seed = 0; seed < 20; seed++) {
            Written written = write(
                    request(StopConditions.builder().tokens(stops).minTokens(11).build()).toBuilder()
                            .sampling(new SamplingSettings(2, 0, 1, 0))
                            .seed(seed)
                            .build());
            assertThat(written.finish().tokens()).isGreaterThanOrEqualTo(11);
            assertThat(written.ids()).doesNotContainAnyElementsOf(stops);
        }
    }

    @Test
    void anAnswerOfAGivenFormEndsWhenItCanOnlyEnd() {
        Written written = write(request(StopConditions.builder().minTokens(15).build()).toBuilder()
                .constraint(TextConstraint.choice(List.of("yes", "yet")))
                .build());
        assertThat(written.text()).isIn("yes", "yet");
        assertThat(written.finish().reason()).isEqualTo(FinishReason.FORM_COMPLETE);
        Set<Integer> all = IntStream.range(0, BYTES.vocabSize()).boxed().collect(Collectors.toSet());
        Set<Integer> letters = all.stream()
                .filter(id -> "yest".contains(BYTES.tokenText(id))
                        && !BYTES.tokenText(id).isEmpty())
                .collect(Collectors.toSet());
        Written banned = write(
                request(StopConditions.builder().tokens(letters).minTokens(3).build()).toBuilder()
                        .constraint(TextConstraint.choice(List.of("yes", "yet")))
                        .build());
        assertThat(banned.finish().reason()).isEqualTo(FinishReason.STOP_TOKEN);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> request(
                        StopConditions.NONE.toBuilder().minTokens(TOKENS + 1).build()))
                .isInstanceOf(InputException.class)
                .hasMessage("min_tokens must be at most max_tokens, 20, got 21");
        assertThatThrownBy(() -> StopConditions.NONE.toBuilder().minTokens(-1).build())
                .hasMessageStartingWith("min_tokens must be");
        assertThatThrownBy(() -> StopConditions.NONE.toBuilder()
                        .tokens(IntStream.range(0, 257).boxed().collect(Collectors.toSet()))
                        .build())
                .hasMessageStartingWith("stop_token_ids must be at most 256");
        assertThatThrownBy(
                        () -> StopConditions.NONE.toBuilder().texts(List.of("")).build())
                .hasMessageStartingWith("stop must be");
    }
}
