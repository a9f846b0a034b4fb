package dev.saiki.server.audit;

/// A way to erase a subject's records.
public enum Erasure {
    /// The records are deleted.
    REMOVE,
    /// The records are kept, without the subject, the request's id and the texts.
    ANONYMISE
}
