package dev.saiki.text.cleaning;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;

/// The number of documents of a source that met each {@link DocumentVerdict}, and what was removed from the kept
/// documents.
///
/// @param documents the number of documents with each verdict; a missing verdict counts as 0
/// @param keptBytes the length in UTF-8 of the kept texts
/// @param masked the number of masks of personal data
/// @param repeatedParagraphs the number of removed paragraphs
public record SourceCounts(Map<DocumentVerdict, Long> documents, long keptBytes, long masked, long repeatedParagraphs)
        implements Serializable {

    /// The counts of a source before it is read.
    public static final SourceCounts NONE = new SourceCounts(Map.of(), 0, 0, 0);

    /// Copies the mutable components.
    public SourceCounts {
        documents = Map.copyOf(documents);
    }

    /// The number of documents with a verdict.
    ///
    /// @param verdict the verdict
    /// @return the number
    public long of(DocumentVerdict verdict) {
        return documents.getOrDefault(verdict, 0L);
    }

    /// The number of documents read.
    ///
    /// @return the number
    public long read() {
        return documents.values().stream().mapToLong(Long::longValue).sum();
    }

    /// Adds the counts of another source.
    ///
    /// @param other the counts of the other source
    /// @return the sums
    public SourceCounts plus(SourceCounts other) {
        Map<DocumentVerdict, Long> sums = new EnumMap<>(DocumentVerdict.class);
        sums.putAll(documents);
        other.documents.forEach((verdict, number) -> sums.merge(verdict, number, Long::sum));
        return new SourceCounts(
                sums,
                keptBytes + other.keptBytes,
                masked + other.masked,
                repeatedParagraphs + other.repeatedParagraphs);
    }
}
