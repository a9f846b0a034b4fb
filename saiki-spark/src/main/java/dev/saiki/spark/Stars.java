package dev.saiki.spark;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/// A step of {@link NearGroups}. For each document, a large-star step pairs its later neighbours, and a small-star
/// step itself and its earlier neighbours, with the earliest of all of these.
final class Stars implements Iterator<NearGroups.Pair> {

    private final Iterator<Tuple2<EdgeKey, Boolean>> edges;
    private final boolean isLarge;
    private @Nullable EdgeKey last;
    private long earliest;
    private NearGroups.@Nullable Pair ready;

    /// @param edges the neighbours of each document, in order
    /// @param isLarge whether later neighbours are paired; otherwise no neighbour is later than its document
    Stars(Iterator<Tuple2<EdgeKey, Boolean>> edges, boolean isLarge) {
        this.edges = edges;
        this.isLarge = isLarge;
    }

    @Override
    public boolean hasNext() {
        while (ready == null && edges.hasNext()) {
            EdgeKey edge = edges.next()._1();
            if (!edge.equals(last)) {
                boolean isFirst = last == null || last.document() != edge.document();
                earliest = isFirst ? Math.min(edge.document(), edge.other()) : earliest;
                long paired = isFirst && !isLarge ? edge.document() : edge.other();
                last = edge;
                if (isLarge ? paired > edge.document() : paired > earliest) {
                    ready = new NearGroups.Pair(earliest, paired);
                }
            }
        }
        return ready != null;
    }

    @Override
    public NearGroups.Pair next() {
        if (!hasNext() || ready == null) {
            throw new NoSuchElementException("no pair is left");
        }
        NearGroups.Pair pair = ready;
        ready = null;
        return pair;
    }
}
