package dev.saiki.text.cleaning;

import dev.saiki.io.Sha256;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.CorpusSource;
import dev.saiki.text.corpus.Document;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A corpus after cleaning by {@link CleaningOptions}, and the record of what was removed.
///
/// Each comparison of documents or paragraphs reads the corpus once more. Hashes and sketches stay in memory.
public final class CleanedCorpus {

    private final Corpus whole;
    private final CleaningOptions options;
    private final List<SourceMarks> marks;
    private final Map<CorpusSource, SourceCleaner> cleaners = new HashMap<>();

    private CleanedCorpus(Corpus whole, CleaningOptions options) {
        this.whole = whole;
        this.options = options;
        marks = Stream.generate(SourceMarks::new).limit(whole.sources().size()).toList();
    }

    /// Finds the duplicates of a corpus, if the options remove any.
    ///
    /// @param corpus the text
    /// @param options the rules
    /// @return the corpus without the removed documents
    /// @throws dev.saiki.io.InputException if the corpus is empty or cannot be read
    public static CleanedCorpus of(Corpus corpus, CleaningOptions options) {
        CleanedCorpus cleaned = new CleanedCorpus(corpus, options);
        if (options.duplicates() != DuplicateRemoval.NONE) {
            cleaned.findDuplicates();
        }
        if (options.uniqueParagraphs()) {
            cleaned.findParagraphs();
        }
        return cleaned;
    }

    private void findDuplicates() {
        DuplicateFinder finder = new DuplicateFinder(options);
        DocumentCleaner cleaner = new DocumentCleaner(options);
        for (int source = 0; source < whole.sources().size(); source++) {
            int number = 0;
            try (Stream<Document> documents = whole.sources().get(source).documents()) {
                for (Iterator<Document> all = documents.iterator(); all.hasNext(); number++) {
                    DocumentCleaner.Cleaned cleaned = cleaner.clean(all.next().text());
                    if (cleaned.isKept()) {
                        finder.add(DocumentPosition.of(source, number), cleaned.text());
                    }
                }
            }
        }
        mark(DuplicateKind.COPY, finder.copies());
        mark(DuplicateKind.NEAR_DUPLICATE, finder.nearDuplicates());
    }

    private void mark(DuplicateKind kind, long[] positions) {
        for (long position : positions) {
            marks.get(DocumentPosition.source(position)).mark(kind, DocumentPosition.number(position));
        }
    }

    /// Marks repeated paragraphs, in a reading of the documents that are not marked.
    private void findParagraphs() {
        Set<TextHash> seen = new HashSet<>();
        for (int source = 0; source < whole.sources().size(); source++) {
            SourceCleaner cleaner = new SourceCleaner(options, marks.get(source));
            SourceMarks repeated = marks.get(source);
            int paragraph = 0;
            try (Stream<Document> documents = whole.sources().get(source).documents()) {
                for (Iterator<Document> all = documents.iterator(); all.hasNext(); ) {
                    Optional<String> kept = cleaner.clean(all.next().text());
                    for (TextHash hash : Paragraphs.hashes(kept.orElse(""))) {
                        if (!seen.add(hash)) {
                            repeated.mark(DuplicateKind.PARAGRAPH, paragraph);
                        }
                        paragraph++;
                    }
                }
            }
        }
    }

    /// The documents that are kept, read anew each time.
    ///
    /// @return a corpus with the same sources
    public Corpus corpus() {
        String name = options.equals(CleaningOptions.NOTHING) ? whole.name() : whole.name() + " after cleaning";
        return whole.edited(name, source -> {
            SourceCleaner cleaner =
                    new SourceCleaner(options, marks.get(whole.sources().indexOf(source)));
            cleaners.put(source, cleaner);
            return document -> cleaner.clean(document.text()).map(document::withText);
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
