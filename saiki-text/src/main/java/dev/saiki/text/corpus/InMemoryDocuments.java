package dev.saiki.text.corpus;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// In-memory documents.
final class InMemoryDocuments implements DocumentSource.Cursor {

    private final Iterator<Document> documents;

    InMemoryDocuments(List<Document> documents) {
        this.documents = documents.iterator();
    }

    @Override
    public @Nullable Document next() {
        return documents.hasNext() ? documents.next() : null;
    }

    @Override
    public void close() {
        // There is nothing to close.
    }
}
