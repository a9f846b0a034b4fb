package dev.saiki.text.cleaning;

import org.jspecify.annotations.Nullable;

/// The documents with the same hash in one band, in corpus order, and the near-duplicates among them.
///
/// A document is compared only with its predecessor and the first document of the bucket, so a page copied a
/// million times costs only two million comparisons. The drawback: two similar documents are not found as a pair
/// if, in every bucket that they share, they are not adjacent and neither comes first. They are then grouped only
/// if a chain of other pairs connects them.
public final class CandidateBucket {

    private final double similarity;
    private @Nullable Member first;
    private @Nullable Member last;

    /// Creates an empty bucket.
    ///
    /// @param similarity the minimum similarity of near-duplicates
    public CandidateBucket(double similarity) {
        this.similarity = similarity;
    }

    @SuppressWarnings("ArrayRecordComponent") // The array is compared only by DocumentSketch.
    private record Member(long position, byte[] signature) {}

    /// A receiver of pairs.
    @FunctionalInterface
    public interface PairConsumer {
        /// Receives two near-duplicates.
        ///
        /// @param earlier the position of the document that comes first in the corpus
        /// @param later the position of the later document
        void accept(long earlier, long later);
    }

    /// Adds the next document of the bucket.
    ///
    /// @param position the document's position in the corpus, after all earlier documents
    /// @param signature the signature of the document's sketch
    /// @param pairs receives a pair for each earlier document found to be similar
    public void add(long position, byte[] signature, PairConsumer pairs) {
        Member added = new Member(position, signature);
        if (first == null || last == null) {
            first = added;
        } else {
            compare(first, added, pairs);
            if (last.position() != first.position()) {
                compare(last, added, pairs);
            }
        }
        last = added;
    }

    private void compare(Member earlier, Member later, PairConsumer pairs) {
        if (DocumentSketch.similarity(earlier.signature(), later.signature()) >= similarity) {
            pairs.accept(earlier.position(), later.position());
        }
    }
}
