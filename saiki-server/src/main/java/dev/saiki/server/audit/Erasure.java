package dev.saiki.server.audit;

/// A way to erase a subject's records.
public enum Erasure {
    /// They are removed.
    REMOVE,
    /// The records are kept, without the subject, the request's id and the texts.
    ANONYMISE
}
