package dev.saiki.engine.cache;

/// The keys and values that a token attends to in a layer, including its own.
public sealed interface VisibleKeys {

    /// A window that hides nothing.
    int NO_WINDOW = Integer.MAX_VALUE;

    /// The keys stored for the token's step, up to the token itself: with recursion-wise caching, the keys of
    /// the tokens that took the step; with completion, the keys of all tokens.
    ///
    /// @param store the store of the step
    /// @param slot slot of the token itself
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

        @Override
        public boolean beginsWith(VisibleKeys shorter) {
            return shorter instanceof Own other && other.store == store && other.slot <= slot;
        }

        @Override
        public PageLayout layout() {
            return store.layout();
        }
    }

    /// The keys of the first recursion for all tokens up to a position (recursive sharing).
    ///
    /// @param first the first recursion's store, in which each token's slot equals its position
    /// @param count number of keys
    record Shared(KeyValueStore first, int count) implements VisibleKeys {
        @Override
        public int before(int window) {
            return Math.max(0, count - window);
        }

        @Override
        public void forEachSegment(SegmentVisitor segment) {
            segment.accept(first, 0, count, 0);
        }

        @Override
        public boolean beginsWith(VisibleKeys shorter) {
            return shorter instanceof Shared other && other.first == first && other.count <= count;
        }

        @Override
        public PageLayout layout() {
            return first.layout();
        }
    }

    /// The keys of the first recursion; a token that also took the current step contributes its keys of the
    /// current step instead (hybrid sharing).
    ///
    /// @param store the store of the step
    /// @param slot slot of the token itself
    /// @param first the first recursion's store, in which each token's slot equals its position
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

        @Override
        public boolean beginsWith(VisibleKeys shorter) {
            return shorter instanceof Mixed other && other.store == store && other.first == first && other.slot <= slot;
        }

        @Override
        public PageLayout layout() {
            return store.layout();
        }
    }

    /// A visitor of consecutive slots of one store.
    @FunctionalInterface
    interface SegmentVisitor {

        /// Visits consecutive slots.
        ///
        /// @param store store that contains the slots
        /// @param from first slot
        /// @param to index after the last slot
        /// @param index index of the first slot, counted among all visible slots
        void accept(KeyValueStore store, int from, int to, int index);
    }

    /// Counts the keys.
    ///
    /// @return the number of visible keys
    int count();

    /// Counts the keys at positions before the window.
    ///
    /// @param window number of positions that the token attends to, including its own
    /// @return the number of hidden keys, which come first
    int before(int window);

    /// Tells whether these keys begin with all the keys that another token sees.
    ///
    /// @param shorter keys of the other token
    /// @return whether they do
    boolean beginsWith(VisibleKeys shorter);

    /// Returns the layout of the pages that hold the keys.
    ///
    /// @return the layout
    PageLayout layout();

    /// Visits all keys in order of position.
    ///
    /// @param segment visitor of the keys
    void forEachSegment(SegmentVisitor segment);

    /// Visits some of the keys in order of position.
    ///
    /// @param begin index of the first key
    /// @param end index behind the last key
    /// @param segment visitor of the keys; their indices begin at 0
    default void forEachSegment(int begin, int end, SegmentVisitor segment) {
        forEachSegment((store, from, to, index) -> {
            int first = from + Math.clamp(begin - index, 0, to - from);
            int last = from + Math.clamp(end - index, 0, to - from);
            if (first < last) {
                segment.accept(store, first, last, index + first - from - begin);
            }
        });
    }
}
