package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import dev.saiki.text.files.TextInput;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The files of a corpus, and the reader of each.
final class CorpusFiles {

    private static final List<String> PLAIN = List.of(".txt", ".text", ".md", ".markdown", ".rst", ".adoc");
    private static final List<String> LINES = List.of(".jsonl", ".ndjson");
    private static final List<String> COMPRESSED = List.of("", ".gz", ".zst");
    private static final String PARQUET = ".parquet";
    private static final String GLOB_CHARACTERS = "*?[{";

    private CorpusFiles() {}

    /// Finds all files that the paths match, each file once, in the order of the given paths and then by name;
    /// each file is named relative to the path that matched it.
    static SequencedMap<Path, String> find(List<Path> paths) {
        InputException.require(!paths.isEmpty(), "corpus: at least one file, folder or glob", "given", "none");
        SequencedMap<Path, String> found = new LinkedHashMap<>();
        for (Path path : paths) {
            SequencedMap<Path, String> files = meantBy(path);
            if (files.isEmpty()) {
                throw new InputException(path + ": no text found; looked for files ending in "
                        + String.join(", ", PLAIN) + ", " + String.join(", ", LINES)
                        + " (also with .gz or .zst) and " + PARQUET);
            }
            files.forEach(found::putIfAbsent);
        }
        return found;
    }

    /// Whether a file has a JSON object on each line, judged by its name.
    static boolean isLines(Path file) {
        return endsWithOneOf(lowerName(file), LINES);
    }

    /// Whether a file has a JSON object on each line and is not compressed, judged by its name.
    static boolean isPlainLines(String fileName) {
        return LINES.stream().anyMatch(fileName.toLowerCase(Locale.ROOT)::endsWith);
    }

    /// The reader for a file, chosen by its name.
    static DocumentSource source(Path file, String textField) {
        String name = lowerName(file);
        if (name.endsWith(PARQUET)) {
            return () -> new ParquetTextReader(file, textField);
        }
        return endsWithOneOf(name, LINES)
                ? () -> new JsonLinesReader(file.toString(), TextInput.open(file), textField)
                : () -> new PlainTextReader(file.toString(), TextInput.open(file));
    }

    private static SequencedMap<Path, String> meantBy(Path given) {
        Path path = Storage.local(given);
        if (Files.isDirectory(path)) {
            return walk(path, file -> isText(lowerName(file)) && !isHidden(path.relativize(file)));
        }
        if (Files.exists(path)) {
            SequencedMap<Path, String> single = new LinkedHashMap<>();
            single.put(path, String.valueOf(path.getFileName()));
            return single;
        }
        if (isGlob(path.toString())) {
            Path start = globStart(path);
            if (Files.isDirectory(start)) {
                PathMatcher matcher = matcher(path);
                return walk(start, file -> matcher.matches(file) && isText(lowerName(file)));
            }
        }
        throw new InputException(path + ": no such file or folder" + Suggestions.forMissing(path));
    }

    private static PathMatcher matcher(Path glob) {
        try {
            return glob.getFileSystem().getPathMatcher("glob:" + (isBare(glob) ? "./" : "") + glob);
        } catch (IllegalArgumentException e) {
            throw new InputException(glob + ": not a valid glob: " + e.getMessage(), e);
        }
    }

    /// Whether the first part of a relative path is a glob, as in `*.txt`; files are then found as `./name`.
    private static boolean isBare(Path glob) {
        return !glob.isAbsolute() && isGlob(glob.getName(0).toString());
    }

    private static Path globStart(Path glob) {
        if (isBare(glob)) {
            return Path.of(".");
        }
        Path start = glob;
        while (isGlob(start.toString())) {
            Path parent = start.getParent();
            if (parent == null) {
                return Path.of(".");
            }
            start = parent;
        }
        return start;
    }

    private static boolean isGlob(String path) {
        return path.chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0);
    }

    private static SequencedMap<Path, String> walk(Path start, Predicate<Path> wanted) {
        SequencedMap<Path, String> found = new LinkedHashMap<>();
        try (Stream<Path> tree = Files.walk(start, FileVisitOption.FOLLOW_LINKS)) {
            tree.filter(Files::isRegularFile)
                    .filter(wanted)
                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                    .forEach(file -> found.put(file, nameBelow(start, file)));
            return found;
        } catch (IOException | UncheckedIOException e) {
            throw new InputException(start + ": cannot list its files: " + e.getMessage(), e);
        }
    }

    private static String nameBelow(Path start, Path file) {
        return start.relativize(file).toString().replace(File.separatorChar, '/');
    }

    /// Whether a file in a folder counts as text of the corpus, judged by its name.
    static boolean isText(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        return name.endsWith(PARQUET) || endsWithOneOf(name, PLAIN) || endsWithOneOf(name, LINES);
    }

    private static boolean isHidden(Path relative) {
        List<String> names = new ArrayList<>();
        relative.forEach(part -> names.add(part.toString()));
        return names.stream().anyMatch(name -> name.startsWith("."));
    }

    private static boolean endsWithOneOf(String name, List<String> endings) {
        return endings.stream()
                .anyMatch(ending -> COMPRESSED.stream().anyMatch(packed -> name.endsWith(ending + packed)));
    }

    private static String lowerName(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }
}
