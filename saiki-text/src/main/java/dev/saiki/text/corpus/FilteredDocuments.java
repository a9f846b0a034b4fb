package dev.saiki.text.corpus;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The documents of a source that meet a condition.
final class FilteredDocuments implements DocumentSource.Cursor {

    private final DocumentSource.Cursor documents;
    private final Predicate<Document> stays;

    /// Wraps an open source.
    ///
    /// @param documents the source, which is closed together with this cursor
    /// @param stays the condition, applied to each document with text, in order
    FilteredDocuments(DocumentSource.Cursor documents, Predicate<Document> stays) {
        this.documents = documents;
        this.stays = stays;
    }

    @Override
    public @Nullable Document next() {
        Document next = documents.next();
        while (next != null && (next.text().isEmpty() || !stays.test(next))) {
            next = documents.next();
        }
        return next;
    }

    @Override
    public void close() {
        documents.close();
    }
}
