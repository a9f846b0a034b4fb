package dev.saiki.clients;

import java.util.Locale;

/// A feature that clients use, and a column of the table in `docs/clients.md`.
enum Feature {
    /// A complete answer.
    ANSWER,
    /// A streamed answer.
    STREAM,
    /// A function call by the model, and the result of the function.
    FUNCTIONS,
    /// An answer in the form of a schema.
    SCHEMA,
    /// Embeddings of texts.
    EMBEDDINGS,
    /// The client's own exceptions for a wrong key, an unknown model, a wrong value and too many requests.
    ERRORS,
    /// The client cancels an answer, and the server notices.
    ABORT,
    /// The number of tokens.
    USAGE;

    /// The header of the column, and the feature's name in the scripts of the clients.
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
