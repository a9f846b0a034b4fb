package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DocumentPosition;
import dev.saiki.text.cleaning.SourceCleaner;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/// The kept documents of several sources, each source followed by its counts.
final class SourceItems implements Iterator<SourceItem> {

    private final Iterator<SourceWork> works;
    private final CleaningOptions options;
    private final Configuration settings;
    private @Nullable OpenSource open;
    private @Nullable SourceItem ready;

    SourceItems(Iterator<SourceWork> works, CleaningOptions options, Configuration settings) {
        this.works = works;
        this.options = options;
        this.settings = settings;
    }

    /// The source being read.
    private static final class OpenSource {
        private final InputPart part;
        private final SourceReader reader;
        private final SourceCleaner cleaner;
        private int number;

        OpenSource(SourceWork work, CleaningOptions options, Configuration settings) {
            part = work.part();
            reader = new SourceReader(part, settings);
            cleaner = new SourceCleaner(options, work.marks());
        }

        SourceItem next() {
            while (reader.hasNext()) {
                Optional<String> kept = cleaner.clean(reader.next());
                long position = DocumentPosition.of(part.number(), number++);
                if (kept.isPresent()) {
                    return new SourceItem.Kept(position, kept.get());
                }
            }
            reader.close();
            return new SourceItem.Ended(part, cleaner.counts());
        }
    }

    /// The remaining elements of an iterator as a stream.
    static <T> Stream<T> stream(Iterator<T> iterator) {
        Iterable<T> once = () -> iterator;
        return StreamSupport.stream(once.spliterator(), false);
    }

    /// The kept documents as a stream.
    Stream<SourceItem.Kept> documents() {
        return stream(this).filter(SourceItem.Kept.class::isInstance).map(SourceItem.Kept.class::cast);
    }

    @Override
    public boolean hasNext() {
        if (ready == null && open == null && works.hasNext()) {
            open = new OpenSource(works.next(), options, settings);
        }
        if (ready == null && open != null) {
            ready = open.next();
            open = ready instanceof SourceItem.Ended ? null : open;
        }
        return ready != null;
    }

    @Override
    public SourceItem next() {
        if (!hasNext() || ready == null) {
            throw new NoSuchElementException("no document is left");
        }
        SourceItem item = ready;
        ready = null;
        return item;
    }
}
