package dev.saiki.text.corpus;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The documents of an open source that meet a condition.
///
/// @param documents the source, which is closed together with this cursor
/// @param stays the condition, applied to each document with text, in order
record FilteredDocuments(DocumentSource.Cursor documents, Predicate<Document> stays) implements DocumentSource.Cursor {

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
