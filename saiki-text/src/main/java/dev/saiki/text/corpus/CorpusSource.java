package dev.saiki.text.corpus;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// One source of a {@link Corpus}, usually a file.
public final class CorpusSource {

    private final String name;
    private final Optional<Path> file;
    private final DocumentSource content;

    CorpusSource(String name, Optional<Path> file, DocumentSource content) {
        this.name = name;
        this.file = file;
        this.content = content;
    }

    CorpusSource edited(Supplier<Function<Document, Optional<Document>>> edit) {
        return new CorpusSource(name, file, () -> new EditedDocuments(content.open(), edit.get()));
    }

    /// The name of the source: for a file, its path relative to the folder or glob that matched the file,
    /// with slashes.
    ///
    /// @return the name, which does not reveal the location of the folder
    public String name() {
        return name;
    }

    /// The file of the source.
    ///
    /// @return the file, or nothing if the text does not come from a single file
    public Optional<Path> file() {
        return file;
    }

    DocumentSource content() {
        return content;
    }

    /// Opens the source for reading from its start. Reading throws the same exceptions as
    /// {@link Corpus#documents}, except that a source without text is allowed.
    ///
    /// @return a sequential stream in a fixed order, to be closed by the caller
    public Stream<Document> documents() {
        return new DocumentIterator(name, List.of(this), true).stream();
    }
}
