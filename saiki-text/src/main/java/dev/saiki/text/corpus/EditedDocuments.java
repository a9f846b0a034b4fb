package dev.saiki.text.corpus;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The documents of an open source after an edit.
///
/// @param documents the source, which is closed together with this cursor
/// @param edit the edit, applied to each document with text, in order; it removes a document by returning nothing
record EditedDocuments(DocumentSource.Cursor documents, Function<Document, Optional<Document>> edit)
        implements DocumentSource.Cursor {

    @Override
    public @Nullable Document next() {
        for (Document next = documents.next(); next != null; next = documents.next()) {
            Optional<Document> edited = next.text().isEmpty() ? Optional.empty() : edit.apply(next);
            if (edited.isPresent()) {
                return edited.get();
            }
        }
        return null;
    }

    @Override
    public void close() {
        documents.close();
    }
}
