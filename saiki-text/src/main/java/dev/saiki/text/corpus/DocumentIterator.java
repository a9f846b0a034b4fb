package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// An iterator over the documents of all sources, with one source open at a time.
final class DocumentIterator implements Iterator<Document>, AutoCloseable {

    private final String corpus;
    private final Iterator<CorpusSource> sources;
    private final boolean mayBeEmpty;
    private DocumentSource.@Nullable Cursor cursor;
    private @Nullable Document ready;
    private boolean foundAny;

    /// @param mayBeEmpty whether the sources may contain no documents at all
    DocumentIterator(String corpus, List<CorpusSource> sources, boolean mayBeEmpty) {
        this.corpus = corpus;
        this.sources = sources.iterator();
        this.mayBeEmpty = mayBeEmpty;
    }

    /// Returns all documents as a stream, which the caller closes.
    Stream<Document> stream() {
        Iterator<Document> documents = this;
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(documents, Spliterator.ORDERED | Spliterator.NONNULL),
                        false)
                .onClose(this::close);
    }

    @Override
    public boolean hasNext() {
        while (ready == null) {
            if (cursor == null) {
                if (!sources.hasNext()) {
                    return ended();
                }
                cursor = sources.next().content().open();
            }
            Document next = cursor.next();
            if (next == null) {
                close();
            } else if (!next.text().isEmpty()) {
                ready = next;
            }
        }
        foundAny = true;
        return true;
    }

    private boolean ended() {
        if (!foundAny && !mayBeEmpty) {
            throw new InputException(corpus + ": the corpus is empty; at least one document with text is needed");
        }
        return false;
    }

    @Override
    public Document next() {
        if (!hasNext() || ready == null) {
            throw new NoSuchElementException(corpus);
        }
        Document document = ready;
        ready = null;
        return document;
    }

    @Override
    public void close() {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }
}
