package dev.saiki.eval;

import dev.saiki.engine.sampling.Utf8Decoder;
import dev.saiki.text.dataset.TokenShards;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Views of token ids: as counts, as documents, and as pieces of text.
public final class TokenViews {

    private static final int IDS_AT_ONCE = 1 << 16;

    private TokenViews() {}

    /// Counts how often each id of the vocabulary stands in a split, end-of-text ids left out.
    ///
    /// @param shards the split
    /// @return `[vocab_size]` counts
    public static long[] count(TokenShards shards) {
        long[] counts = new long[shards.vocabSize()];
        for (long from = 0; from < shards.tokens(); from += IDS_AT_ONCE) {
            int[] ids = new int[(int) Math.min(IDS_AT_ONCE, shards.tokens() - from)];
            shards.copy(from, ids);
            for (int id : ids) {
                counts[id]++;
            }
        }
        counts[shards.endOfTextId()] = 0;
        return counts;
    }

    /// Reads the documents of a split.
    ///
    /// @param shards the split
    /// @return token ids of each document, without the end-of-text token
    public static List<int[]> documents(TokenShards shards) {
        List<int[]> documents = new ArrayList<>();
        for (long i = 0; i < shards.documents(); i++) {
            int[] ids = shards.document(i);
            boolean ended = ids.length > 0 && ids[ids.length - 1] == shards.endOfTextId();
            documents.add(ended ? Arrays.copyOf(ids, ids.length - 1) : ids);
        }
        return documents;
    }

    /// Divides the text of ids among them, in whole code points: a token that ends within one has an empty piece or
    /// a shorter one, and the token that completes the code point has it.
    ///
    /// @param tokenizer the tokenizer
    /// @param ids token ids
    /// @return one piece a token; together they are the text
    public static List<String> pieces(Tokenizer tokenizer, int[] ids) {
        Utf8Decoder stream = new Utf8Decoder();
        List<String> pieces = new ArrayList<>(ids.length);
        for (int id : ids) {
            pieces.add(stream.take(tokenizer.tokenBytes(id)));
        }
        return pieces;
    }
}
