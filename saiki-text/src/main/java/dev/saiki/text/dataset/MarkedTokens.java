package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.MarkedAnswer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// The tokens of a text that spell marked answers.
///
/// A token is marked if at least one of its bytes belongs to an answer, so one that spells an answer together with
/// the space before it is marked.
public final class MarkedTokens {

    private MarkedTokens() {}

    /// Finds the tokens of answers.
    ///
    /// @param tokenizer the tokenizer, whose tokens spell the text byte by byte; a space in
    ///     front of it may be added
    /// @param ids the tokens of the text
    /// @param text the text
    /// @param answers the answers by their places in the text, in its order
    /// @return the indices of the marked tokens
    /// @throws InputException if there are answers, and the tokens do not spell the text
    public static BitSet of(Tokenizer tokenizer, int[] ids, String text, List<MarkedAnswer> answers) {
        BitSet marked = new BitSet();
        if (answers.isEmpty()) {
            return marked;
        }
        long spelled = Arrays.stream(ids)
                .mapToLong(id -> tokenizer.tokenBytes(id).length)
                .sum();
        long added = spelled - numBytes(text, 0, text.length());
        boolean hasSpaceInFront = added == 1 && tokenizer.tokenBytes(ids[0])[0] == ' ';
        if (added != 0 && !hasSpaceInFront) {
            throw new InputException("marked answers need a tokenizer whose tokens spell the text byte by byte, such as"
                    + " those of `saiki tokenizer train`; this one changes the text");
        }
        int token = 0;
        long tokenEnd = 0;
        long byteOffset = added;
        int character = 0;
        for (MarkedAnswer answer : answers) {
            byteOffset += numBytes(text, character, answer.start());
            long answerEnd = byteOffset + numBytes(text, answer.start(), answer.end());
            while (token < ids.length && tokenEnd < answerEnd) {
                tokenEnd += tokenizer.tokenBytes(ids[token]).length;
                if (tokenEnd > byteOffset) {
                    marked.set(token);
                }
                token++;
            }
            byteOffset = answerEnd;
            character = answer.end();
        }
        return marked;
    }

    private static int numBytes(String text, int from, int to) {
        return text.substring(from, to).getBytes(StandardCharsets.UTF_8).length;
    }
}
