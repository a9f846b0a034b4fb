package dev.saiki.text.cleaning;

import java.util.Locale;

/// The reason why a document is kept or removed; the first reason in this order counts.
public enum DocumentVerdict {
    /// It has fewer characters than asked for.
    TOO_SHORT,
    /// Too small a share of it is letters.
    FEW_LETTERS,
    /// Too many of its lines stand in it before.
    REPEATED_LINES,
    /// A document before it has the same text.
    EXACT_DUPLICATE,
    /// A document before it has nearly the same text.
    NEAR_DUPLICATE,
    /// It stays.
    KEPT;

    /// The name in files.
    ///
    /// @return in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
