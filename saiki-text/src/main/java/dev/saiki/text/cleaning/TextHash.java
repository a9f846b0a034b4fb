package dev.saiki.text.cleaning;

import dev.saiki.io.Sha256;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The first 128 bits of the SHA-256 of a text in UTF-8: two documents with the same hash count as copies.
///
/// @param high the first 64 bits
/// @param low the next 64 bits
public record TextHash(long high, long low) implements Serializable {

    /// Hashes a text.
    ///
    /// @param text the whole text
    /// @return the hash of the text
    public static TextHash of(String text) {
        byte[] bytes = Tokenizer.wellFormed(text).getBytes(StandardCharsets.UTF_8);
        ByteBuffer digest = ByteBuffer.wrap(Sha256.digest().digest(bytes));
        return new TextHash(digest.getLong(), digest.getLong());
    }
}
