package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.io.InputException;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class GeneratorTest {

    /// A tokenizer of bytes: one token per byte.
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @Test
    void greedyContinuationSpellsWhatTheModelPrefers() {
        Generation generation = decoder("say: hello").generate("say:", greedy(6), _ -> {});
        assertThat(generation.text()).isEqualTo(" hello");
        assertThat(generation.promptTokens()).isEqualTo(4);
        assertThat(generation.stop()).isEqualTo(Generation.Stop.MAX_TOKENS);
        assertThat(generation.tokens()).extracting(GeneratedToken::position).containsExactly(4, 5, 6, 7, 8, 9);
    }

    @Test
    void theEndOfTextStopsAndIsNotPartOfTheText() {
        Generation generation = decoder("ab").generate("a", greedy(10), _ -> {});
        assertThat(generation.text()).isEqualTo("b");
        assertThat(generation.stop()).isEqualTo(Generation.Stop.END_OF_TEXT);
    }

    @Test
    void streamedTextNeverSplitsACodePoint() {
        List<String> pieces = new ArrayList<>();
        Generation generation = decoder("x🚀y").generate("x", greedy(5), token -> pieces.add(token.text()));
        assertThat(pieces).containsExactly("", "", "", "🚀", "y");
        assertThat(generation.text()).isEqualTo("🚀y");
    }

    @Test
    void aCodePointLeftUnfinishedIsLeftOut() {
        assertThat(decoder("x🚀y")
                        .generate("x", greedy(3).withWholeUtf8(false), _ -> {})
                        .text())
                .isEmpty();
    }

    @Test
    void aCodePointIsNotBegunThatCannotBeFinished() {
        Generator rocket = decoder("x🚀y");
        assertThat(rocket.generate("x", greedy(3), _ -> {}).tokens())
                .extracting(GeneratedToken::id)
                .doesNotContain(BYTES.encode("🚀")[0]);
        assertThat(rocket.generate("x", greedy(4), _ -> {}).text()).isEqualTo("🚀");
    }

    @Test
    void drawnTextIsWholeUtf8UnlessThatIsSwitchedOff() {
        Generator level = new Generator((_, _) -> new NextToken(new float[BYTES.vocabSize()], 1), BYTES, 2000);
        GenerateOptions options = GenerateOptions.of(1000, SamplingSettings.UNCHANGED, 1);
        for (int seed = 0; seed < 5; seed++) {
            Generation whole =
                    level.generate("猫", GenerateOptions.of(100 + seed, SamplingSettings.UNCHANGED, seed), _ -> {});
            int[] ids = whole.tokens().stream().mapToInt(GeneratedToken::id).toArray();
            assertThat(whole.text()).doesNotContain("\uFFFD").isEqualTo(BYTES.decode(ids));
        }
        assertThat(level.generate("猫", options.withWholeUtf8(false), _ -> {}).text())
                .contains("\uFFFD");
    }

    @Test
    void logprobsAreOfAllTokensThoughOnlySomeMayCome() {
        Generator level = new Generator((_, _) -> new NextToken(new float[BYTES.vocabSize()], 1), BYTES, 100);
        assertThat(level.generate("a", GenerateOptions.of(50, SamplingSettings.UNCHANGED, 1), _ -> {})
                        .tokens())
                .allSatisfy(token -> assertThat(token.logprob()).isCloseTo(-Math.log(BYTES.vocabSize()), within(1e-6)));
    }

    @Test
    void everyTokenIsHandedOverAsSoonAsItIsDrawn() {
        List<Integer> seen = new ArrayList<>();
        List<Integer> asked = new ArrayList<>();
        NextTokenPredictor model = (prefix, _) -> {
            asked.add(prefix.length);
            assertThat(seen).hasSize(asked.size() - 1);
            return new NextToken(favouring(BYTES.encode("z")[0]), 1);
        };
        new Generator(model, BYTES, 100).generate("a", greedy(4), token -> seen.add(token.id()));
        assertThat(asked).containsExactly(1, 2, 3, 4);
    }

    @Test
    void logprobsAreTheModelsOwnWhateverTheSettings() {
        SamplingSettings sharp =
                SamplingSettings.builder().temperature(0.01).topK(1).build();
        Generation generation = decoder("ab").generate("a", GenerateOptions.of(1, sharp, 1), _ -> {});
        double others = BYTES.vocabSize() - 1;
        assertThat(generation.tokens().getFirst().logprob())
                .isCloseTo(-Math.log(1 + others * Math.exp(-4)), within(1e-6));
    }

    @Test
    void theSameSeedWritesTheSameText() {
        Generator level = new Generator((_, _) -> new NextToken(new float[BYTES.vocabSize()], 1), BYTES, 100);
        List<Integer> first = ids(level, 1);
        assertThat(ids(level, 1)).isEqualTo(first);
        assertThat(ids(level, 2)).isNotEqualTo(first);
    }

    @Test
    void routingIsCausalAndBoundedAsAsked() {
        NextTokenPredictor model = (_, options) -> {
            assertThat(options.rule()).isEqualTo(RoutingRequest.Rule.CAUSAL);
            assertThat(options.maxDepth()).isEqualTo(2);
            assertThat(options.effort()).isEqualTo(0.5);
            return new NextToken(favouring(1), 2);
        };
        GenerateOptions options = new GenerateOptions(1, SamplingSettings.GREEDY, 0, 2, OptionalDouble.of(0.5), true);
        Generation generation = new Generator(model, BYTES, 100).generate("a", options, _ -> {});
        assertThat(generation.meanDepth()).isEqualTo(2);
    }

    @Test
    void anEmptyPromptStartsADocument() {
        NextTokenPredictor model = (prefix, _) -> {
            assertThat(prefix).containsExactly(BYTES.endOfTextId());
            return new NextToken(favouring(5), 1);
        };
        assertThat(new Generator(model, BYTES, 100)
                        .generate("", greedy(1), _ -> {})
                        .tokens())
                .hasSize(1);
    }

    @Test
    void moreTokensThanTheContextHoldsAreRefusedAtTheStart() {
        Generator generator = new Generator((_, _) -> new NextToken(favouring(5), 1), BYTES, 10);
        assertThat(generator.room("abcd")).isEqualTo(6);
        assertThat(generator.generate("abcd", greedy(6), _ -> {}).tokens()).hasSize(6);
        assertThatThrownBy(() -> generator.generate("abcd", greedy(7), _ -> {}))
                .isInstanceOf(InputException.class)
                .hasMessage("max_tokens must be at most 6 after a prompt of 4 tokens, for the model sees 10 tokens at"
                        + " once, got 7");
    }

    private static List<Integer> ids(Generator generator, long seed) {
        return generator
                .generate("a", GenerateOptions.of(20, SamplingSettings.UNCHANGED, seed), _ -> {})
                .tokens()
                .stream()
                .map(GeneratedToken::id)
                .toList();
    }

    private static GenerateOptions greedy(int tokens) {
        return GenerateOptions.of(tokens, SamplingSettings.GREEDY, 0);
    }

    /// A model that knows one text by heart and then ends.
    private static Generator decoder(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = BYTES.encode(text);
        assertThat(ids).hasSameSizeAs(bytes);
        return new Generator(
                (prefix, _) -> new NextToken(
                        favouring(prefix.length < ids.length ? ids[prefix.length] : BYTES.endOfTextId()), 1),
                BYTES,
                100);
    }

    private static float[] favouring(int id) {
        float[] logits = new float[BYTES.vocabSize()];
        logits[id] = 4;
        return logits;
    }
}
