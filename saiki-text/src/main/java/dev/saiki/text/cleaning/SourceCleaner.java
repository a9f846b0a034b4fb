package dev.saiki.text.cleaning;

import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// A cleaner that takes one source's documents in order and counts the verdicts.
public final class SourceCleaner {

    private final DocumentCleaner cleaner;
    private final CleaningOptions options;
    private final SourceMarks marks;
    private final Map<DocumentVerdict, Long> counts = new EnumMap<>(DocumentVerdict.class);
    private long keptBytes;
    private long masked;
    private long repeatedParagraphs;
    private long withNul;
    private int document;
    private int paragraph;

    /// Creates a cleaner at the first document.
    ///
    /// @param options the rules
    /// @param marks the duplicates in the source
    public SourceCleaner(CleaningOptions options, SourceMarks marks) {
        cleaner = new DocumentCleaner(options);
        this.options = options;
        this.marks = marks;
    }

    /// Cleans the next document.
    ///
    /// @param text the text of the document
    /// @return the remaining text, or nothing if the document is removed
    public Optional<String> clean(String text) {
        DocumentCleaner.Cleaned own = cleaner.clean(text);
        int number = document++;
        if (own.isKept() && marks.has(DuplicateKind.COPY, number)) {
            return removed(DocumentVerdict.EXACT_DUPLICATE);
        }
        if (own.isKept() && marks.has(DuplicateKind.NEAR_DUPLICATE, number)) {
            return removed(DocumentVerdict.NEAR_DUPLICATE);
        }
        if (!own.isKept()) {
            return removed(own.verdict());
        }
        String rest = options.uniqueParagraphs() ? Paragraphs.without(own.text(), this::isRepeated) : own.text();
        if (rest.isBlank() && !own.text().isBlank()) {
            return removed(DocumentVerdict.REPEATED_PARAGRAPHS);
        }
        counts.merge(DocumentVerdict.KEPT, 1L, Long::sum);
        masked += own.masked();
        withNul += rest.indexOf('\0') >= 0 ? 1 : 0;
        keptBytes += Tokenizer.wellFormed(rest).getBytes(StandardCharsets.UTF_8).length;
        return Optional.of(rest);
    }

    private Optional<String> removed(DocumentVerdict verdict) {
        counts.merge(verdict, 1L, Long::sum);
        return Optional.empty();
    }

    private boolean isRepeated() {
        boolean repeated = marks.has(DuplicateKind.PARAGRAPH, paragraph++);
        repeatedParagraphs += repeated ? 1 : 0;
        return repeated;
    }

    /// The number of kept documents that contain NUL, a sign of damaged text or binary data.
    long withNul() {
        return withNul;
    }

    /// Returns the counts so far.
    ///
    /// @return the counts
    public SourceCounts counts() {
        return new SourceCounts(counts, keptBytes, masked, repeatedParagraphs);
    }
}
