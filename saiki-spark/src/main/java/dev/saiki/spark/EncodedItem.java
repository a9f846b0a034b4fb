package dev.saiki.spark;

import dev.saiki.text.cleaning.SourceCounts;
import java.io.Serializable;

/// An element of a source's encoding, which consists of its kept documents and then a summary.
sealed interface EncodedItem extends Serializable {

    /// The number of the source.
    int source();

    /// A document.
    ///
    /// @param source the number of the source
    /// @param number the document's number among the kept documents
    /// @param ids the token ids in the shards' number format, the end-of-text token last
    /// @param numTokens the number of these ids
    /// @param numTextBytes the length of the document's text in UTF-8
    /// @param hash a hash of the document's text
    @SuppressWarnings("ArrayRecordComponent") // The array is passed to a shard and never compared.
    record Encoded(int source, int number, byte[] ids, long numTokens, long numTextBytes, long hash)
            implements EncodedItem {}

    /// The summary that ends a source.
    ///
    /// @param source the number of the source
    /// @param counts the source's documents by verdict
    /// @param sha256 the SHA-256 of the source's file in hexadecimal digits
    record Summary(int source, SourceCounts counts, String sha256) implements EncodedItem {}
}
