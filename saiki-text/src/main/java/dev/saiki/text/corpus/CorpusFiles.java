package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import dev.saiki.text.files.TextInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The files of a corpus, and the way in which each is read.
final class CorpusFiles {

    private static final List<String> PLAIN = List.of(".txt", ".text", ".md", ".markdown", ".rst", ".adoc");
    private static final List<String> LINES = List.of(".jsonl", ".ndjson");
    private static final List<String> COMPRESSED = List.of("", ".gz", ".zst");
    private static final String PARQUET = ".parquet";
    private static final String GLOB_CHARACTERS = "*?[{";

    private CorpusFiles() {}

    /// All files meant by paths, each once, in the order of the paths and within one in the order of names.
    static Collection<Path> find(List<Path> paths) {
        if (paths.isEmpty()) {
            throw new InputException("corpus: at least one file, folder or glob must be given, got none");
        }
        LinkedHashSet<Path> found = new LinkedHashSet<>();
        for (Path path : paths) {
            List<Path> files = meantBy(path);
            if (files.isEmpty()) {
                throw new InputException(path + ": no text found; looked for files ending in "
                        + String.join(", ", PLAIN) + ", " + String.join(", ", LINES)
                        + " (also with .gz or .zst) and " + PARQUET);
            }
            found.addAll(files);
        }
        return found;
    }

    /// Whether a file has a JSON object in each line, by its name.
    static boolean isLines(Path file) {
        return endsWithOneOf(lowerName(file), LINES);
    }

    /// How a file is read, by its name.
    static DocumentSource source(Path file, String textField) {
        String name = lowerName(file);
        if (name.endsWith(PARQUET)) {
            return () -> new ParquetTextReader(file, textField);
        }
        return endsWithOneOf(name, LINES)
                ? () -> new JsonLinesReader(file.toString(), TextInput.open(file), textField)
                : () -> new PlainTextReader(file.toString(), TextInput.open(file));
    }

    private static List<Path> meantBy(Path given) {
        Path path = Storage.local(given);
        if (Files.isDirectory(path)) {
            return walk(path, file -> isText(file) && !isHidden(path.relativize(file)));
        }
        if (Files.exists(path)) {
            return List.of(path);
        }
        if (isGlob(path.toString())) {
            Path start = globStart(path);
            if (Files.isDirectory(start)) {
                PathMatcher matcher = matcher(path);
                return walk(start, file -> matcher.matches(file) && isText(file));
            }
        }
        throw new InputException(path + ": no such file or folder" + Suggestions.forMissing(path));
    }

    private static PathMatcher matcher(Path glob) {
        try {
            return glob.getFileSystem().getPathMatcher("glob:" + (isBare(glob) ? "./" : "") + glob);
        } catch (IllegalArgumentException e) {
            throw new InputException(glob + ": not a glob: " + e.getMessage(), e);
        }
    }

    /// A glob such as `*.txt` searches the working folder, whose files are then found as `./name`.
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

    private static List<Path> walk(Path start, Predicate<Path> wanted) {
        try (Stream<Path> tree = Files.walk(start, FileVisitOption.FOLLOW_LINKS)) {
            return tree.filter(Files::isRegularFile)
                    .filter(wanted)
                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new InputException(start + ": cannot be searched: " + e.getMessage(), e);
        }
    }

    private static boolean isText(Path file) {
        String name = lowerName(file);
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
