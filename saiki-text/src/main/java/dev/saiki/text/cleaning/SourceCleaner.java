package dev.saiki.text.cleaning;

import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/// A filter that takes one source's documents in order and counts the verdicts.
public final class SourceCleaner {

    private final DocumentFilter filter;
    private final BitSet copies;
    private final BitSet nearDuplicates;
    private final Map<DocumentVerdict, Long> counts = new EnumMap<>(DocumentVerdict.class);
    private long keptBytes;
    private long withNul;
    private int next;

    /// Creates a filter at the first document.
    ///
    /// @param options the rules
    /// @param copies the numbers, from 0, of documents whose text occurs earlier in the corpus
    /// @param nearDuplicates the numbers of near-duplicates of earlier documents
    public SourceCleaner(CleaningOptions options, BitSet copies, BitSet nearDuplicates) {
        filter = new DocumentFilter(options);
        this.copies = copies;
        this.nearDuplicates = nearDuplicates;
    }

    /// Filters the next document.
    ///
    /// @param text the text of the document
    /// @return whether the document is kept
    public boolean keeps(String text) {
        DocumentVerdict verdict = filter.judge(text);
        if (verdict == DocumentVerdict.KEPT) {
            verdict = copies.get(next)
                    ? DocumentVerdict.EXACT_DUPLICATE
                    : nearDuplicates.get(next) ? DocumentVerdict.NEAR_DUPLICATE : DocumentVerdict.KEPT;
        }
        next++;
        counts.merge(verdict, 1L, Long::sum);
        if (verdict == DocumentVerdict.KEPT) {
            withNul += text.indexOf('\0') >= 0 ? 1 : 0;
            keptBytes += Tokenizer.wellFormed(text).getBytes(StandardCharsets.UTF_8).length;
            return true;
        }
        return false;
    }

    /// The number of kept documents that contain NUL, a sign of damaged text or binary data.
    long withNul() {
        return withNul;
    }

    /// Returns the counts so far.
    ///
    /// @return the counts
    public SourceCounts counts() {
        return new SourceCounts(counts, keptBytes);
    }
}
