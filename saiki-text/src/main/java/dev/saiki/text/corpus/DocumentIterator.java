package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The documents of one source after the other; one source is open at a time.
final class DocumentIterator implements Iterator<Document>, AutoCloseable {

    private final String corpus;
    private final Iterator<DocumentSource> sources;
    private DocumentSource.@Nullable Cursor cursor;
    private @Nullable Document ready;
    private boolean foundAny;

    DocumentIterator(String corpus, List<DocumentSource> sources) {
        this.corpus = corpus;
        this.sources = sources.iterator();
    }

    @Override
    public boolean hasNext() {
        while (ready == null) {
            if (cursor == null) {
                if (!sources.hasNext()) {
                    return ended();
                }
                cursor = sources.next().open();
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
        if (!foundAny) {
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
