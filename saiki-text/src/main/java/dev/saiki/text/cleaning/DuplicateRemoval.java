package dev.saiki.text.cleaning;

import java.util.Locale;

/// The kinds of duplicates that are removed.
public enum DuplicateRemoval {
    /// No duplicates.
    NONE,
    /// Documents with exactly the same text.
    EXACT,
    /// Exact duplicates and near-duplicates: documents that share most runs of five words.
    NEAR;

    /// The name in options and files.
    ///
    /// @return the name in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
