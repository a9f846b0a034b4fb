package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A collection of documents, read again in the same order at each use.
///
/// What is read, by the end of a file's name:
///
/// | file | documents |
/// | --- | --- |
/// | `.txt`, `.text`, `.md`, `.markdown`, `.rst`, `.adoc` | one a file |
/// | `.jsonl`, `.ndjson` | one a line, the string in the text field |
/// | `.parquet` | one a row, the string in the text column |
/// | the first two with `.gz` or `.zst` | the same, compressed |
///
/// A plain text of more than {@value PlainTextReader#LONGEST_PART} characters is given in parts, cut between
/// paragraphs or lines, each a document; so no more than that is in memory at a time. A folder is searched through
/// for files of these names, in order of their paths; hidden files and files of other names in it are left out. A
/// file that is named itself is read as plain text if its name says nothing else. Text must be UTF-8, strictly; a
/// byte-order mark at the start is skipped. Documents without text are left out.
public final class Corpus {

    /// The field or column that holds the text unless another is named.
    public static final String TEXT_FIELD = "text";

    private final List<CorpusSource> sources;
    private final String name;

    Corpus(String name, List<CorpusSource> sources) {
        this.name = name;
        this.sources = List.copyOf(sources);
    }

    /// The documents of files, folders and globs, with text in the field {@value #TEXT_FIELD}.
    ///
    /// @param filesFoldersOrGlobs where to look; a path that does not exist and has `*`, `?`, `[` or `{` is a glob
    /// @return the corpus
    /// @throws InputException if one of them finds nothing
    public static Corpus of(List<Path> filesFoldersOrGlobs) {
        return of(filesFoldersOrGlobs, TEXT_FIELD);
    }

    /// The documents of files, folders and globs.
    ///
    /// @param filesFoldersOrGlobs where to look; a path that does not exist and has `*`, `?`, `[` or `{` is a glob
    /// @param textField the field (JSONL) or column (Parquet) that holds the text
    /// @return the corpus
    /// @throws InputException if one of them finds nothing
    public static Corpus of(List<Path> filesFoldersOrGlobs, String textField) {
        List<CorpusSource> sources = new ArrayList<>();
        CorpusFiles.find(filesFoldersOrGlobs)
                .forEach((file, relative) ->
                        sources.add(CorpusSource.ofFile(relative, file, CorpusFiles.source(file, textField))));
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

    /// Documents that are in memory.
    ///
    /// @param name what to call the corpus in messages
    /// @param documents the documents, in order
    /// @return the corpus
    public static Corpus ofDocuments(String name, List<Document> documents) {
        List<Document> copy = List.copyOf(documents);
        return of(name, () -> new InMemoryDocuments(copy));
    }

    /// The same text with long documents cut into pieces, each a document: what is held out can then come
    /// from all parts of a few long works.
    ///
    /// A piece has at least this length, and ends with a paragraph, or with a line if no paragraph ends before
    /// twice this length; a line is never cut. A rest of less than half the length stays with the piece before.
    ///
    /// @param characters the length, at least 1
    /// @return the corpus of the pieces
    public Corpus inPieces(int characters) {
        if (characters < 1) {
            throw InputException.of("corpus", "the length of a piece", "at least 1 character", characters);
        }
        return of(
                name + " in pieces of " + characters + " characters",
                () -> new DocumentChunks(documents(), characters));
    }

    /// The same text with the lines of a paragraph joined by spaces, where they were broken at one width, as in books
    /// typed for a screen: lines of 40 to 100 characters that end because the next word had no room. Verse, lists,
    /// tables, code and everything else that is indented or marked stay as they are; so does text without spaces.
    /// Lines end as on Unix then.
    ///
    /// @return the corpus of the joined lines
    public Corpus withJoinedLines() {
        return of(name + " with joined lines", () -> new JoinedLines(documents()));
    }

    /// The same corpus without the documents that a condition leaves out.
    ///
    /// @param newName what to call it in messages
    /// @param conditions gives the condition for a source each time that the source is read from its start; it
    ///     is asked about each document with text, in order
    /// @return the corpus of the documents that stay, with the same sources
    public Corpus filtered(String newName, Function<CorpusSource, Predicate<Document>> conditions) {
        return new Corpus(
                newName,
                sources.stream()
                        .map(source -> source.filtered(() -> conditions.apply(source)))
                        .toList());
    }

    private static Corpus of(String name, DocumentSource source) {
        return new Corpus(name, List.of(CorpusSource.of(name, source)));
    }

    /// Whether a file of a folder is read, by its name.
    ///
    /// @param fileName a name without folders
    /// @return whether its ending is one of the table above
    public static boolean reads(String fileName) {
        return CorpusFiles.isText(fileName);
    }

    /// The sources of which the corpus is made: its files, in order, or one for text that does not come from
    /// files.
    ///
    /// @return the sources; their documents, one source after the other, are those of the corpus
    public List<CorpusSource> sources() {
        return sources;
    }

    /// What the corpus is made of, for messages and reports.
    ///
    /// @return the paths as they were given, or "built-in corpus"
    public String name() {
        return name;
    }

    /// Opens the corpus and reads it from the start, one document at a time.
    ///
    /// Reading throws {@link InputException} where a file is damaged, is not UTF-8 or lacks the text field, and
    /// at the end if there was no document at all.
    ///
    /// @return a sequential stream in a fixed order, to be closed by the caller
    public Stream<Document> documents() {
        return DocumentIterator.required(name, sources).stream();
    }

    @Override
    public String toString() {
        return name;
    }
}
