package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tests of answers of a given form from a model with random weights.
class ConstrainedAnswerTest {

    private static final long SEED = 20261128;
    private static final int TEXTS = 24;

    /// The number of tokens that the context leaves for an answer. The longest possible person, with every escape
    /// and space, is shorter.
    private static final int MAX_TOKENS = 61;

    private static final JsonMapper JSON = new JsonMapper();
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final TextConstraint PERSON = TextConstraint.jsonSchema(JSON.readTree("""
        {"type":"object","properties":{"name":{"type":"string","maxLength":2},"adult":{"type":"boolean"},
         "trade":{"enum":["smith","cook"]}},"required":["name","adult","trade"],"additionalProperties":false}\
        """));

    @TempDir
    private Path folder;

    private Engine open() throws IOException {
        return Engine.open(
                RandomCheckpoint.write(folder.resolve("model"), Models.expertChoice(KeyValueSharing.NONE), SEED),
                BYTES,
                EngineOptions.builder().threads(2).build());
    }

    private static GenerationRequest request(long seed, int tokens) {
        return GenerationRequest.builder(new int[] {1, 2, 3}, tokens)
                .sampling(SamplingSettings.UNCHANGED)
                .seed(seed)
                .build();
    }

    private static String text(TokenStream stream) {
        StringBuilder text = new StringBuilder();
        stream.forEach(token -> text.append(token.text()));
        return text.append(stream.finish().text()).toString();
    }

    @Test
    void everyAnswerHasTheFormAloneAndAmongOthers() throws IOException {
        try (Engine engine = open()) {
            List<TokenStream> together = new ArrayList<>();
            for (int seed = 0; seed < TEXTS; seed++) {
                GenerationRequest request = request(seed, MAX_TOKENS);
                together.add(engine.submit(
                        seed % 3 == 0
                                ? request
                                : request.toBuilder().constraint(PERSON).build()));
            }
            for (int seed = 0; seed < TEXTS; seed++) {
                String text = text(together.get(seed));
                if (seed % 3 != 0) {
                    JsonNode person = JSON.readTree(text);
                    assertThat(person.propertyNames()).as(text).containsExactly("name", "adult", "trade");
                    assertThat(together.get(seed).finish().reason()).isEqualTo(FinishReason.FORM_COMPLETE);
                    assertThat(text(engine.submit(request(seed, MAX_TOKENS).toBuilder()
                                    .constraint(PERSON)
                                    .build())))
                            .isEqualTo(text);
                }
            }
        }
    }

    /// If the form allows more text, only the model can end the answer; if the form is complete, the answer ends
    /// without the model.
    @Test
    void aModelsOwnEndAndTheEndOfTheFormAreToldApart() throws IOException {
        TextConstraint mayGoOn = TextConstraint.regex("ab*");
        Map<Integer, Double> endSoon = Map.of(BYTES.endOfTextId(), 100.0);
        try (Engine engine = open();
                TokenStream ended = engine.submit(request(1, 20).toBuilder()
                        .constraint(mayGoOn)
                        .logitBias(endSoon)
                        .build());
                TokenStream complete = engine.submit(request(1, 20).toBuilder()
                        .constraint(TextConstraint.regex("ab"))
                        .logitBias(endSoon)
                        .build())) {
            assertThat(text(ended)).isEqualTo("a");
            assertThat(ended.finish().reason()).isEqualTo(FinishReason.END_OF_TEXT);
            assertThat(text(complete)).isEqualTo("ab");
            assertThat(complete.finish().reason()).isEqualTo(FinishReason.FORM_COMPLETE);
        }
    }

    @Test
    void whatIsForcedIsReportedWithTheModelsOwnProbability() throws IOException {
        try (Engine engine = open();
                TokenStream stream = engine.submit(request(1, 10).toBuilder()
                        .constraint(TextConstraint.choice(List.of("yes")))
                        .build())) {
            List<Token> tokens = new ArrayList<>();
            stream.forEach(tokens::add);
            assertThat(tokens).extracting(Token::text).containsExactly("y", "e", "s");
            assertThat(tokens).allSatisfy(token -> assertThat(token.logprob()).isNegative());
        }
    }

    @Test
    void tokensThatRunOutEndTheAnswerInTheMiddle() throws IOException {
        try (Engine engine = open();
                TokenStream stream = engine.submit(
                        request(1, 5).toBuilder().constraint(PERSON).build())) {
            assertThat(text(stream)).isEqualTo("{\"nam");
            assertThat(stream.finish().reason()).isEqualTo(FinishReason.MAX_TOKENS);
        }
    }

    /// Every bracket doubles the ways to read the text, so a limit is exceeded long before the token limit is
    /// reached.
    @Test
    void aFormThatCanBeFollowedNoFurtherEndsItsOwnAnswerAlone() throws IOException {
        TextConstraint doubling = TextConstraint.jsonSchema(JSON.readTree("""
            {"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"array","items":{"$ref":"#"}},
             {"type":"null"}]}\
            """));
        Map<Integer, Double> brackets = Map.of(BYTES.encode("[")[0], 100.0);
        try (Engine engine = open();
                TokenStream other = engine.submit(request(1, MAX_TOKENS).toBuilder()
                        .ending(StopConditions.NONE)
                        .build());
                TokenStream lost = engine.submit(request(1, MAX_TOKENS).toBuilder()
                        .constraint(doubling)
                        .logitBias(brackets)
                        .build())) {
            GenerationResult finish = lost.finish();
            assertThat(finish.reason()).isEqualTo(FinishReason.FAILED);
            assertThat(finish.failure()).containsInstanceOf(InputException.class);
            assertThat(other.finish().reason()).isEqualTo(FinishReason.MAX_TOKENS);
            assertThat(engine.isRunning()).isTrue();
            assertThat(engine.statistics().cache().pagesInUse()).isZero();
        }
    }

    @Test
    void aModelWithoutTokenizerIsToldSo() throws IOException {
        try (Engine engine = Engine.withoutText(
                RandomCheckpoint.write(folder.resolve("model"), Models.vanilla(), SEED), EngineOptions.DEFAULT)) {
            assertThatThrownBy(() -> engine.submit(
                            request(1, 5).toBuilder().constraint(PERSON).build()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("needs a tokenizer");
        }
    }
}
