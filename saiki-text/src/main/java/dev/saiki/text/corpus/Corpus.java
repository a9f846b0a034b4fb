package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// A collection of documents that is read in the same order each time.
///
/// The format of a file depends on the end of its name:
///
/// | file | documents |
/// | --- | --- |
/// | `.txt`, `.text`, `.md`, `.markdown`, `.rst`, `.adoc` | one a file |
/// | `.jsonl`, `.ndjson` | one a line, the string in the text field |
/// | `.parquet` | one a row, the string in the text column |
/// | all these endings except `.parquet`, followed by `.gz` or `.zst` | the same, compressed |
///
/// A plain text of more than {@value PlainTextReader#MAX_PART} characters is split between paragraphs or lines
/// into parts, each a document, so that at most one part is in memory at a time. A folder is searched for files
/// with the endings above, in order of their paths; hidden and other files in the folder are skipped. A file given
/// by its own path is read as plain text if its name has none of the endings above. Text must be valid UTF-8; a
/// byte-order mark at the start is skipped. Documents without text are skipped.
public final class Corpus {

    /// The default field or column of the text.
    public static final String TEXT_FIELD = "text";

    private final List<CorpusSource> sources;
    private final String name;

    Corpus(String name, List<CorpusSource> sources) {
        this.name = name;
        this.sources = List.copyOf(sources);
    }

    /// The documents of files, folders and globs, with text in the field {@value #TEXT_FIELD}.
    ///
    /// @param filesFoldersOrGlobs the paths; a path that does not exist and contains `*`, `?`, `[` or `{` is a
    ///     glob
    /// @return the corpus
    /// @throws InputException if one of the paths matches no file
    public static Corpus of(List<Path> filesFoldersOrGlobs) {
        return of(filesFoldersOrGlobs, TEXT_FIELD);
    }

    /// The documents of files, folders and globs.
    ///
    /// @param filesFoldersOrGlobs the paths; a path that does not exist and contains `*`, `?`, `[` or `{` is a
    ///     glob
    /// @param textField the field (JSONL) or column (Parquet) that holds the text
    /// @return the corpus
    /// @throws InputException if one of the paths matches no file
    public static Corpus of(List<Path> filesFoldersOrGlobs, String textField) {
        List<CorpusSource> sources = new ArrayList<>();
        CorpusFiles.find(filesFoldersOrGlobs)
                .forEach((file, relative) -> sources.add(
                        new CorpusSource(relative, Optional.of(file), CorpusFiles.source(file, textField))));
        return new Corpus(
                String.join(
                        ", ", filesFoldersOrGlobs.stream().map(Path::toString).toList()),
                sources);
    }

    /// The public-domain corpus that comes with Saiki, 16 MB of English: six novels by Jane Austen, Herman
    /// Melville's Moby-Dick and 233 State of the Union addresses.
    ///
    /// @return the corpus
    public static Corpus builtIn() {
        return new Corpus("built-in corpus", BuiltInCorpus.sources());
    }

    /// Creates a corpus from documents in memory.
    ///
    /// @param name the name of the corpus in messages
    /// @param documents the documents, in order
    /// @return the corpus
    public static Corpus ofDocuments(String name, List<Document> documents) {
        List<Document> copy = List.copyOf(documents);
        return of(name, () -> new InMemoryDocuments(copy));
    }

    /// The same text, in which long documents are split into pieces that are documents themselves, so that
    /// held-out text can come from all parts of a few long works.
    ///
    /// A piece has at least the given length, except perhaps the last of a document. Each piece ends with a
    /// paragraph, or with a line if no paragraph ends before twice that length; a line is never split. A remainder
    /// of less than half the length is added to the piece before it.
    ///
    /// @param characters the length, at least 1
    /// @return the corpus of the pieces
    public Corpus inPieces(int characters) {
        InputException.require(characters >= 1, "corpus", "the length of a piece", "at least 1 character", characters);
        return of(
                name + " in pieces of " + characters + " characters",
                () -> new DocumentChunks(documents(), characters));
    }

    /// The same text, in which the lines of each paragraph are joined by spaces where they were broken at a
    /// fixed width, as in typed books. A paragraph is joined only if its lines, except the last, have 40 to 100
    /// characters and end where the next word did not fit. Verse, lists, tables, code, other indented or marked
    /// text, and text without spaces are unchanged. Line endings become line feeds.
    ///
    /// @return the corpus with joined lines
    public Corpus withJoinedLines() {
        return of(name + " with joined lines", () -> new JoinedLines(documents()));
    }

    /// The same corpus after an edit, which may change or remove documents.
    ///
    /// @param newName the name of the new corpus in messages
    /// @param edits supplies the edit for a source each time that the source is read from its start; the edit is
    ///     applied to each document with text, in order
    /// @return the corpus of the remaining documents, with the same sources
    public Corpus edited(String newName, Function<CorpusSource, Function<Document, Optional<Document>>> edits) {
        return new Corpus(
                newName,
                sources.stream()
                        .map(source -> source.edited(() -> edits.apply(source)))
                        .toList());
    }

    private static Corpus of(String name, DocumentSource source) {
        return new Corpus(name, List.of(new CorpusSource(name, Optional.empty(), source)));
    }

    /// Whether a file in a folder counts as text of the corpus, judged by its name.
    ///
    /// @param fileName a name without folders
    /// @return whether the name has one of the endings in the table above
    public static boolean reads(String fileName) {
        return CorpusFiles.isText(fileName);
    }

    /// Whether the documents of a file are its lines, without compression, judged by its name.
    ///
    /// @param fileName a name
    /// @return whether a part of the file is a file of the same form
    public static boolean isDivisible(String fileName) {
        return CorpusFiles.isPlainLines(fileName);
    }

    /// The sources of the corpus: its files, in order, or a single source for text that does not come from files.
    ///
    /// @return the sources; their documents in this order are the documents of the corpus
    public List<CorpusSource> sources() {
        return sources;
    }

    /// The name of the corpus, for messages and reports.
    ///
    /// @return for files, the paths as the user gave them; otherwise a name such as "built-in corpus"
    public String name() {
        return name;
    }

    /// Opens the corpus for reading from the start, one document at a time.
    ///
    /// Reading throws {@link InputException} where a file is damaged, is not UTF-8 or lacks the text field, and at
    /// the end if there was no document.
    ///
    /// @return a sequential stream in a fixed order, to be closed by the caller
    public Stream<Document> documents() {
        return new DocumentIterator(name, sources, false).stream();
    }

    /// Reads the beginning of the corpus: whole documents, until they have the given length together.
    ///
    /// @param characters the length, which the last document may exceed
    /// @return the documents
    public List<Document> beginning(long characters) {
        List<Document> beginning = new ArrayList<>();
        long read = 0;
        try (Stream<Document> all = documents()) {
            Iterator<Document> left = all.iterator();
            while (read < characters && left.hasNext()) {
                Document document = left.next();
                beginning.add(document);
                read += document.text().length();
            }
        }
        return beginning;
    }

    @Override
    public String toString() {
        return name;
    }
}
