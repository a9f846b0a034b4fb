package dev.saiki.engine.cache;

/// The keys and values that a token attends to in a layer, its own included.
public sealed interface VisibleKeys {

    /// A window that hides nothing.
    int NO_WINDOW = Integer.MAX_VALUE;

    /// The keys that are stored for the same step, up to the token's own: of the tokens that took it (recursion-wise
    /// caching), or of all (completion).
    ///
    /// @param store of the step
    /// @param slot of the token itself
    record Own(KeyValueStore store, int slot) implements VisibleKeys {
        @Override
        public int count() {
            return slot + 1;
        }

        @Override
        public int before(int window) {
            return Math.min(slot, store.slotsBefore(store.position(slot) - window + 1));
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
        public int before(int window) {
            return Math.max(0, count - window);
        }

        @Override
        public void forEachSegment(SegmentVisitor segment) {
            segment.accept(first, 0, count, 0);
        }
    }

    /// The keys of the first recursion, replaced by those of the tokens that took the same step (hybrid sharing).
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
        public int before(int window) {
            return Math.max(0, count() - window);
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

    /// The keys of others except the first ones, which a sliding window hides.
    ///
    /// @param all the others
    /// @param hidden how many of them are hidden
    record Windowed(VisibleKeys all, int hidden) implements VisibleKeys {
        @Override
        public int count() {
            return all.count() - hidden;
        }

        @Override
        public int before(int window) {
            return Math.max(0, all.before(window) - hidden);
        }

        @Override
        public void forEachSegment(SegmentVisitor segment) {
            all.forEachSegment((store, from, to, index) -> {
                int skipped = Math.clamp(hidden - index, 0, to - from);
                if (skipped < to - from) {
                    segment.accept(store, from + skipped, to, index + skipped - hidden);
                }
            });
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

    /// Counts the keys at positions that a window hides.
    ///
    /// @param window positions that the token sees, its own included
    /// @return how many, the first ones
    int before(int window);

    /// Narrows what the token sees to a window.
    ///
    /// @param window positions that it sees, its own included
    /// @return the same if it hides nothing
    default VisibleKeys within(int window) {
        if (window == NO_WINDOW) {
            return this;
        }
        int hidden = before(window);
        return hidden == 0 ? this : new Windowed(this, hidden);
    }

    /// Walks over all of them in order of position.
    ///
    /// @param segment takes them
    void forEachSegment(SegmentVisitor segment);
}
