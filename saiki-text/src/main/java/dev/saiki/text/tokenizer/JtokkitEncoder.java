package dev.saiki.text.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// An encoder that uses jtokkit, where that is exact.
///
/// jtokkit joins the neighbours whose concatenation is the token with the smallest id; Hugging Face joins the
/// neighbours whose *merge* comes first. The two agree if
///
/// 1. merges make tokens with ascending ids, each token once, so that smaller id and earlier merge mean the same;
/// and
/// 2. every merged token's own bytes encode to that one token.
///
/// Why this is enough: as long as neither border of a token in the text has been merged over, merging between them
/// does not depend on what is outside, so the bytes between them are merged as they would be alone. By (2), alone
/// they end as the two halves of the token's merge just before that merge. Hence when two neighbours together
/// spell a token and no earlier merge remains, they are that merge's pair, and jtokkit has no other pair to join.
///
/// A trained tokenizer fulfils both; {@link #isExactFor} checks them all the same, since a file may come from
/// anywhere. Where a check fails, {@link MergeEncoder} is used.
final class JtokkitEncoder implements TextEncoder {

    private final Encoding encoding;

    JtokkitEncoder(TokenizerModel model, Pattern words) {
        Map<byte[], Integer> ranks = HashMap.newHashMap(ByteAlphabet.SIZE + model.mergeCount());
        for (int value = 0; value < ByteAlphabet.SIZE; value++) {
            ranks.put(new byte[] {(byte) value}, model.idOfByte(value));
        }
        for (int rank = 0; rank < model.mergeCount(); rank++) {
            int id = model.mergeResult(rank);
            ranks.put(model.bytes(id), id);
        }
        GptBytePairEncodingParams parameters = new GptBytePairEncodingParams("saiki", words, ranks, Map.of());
        encoding = Encodings.newLazyEncodingRegistry()
                .registerGptBytePairEncoding(parameters)
                .getEncoding("saiki")
                .orElseThrow();
    }

    /// Checks the two conditions of the class comment.
    static boolean isExactFor(TokenizerModel model, MergeEncoder reference) {
        int previous = -1;
        for (int rank = 0; rank < model.mergeCount(); rank++) {
            int id = model.mergeResult(rank);
            byte[] bytes = model.bytes(id);
            IntSequence alone = new IntSequence(4);
            reference.encodeWord(bytes, bytes.length, alone);
            if (id <= previous || alone.size() != 1 || alone.get(0) != id) {
                return false;
            }
            previous = id;
        }
        return true;
    }

    @Override
    public void encode(String text, IntSequence output) {
        IntArrayList ids = encoding.encodeOrdinary(text);
        for (int i = 0; i < ids.size(); i++) {
            output.add(ids.get(i));
        }
    }
}
