package dev.saiki.spark;

import dev.saiki.text.cleaning.DocumentPosition;
import dev.saiki.text.cleaning.DuplicateKind;
import dev.saiki.text.cleaning.SourceMarks;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/// The sources of a partition, each with its duplicates.
final class MarkedSources implements Iterator<SourceWork> {

    private final Iterator<InputPart> parts;
    private final Iterator<Tuple2<Long, DuplicateKind>> marks;
    private @Nullable Tuple2<Long, DuplicateKind> next;

    /// @param parts the sources, in order
    /// @param marks the positions of their duplicates, in order
    MarkedSources(Iterator<InputPart> parts, Iterator<Tuple2<Long, DuplicateKind>> marks) {
        this.parts = parts;
        this.marks = marks;
        next = marks.hasNext() ? marks.next() : null;
    }

    @Override
    public boolean hasNext() {
        return parts.hasNext();
    }

    @Override
    public SourceWork next() {
        InputPart part = parts.next();
        SourceMarks found = new SourceMarks();
        while (next != null && DocumentPosition.source(next._1()) == part.number()) {
            found.mark(next._2(), DocumentPosition.number(next._1()));
            next = marks.hasNext() ? marks.next() : null;
        }
        return new SourceWork(part, found);
    }
}
