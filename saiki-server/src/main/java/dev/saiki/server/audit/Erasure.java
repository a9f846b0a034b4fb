package dev.saiki.server.audit;

/// How the records of a subject are erased.
public enum Erasure {
    /// They are removed.
    REMOVE,
    /// They stay, without the subject, the request's id and the texts.
    ANONYMISE
}
