package dev.saiki.eval;

import dev.saiki.text.dataset.TokenShards;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Held-out documents as token ids, from which passages can be cut.
public final class HeldOutText {

    private final Tokenizer tokenizer;
    private final List<int[]> documents;

    /// Creates the text from non-empty documents.
    HeldOutText(Tokenizer tokenizer, List<int[]> documents) {
        this.tokenizer = tokenizer;
        this.documents = documents;
    }

    /// Reads the held-out split.
    ///
    /// @param shards the split
    /// @param tokenizer tokenizer that encoded the split
    /// @return the documents of the split
    public static HeldOutText of(TokenShards shards, Tokenizer tokenizer) {
        return new HeldOutText(tokenizer, TokenViews.documents(shards));
    }

    /// Cuts a passage out of the longest document. If possible, both ends are at sentence boundaries.
    ///
    /// @param context number of tokens to include from before the passage; fewer if the document has fewer there
    /// @param length maximum length of the passage in tokens, without the context
    /// @return the passage, preceded by the context
    public Passage passage(int context, int length) {
        int[] ids = documents.getFirst();
        for (int[] document : documents) {
            ids = document.length > ids.length ? document : ids;
        }
        int middle = Math.max(0, Math.min(ids.length / 2, ids.length - length));
        int start = sentenceStart(ids, middle, Math.min(ids.length, middle + length))
                .orElse(middle);
        int end = Math.min(ids.length, start + length);
        // A shorter passage that ends with a sentence is better than a longer one that stops within a sentence.
        int wholeEnd = end;
        while (wholeEnd > start + length / 2 && !endsSentence(ids[wholeEnd - 1])) {
            wholeEnd--;
        }
        int from = Math.max(0, start - context);
        int to = wholeEnd > start + length / 2 ? wholeEnd : end;
        return new Passage(Arrays.copyOfRange(ids, from, to), start - from);
    }

    /// A stretch of a document.
    ///
    /// @param ids tokens of the passage and of the context before it
    /// @param first index in `ids` of the passage's first token
    @SuppressWarnings("ArrayRecordComponent") // Passed between methods, and never compared.
    public record Passage(int[] ids, int first) {}

    private Optional<Integer> sentenceStart(int[] ids, int from, int to) {
        for (int at = Math.max(1, from); at < to; at++) {
            if (endsSentence(ids[at - 1]) && !endsSentence(ids[at])) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    private boolean endsSentence(int id) {
        String text = tokenizer.tokenText(id).stripTrailing();
        return text.endsWith(".") || text.endsWith("!") || text.endsWith("?") || text.endsWith("。");
    }
}
