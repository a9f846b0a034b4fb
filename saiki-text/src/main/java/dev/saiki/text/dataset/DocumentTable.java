package dev.saiki.text.dataset;

/// The lengths and hashes of encoded documents in corpus order, which determine the splits and shards.
final class DocumentTable {

    private final LongSequence tokens = new LongSequence();
    private final LongSequence textBytes = new LongSequence();
    private final LongSequence hashes = new LongSequence();

    /// Adds the next document.
    ///
    /// @param numTokens the number of the document's ids, including the end of text
    /// @param numTextBytes the length of the document's text in UTF-8
    /// @param hash a hash of the document's text, see {@link EncodedDocument#hash}
    void add(long numTokens, long numTextBytes, long hash) {
        tokens.add(numTokens);
        textBytes.add(numTextBytes);
        hashes.add(hash);
    }

    /// The number of documents.
    ///
    /// @return the number of added documents
    int size() {
        return tokens.size();
    }

    long tokens(int document) {
        return tokens.get(document);
    }

    long textBytes(int document) {
        return textBytes.get(document);
    }

    LongSequence tokens() {
        return tokens;
    }

    LongSequence hashes() {
        return hashes;
    }
}
