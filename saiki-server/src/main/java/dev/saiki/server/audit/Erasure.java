package dev.saiki.server.audit;

/// A way to erase the records of a subject.
public enum Erasure {
    /// They are removed.
    REMOVE,
    /// They stay, without the subject, the request's id and the texts.
    ANONYMISE
}
