package dev.saiki.text.corpus;

import org.jspecify.annotations.Nullable;

/// A source of documents, usually one file.
interface DocumentSource {

    /// Opens the source at its start.
    Cursor open();

    /// A read position in a source.
    interface Cursor extends AutoCloseable {
        /// Reads the next document; returns null at the end.
        @Nullable
        Document next();

        @Override
        void close();
    }
}
