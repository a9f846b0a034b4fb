package dev.saiki.text.cleaning;

import java.util.Locale;

/// The reason why a document is kept or removed; if several reasons apply, the first in this order counts.
public enum DocumentVerdict {
    /// The document has too few characters.
    TOO_SHORT,
    /// The document's share of letters is too small.
    FEW_LETTERS,
    /// Too many of the document's lines repeat earlier lines.
    REPEATED_LINES,
    /// An earlier document has the same text.
    EXACT_DUPLICATE,
    /// An earlier document has nearly the same text.
    NEAR_DUPLICATE,
    /// The document is kept.
    KEPT;

    /// The name in files.
    ///
    /// @return the name in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
