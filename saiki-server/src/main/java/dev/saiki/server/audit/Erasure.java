package dev.saiki.server.audit;

/// The way to erase a subject's records.
public enum Erasure {
    /// They are removed.
    REMOVE,
    /// They stay, without the subject, the request's id and the texts.
    ANONYMISE
}
