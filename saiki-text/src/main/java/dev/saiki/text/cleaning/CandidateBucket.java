package dev.saiki.text.cleaning;

import org.jspecify.annotations.Nullable;

/// The documents with the same hash in one band, in corpus order, and the near-duplicates among them.
///
/// A document is compared with the first of the bucket and with the one before it and no other, so that a page
/// that was copied a million times costs two million comparisons. The price is a pair that is missed if the two
/// have neither place in any of their common buckets, nor a chain of others between them.
public final class CandidateBucket {

    private final double similarity;
    private @Nullable Member first;
    private @Nullable Member last;

    /// Begins a bucket without documents.
    ///
    /// @param similarity the smallest similarity of near-duplicates
    public CandidateBucket(double similarity) {
        this.similarity = similarity;
    }

    @SuppressWarnings("ArrayRecordComponent") // Compared by DocumentSketch alone.
    private record Member(long position, byte[] signature) {}

    /// A receiver of pairs.
    @FunctionalInterface
    public interface PairConsumer {
        /// Takes two near-duplicates.
        ///
        /// @param earlier the position of the one that comes first in the corpus
        /// @param later the position of the other
        void accept(long earlier, long later);
    }

    /// Adds the next document of the bucket.
    ///
    /// @param position where it stands in the corpus, after those before
    /// @param signature that of its sketch
    /// @param pairs takes each document before that it is compared with and found alike
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
