package dev.saiki.clients;

import java.util.Locale;

/// What clients ask of a server: a column of the table in `docs/clients.md`.
enum Feature {
    /// A whole answer.
    ANSWER,
    /// An answer in pieces.
    STREAM,
    /// A function that the model calls, and its result.
    FUNCTIONS,
    /// An answer bound to a schema.
    SCHEMA,
    /// Texts as vectors.
    EMBEDDINGS,
    /// The client's own exceptions for a wrong key, an unknown model, a wrong value and too many requests.
    ERRORS,
    /// An answer that the client leaves before its end, which the server notices.
    ABORT,
    /// The number of tokens.
    USAGE;

    /// The head of its column, and its name in the scripts of the clients.
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
