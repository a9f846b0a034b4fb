package dev.saiki.engine.cache;

/// The keys and values that one token sees in a layer, itself included.
public sealed interface VisibleKeys {

    /// The keys of the tokens that took the same step, up to the token's own (recursion-wise caching).
    ///
    /// @param store of the step
    /// @param slot of the token itself
    record Own(KeyValueStore store, int slot) implements VisibleKeys {
        @Override
        public int count() {
            return slot + 1;
        }

        @Override
        public void forEachSegment(SegmentVisitor segment) {
            segment.accept(store, 0, slot + 1, 0);
        }
    }

    /// The keys that the first recursion left for all tokens up to a position (recursive sharing).
    ///
    /// @param first the first recursion's store, in which slots are positions
    /// @param count how many
    record Shared(KeyValueStore first, int count) implements VisibleKeys {
        @Override
        public void forEachSegment(SegmentVisitor segment) {
            segment.accept(first, 0, count, 0);
        }
    }

    /// The keys of the first recursion, and in their places those of the tokens that took the same step (hybrid
    /// sharing).
    ///
    /// @param store of the step
    /// @param slot of the token itself
    /// @param first the first recursion's store, in which slots are positions
    record Mixed(KeyValueStore store, int slot, KeyValueStore first) implements VisibleKeys {
        @Override
        public int count() {
            return store.position(slot) + 1;
        }

        @Override
        public void forEachSegment(SegmentVisitor segment) {
            int position = 0;
            int own = 0;
            while (own <= slot) {
                int next = store.position(own);
                if (position < next) {
                    segment.accept(first, position, next, position);
                }
                int end = own + 1;
                while (end <= slot && store.position(end) == next + end - own) {
                    end++;
                }
                segment.accept(store, own, end, next);
                position = next + end - own;
                own = end;
            }
        }
    }

    /// A visitor of slots of one store that follow one another.
    @FunctionalInterface
    interface SegmentVisitor {

        /// Takes a segment.
        ///
        /// @param store where the slots are
        /// @param from first slot
        /// @param to slot after the last
        /// @param index of the first among all that are visible
        void accept(KeyValueStore store, int from, int to, int index);
    }

    /// Counts the keys.
    ///
    /// @return how many are visible
    int count();

    /// Walks over all of them in order of position.
    ///
    /// @param segment takes them
    void forEachSegment(SegmentVisitor segment);
}
