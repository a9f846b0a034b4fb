package dev.saiki.spark;

import dev.saiki.text.cleaning.SourceCounts;
import java.io.Serializable;

/// An element of a source's encoding, which consists of its kept documents and then a summary.
sealed interface EncodedItem extends Serializable {

    /// A document.
    ///
    /// @param ids the token ids in the shards' number format, the end-of-text token last
    /// @param row the document's place, lengths and hash
    @SuppressWarnings("ArrayRecordComponent") // The array is passed to a shard and never compared.
    record Encoded(byte[] ids, Row row) implements EncodedItem {}

    /// What the splits and shards depend on.
    ///
    /// @param position the document's position in the corpus
    /// @param numTokens the number of the document's ids
    /// @param numTextBytes the length of the document's text in UTF-8
    /// @param hash a hash of the document's text
    record Row(long position, long numTokens, long numTextBytes, long hash) implements Serializable {}

    /// The summary that ends a source.
    ///
    /// @param source the number of the source
    /// @param counts the source's documents by verdict
    /// @param sha256 the SHA-256 of the source's file in hexadecimal digits; empty unless its first byte is in the
    ///     source
    record Summary(int source, SourceCounts counts, String sha256) implements EncodedItem {}
}
