package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.eval.tasks.PromptEncoder.EncodedPrompt;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptEncoderTest {

    /// A tokenizer with the tokens " the", " sea" and all bytes.
    private static final Tokenizer WORDS = BytePairTrainer.train(
            List.of(" the sea the sea the sea the sea").iterator(), BytePairTrainer.SMALLEST_VOCABULARY + 6);

    private static final int PREFIX = WORDS.endOfTextId();

    private static EncodedPrompt encode(String context, String continuation, int longest) {
        return new PromptEncoder(WORDS, PREFIX, longest).encode("here", new ContinuationPrompt(context, continuation));
    }

    private static String scored(EncodedPrompt encoded) {
        int[] ids = encoded.continuation().ids();
        return WORDS.decode(Arrays.copyOfRange(ids, encoded.continuation().firstScored(), ids.length));
    }

    private static String context(EncodedPrompt encoded) {
        return WORDS.decode(Arrays.copyOf(
                encoded.continuation().ids(), encoded.continuation().firstScored()));
    }

    @Test
    void aWordWithItsSpaceIsTheContinuation() {
        EncodedPrompt encoded = encode("see the", " sea", 20);
        assertThat(scored(encoded)).isEqualTo(" sea");
        assertThat(encoded.continuation().numScored()).isEqualTo(1);
        assertThat(context(encoded)).isEqualTo("see the");
        assertThat(encoded.dropped()).isZero();
    }

    @Test
    void spaceAtTheEndOfTheContextBelongsToTheContinuation() {
        EncodedPrompt encoded = encode("see the ", "sea", 20);
        assertThat(encoded.continuation().ids())
                .isEqualTo(encode("see the", " sea", 20).continuation().ids());
        assertThat(scored(encode("see the \n", "sea", 20))).isEqualTo(" \nsea");
    }

    @Test
    void theSplitIsByTheNumberOfTheContextsTokens() {
        // In the whole " the" is one token; the context alone ends in pieces of it, and keeps them.
        int[] alone = WORDS.encode("see th");
        int[] whole = WORDS.encode("see the sea sea sea");
        int[] ids = encode("see th", "e sea sea sea", 20).continuation().ids();
        assertThat(Arrays.copyOf(ids, alone.length)).isEqualTo(alone).isNotEqualTo(Arrays.copyOf(whole, alone.length));
        assertThat(Arrays.copyOfRange(ids, alone.length, ids.length))
                .isEqualTo(Arrays.copyOfRange(whole, alone.length, whole.length));
        assertThatThrownBy(() -> encode("see th", "e", 20))
                .isInstanceOf(InputException.class)
                .hasMessage("here: the continuation 'e' adds no token to its context");
    }

    @Test
    void anEmptyContextIsThePrefixToken() {
        EncodedPrompt encoded = encode("", " the sea", 20);
        assertThat(encoded.continuation().ids()[0]).isEqualTo(PREFIX);
        assertThat(encoded.continuation().firstScored()).isEqualTo(1);
        assertThat(scored(encoded)).isEqualTo(" the sea");
        // So is one of nothing but space.
        assertThat(encode(" ", "the sea", 20).continuation().ids())
                .isEqualTo(encoded.continuation().ids());
    }

    @Test
    void whatIsTooLongLosesItsBeginning() {
        // 3 + 4 tokens; the model reads 4, the last is only predicted.
        EncodedPrompt encoded = encode("abc", "defg", 4);
        assertThat(WORDS.decode(encoded.continuation().ids())).isEqualTo("cdefg");
        assertThat(encoded.dropped()).isEqualTo(2);
        assertThat(encoded.continuation().firstScored()).isEqualTo(1);
        assertThat(encode("abc", "defg", 6).dropped()).isZero();
    }

    @Test
    void aContinuationThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> encode("abc", "defgh", 4))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "here: a continuation must have at most 4 tokens (config.json: max_position_embeddings), got 5;"
                                + " leave this task out, or stop before this document with --limit");
        assertThatThrownBy(() -> encode("abc", "", 4))
                .isInstanceOf(InputException.class)
                .hasMessage("here: the continuation '' adds no token to its context");
    }
}
