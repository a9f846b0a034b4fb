package dev.saiki.text.cleaning;

/// A kind of duplicate that the comparison with earlier documents finds.
public enum DuplicateKind {
    /// A document whose text occurs earlier.
    COPY,
    /// A document that is similar to an earlier one.
    NEAR_DUPLICATE,
    /// A paragraph that occurs earlier.
    PARAGRAPH
}
