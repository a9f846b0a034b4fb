package dev.saiki.text.dataset;

import dev.saiki.text.corpus.Document;
import dev.saiki.text.hash.SplitMix64;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// An encoded document in a shard.
///
/// @param ids the document's ids in the shard's number format, little-endian, ending with the end of text
/// @param numTokens the number of these ids
/// @param numTextBytes the length of the document's text in UTF-8
/// @param hash a hash of the document's text
@SuppressWarnings("ArrayRecordComponent") // The array is handed on and never compared.
public record EncodedDocument(byte[] ids, long numTokens, long numTextBytes, long hash) {

    /// Encodes a document.
    ///
    /// @param tokenizer the tokenizer
    /// @param text the text of the document
    /// @return ids, lengths and hash
    public static EncodedDocument of(Tokenizer tokenizer, String text) {
        List<ParallelEncoder.Part> parts = new ArrayList<>();
        int count = 1;
        long bytes = 0;
        long hash = 0;
        for (ParallelEncoder.Piece piece : ParallelEncoder.Piece.of(new Document("", text), tokenizer)) {
            ParallelEncoder.Part part = ParallelEncoder.encode(tokenizer, piece);
            parts.add(part);
            count += part.ids().length;
            bytes += part.textBytes();
            hash = SplitMix64.mix(hash, part.hash());
        }
        int idBytes = ShardFormat.idBytes(tokenizer.vocabSize());
        ByteBuffer ids = ByteBuffer.allocate(Math.multiplyExact(count, idBytes)).order(ByteOrder.LITTLE_ENDIAN);
        for (ParallelEncoder.Part part : parts) {
            for (int id : part.ids()) {
                ShardFormat.putId(ids, id, idBytes);
            }
        }
        ShardFormat.putId(ids, tokenizer.endOfTextId(), idBytes);
        return new EncodedDocument(ids.array(), count, bytes, hash);
    }
}
