package dev.saiki.eval;

import dev.saiki.engine.sampling.Utf8Decoder;
import dev.saiki.io.Sha256;
import dev.saiki.text.dataset.TokenShards;
import dev.saiki.text.tokenizer.Tokenizer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Conversions of token ids to counts, to documents, to a hash of their text, and to pieces of their text.
public final class TokenViews {

    private static final int IDS_AT_ONCE = 1 << 16;

    private TokenViews() {}

    /// Counts the occurrences of each vocabulary id in a split, without end-of-text ids.
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

    /// Hashes the text of documents.
    ///
    /// @param documents token ids of each document
    /// @param tokenizer tokenizer that encoded the documents
    /// @return SHA-256 of the documents' bytes, with a zero byte between documents, in 64 hexadecimal digits
    public static String sha256(List<int[]> documents, Tokenizer tokenizer) {
        MessageDigest digest = Sha256.digest();
        for (int i = 0; i < documents.size(); i++) {
            if (i > 0) {
                digest.update((byte) 0);
            }
            digest.update(tokenizer.decodeBytes(documents.get(i)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// Splits the text of a token sequence into one piece per token, without splitting code points: if a code
    /// point spans several tokens, its whole text belongs to the last of these tokens, and the other tokens'
    /// pieces are shorter or empty.
    ///
    /// @param tokenizer the tokenizer
    /// @param ids token ids
    /// @return one piece per token; together, the pieces are the text
    public static List<String> pieces(Tokenizer tokenizer, int[] ids) {
        Utf8Decoder stream = new Utf8Decoder();
        List<String> pieces = new ArrayList<>(ids.length);
        for (int id : ids) {
            pieces.add(stream.take(tokenizer.tokenBytes(id)));
        }
        return pieces;
    }
}
