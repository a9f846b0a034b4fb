package dev.saiki.text.cleaning;

import org.jspecify.annotations.Nullable;

/// The documents with the same hash in one band, in corpus order, and the near-duplicates among them.
///
/// A document is compared only with the first of the bucket and with its predecessor, so that a page copied a
/// million times costs two million comparisons. The price: a pair is missed if in all of their common buckets
/// neither is the first and the two are not neighbours, and no chain of other pairs connects them.
public final class CandidateBucket {

    private final double similarity;
    private @Nullable Member first;
    private @Nullable Member last;

    /// Makes an empty bucket.
    ///
    /// @param similarity the minimum similarity of near-duplicates
    public CandidateBucket(double similarity) {
        this.similarity = similarity;
    }

    @SuppressWarnings("ArrayRecordComponent") // Compared only by DocumentSketch.
    private record Member(long position, byte[] signature) {}

    /// A receiver of pairs.
    @FunctionalInterface
    public interface PairConsumer {
        /// Takes two near-duplicates.
        ///
        /// @param earlier the position of the document that comes first in the corpus
        /// @param later the position of the other
        void accept(long earlier, long later);
    }

    /// Adds the next document of the bucket.
    ///
    /// @param position its position in the corpus, after all earlier ones
    /// @param signature the signature of its sketch
    /// @param pairs receives each earlier document that was compared and found similar
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
