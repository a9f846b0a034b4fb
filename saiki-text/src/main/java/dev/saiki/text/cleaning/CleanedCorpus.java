package dev.saiki.text.cleaning;

import dev.saiki.io.Sha256;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.CorpusSource;
import dev.saiki.text.corpus.Document;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A corpus after cleaning by {@link CleaningOptions}, and the record of what was removed.
///
/// Removing duplicates reads the corpus twice: once for hashes and sketches, which stay in memory, and once for
/// the text.
public final class CleanedCorpus {

    private final Corpus whole;
    private final CleaningOptions options;
    private final List<BitSet> copies = new ArrayList<>();
    private final List<BitSet> nearDuplicates = new ArrayList<>();
    private final Map<CorpusSource, SourceCleaner> cleaners = new HashMap<>();

    private CleanedCorpus(Corpus whole, CleaningOptions options) {
        this.whole = whole;
        this.options = options;
        for (int source = 0; source < whole.sources().size(); source++) {
            copies.add(new BitSet());
            nearDuplicates.add(new BitSet());
        }
    }

    /// Finds the duplicates of a corpus, if the options remove any.
    ///
    /// @param corpus the text
    /// @param options the rules
    /// @return the corpus without the removed documents
    /// @throws dev.saiki.io.InputException if the corpus is empty or cannot be read
    public static CleanedCorpus of(Corpus corpus, CleaningOptions options) {
        CleanedCorpus cleaned = new CleanedCorpus(corpus, options);
        if (options.comparesDocuments()) {
            cleaned.findDuplicates();
        }
        return cleaned;
    }

    private void findDuplicates() {
        DuplicateFinder finder = new DuplicateFinder(options);
        DocumentFilter filter = new DocumentFilter(options);
        for (int source = 0; source < whole.sources().size(); source++) {
            int number = 0;
            try (Stream<Document> documents = whole.sources().get(source).documents()) {
                for (Iterator<Document> all = documents.iterator(); all.hasNext(); number++) {
                    String text = all.next().text();
                    if (filter.judge(text) == DocumentVerdict.KEPT) {
                        finder.add(DocumentPosition.of(source, number), text);
                    }
                }
            }
        }
        mark(finder.copies(), copies);
        mark(finder.nearDuplicates(), nearDuplicates);
    }

    private static void mark(long[] positions, List<BitSet> sources) {
        for (long position : positions) {
            sources.get(DocumentPosition.source(position)).set(DocumentPosition.number(position));
        }
    }

    /// The documents that are kept, read anew each time.
    ///
    /// @return a corpus with the same sources
    public Corpus corpus() {
        String name = options.equals(CleaningOptions.NOTHING) ? whole.name() : whole.name() + " after cleaning";
        return whole.filtered(name, source -> {
            int number = whole.sources().indexOf(source);
            SourceCleaner cleaner = new SourceCleaner(options, copies.get(number), nearDuplicates.get(number));
            cleaners.put(source, cleaner);
            return document -> cleaner.keeps(document.text());
        });
    }

    /// The record of the last reading of {@link #corpus}, which must have been complete.
    ///
    /// @return sources, rules and counts
    /// @throws IOException if a file can no longer be read
    public Lineage lineage() throws IOException {
        List<Lineage.Source> sources = new ArrayList<>();
        for (CorpusSource source : whole.sources()) {
            Optional<Path> file = source.file();
            sources.add(new Lineage.Source(
                    source.name(),
                    file.isPresent() ? Optional.of(Sha256.hex(file.get())) : Optional.empty(),
                    counts(source)));
        }
        return new Lineage(options, sources);
    }

    /// The number of kept documents in the last reading that contain NUL, a sign of damaged text or binary data.
    ///
    /// @return the number of documents
    public long documentsWithNul() {
        return cleaners.values().stream().mapToLong(SourceCleaner::withNul).sum();
    }

    private SourceCounts counts(CorpusSource source) {
        SourceCleaner cleaner = cleaners.get(source);
        return cleaner == null ? SourceCounts.NONE : cleaner.counts();
    }
}
