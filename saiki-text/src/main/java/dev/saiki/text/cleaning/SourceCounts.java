package dev.saiki.text.cleaning;

import java.io.Serializable;

/// The number of documents of a source that met each {@link DocumentVerdict}.
///
/// @param tooShort those of {@link DocumentVerdict#TOO_SHORT}
/// @param fewLetters those of {@link DocumentVerdict#FEW_LETTERS}
/// @param repeatedLines those of {@link DocumentVerdict#REPEATED_LINES}
/// @param exactDuplicates those of {@link DocumentVerdict#EXACT_DUPLICATE}
/// @param nearDuplicates those of {@link DocumentVerdict#NEAR_DUPLICATE}
/// @param kept those of {@link DocumentVerdict#KEPT}
/// @param keptBytes the length in UTF-8 of the kept texts
public record SourceCounts(
        long tooShort,
        long fewLetters,
        long repeatedLines,
        long exactDuplicates,
        long nearDuplicates,
        long kept,
        long keptBytes)
        implements Serializable {

    /// The counts of a source before it is read.
    public static final SourceCounts NONE = new SourceCounts(0, 0, 0, 0, 0, 0, 0);

    /// The number of documents with a verdict.
    ///
    /// @param verdict the verdict
    /// @return the number
    public long of(DocumentVerdict verdict) {
        return switch (verdict) {
            case TOO_SHORT -> tooShort;
            case FEW_LETTERS -> fewLetters;
            case REPEATED_LINES -> repeatedLines;
            case EXACT_DUPLICATE -> exactDuplicates;
            case NEAR_DUPLICATE -> nearDuplicates;
            case KEPT -> kept;
        };
    }

    /// The number of documents read.
    ///
    /// @return the number
    public long read() {
        return tooShort + fewLetters + repeatedLines + exactDuplicates + nearDuplicates + kept;
    }

    /// Adds the counts of another source.
    ///
    /// @param other its counts
    /// @return the sums
    public SourceCounts plus(SourceCounts other) {
        return new SourceCounts(
                tooShort + other.tooShort,
                fewLetters + other.fewLetters,
                repeatedLines + other.repeatedLines,
                exactDuplicates + other.exactDuplicates,
                nearDuplicates + other.nearDuplicates,
                kept + other.kept,
                keptBytes + other.keptBytes);
    }
}
