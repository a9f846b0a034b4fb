package dev.saiki.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The files of the whole project, for the rules.
final class Repository {

    /// The root folder: the nearest parent of the working folder that holds the launcher.
    static final Path ROOT = findRoot();

    private Repository() {}

    private static Path findRoot() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("saiki-io")) || !Files.exists(folder.resolve("saiki"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "no saiki repository above " + Path.of("").toAbsolutePath());
            }
            folder = parent;
        }
        return folder;
    }

    /// All Java sources of all modules, including tests.
    static List<Path> javaSources() {
        return filesBelow("src")
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
    }

    /// The names of the module folders.
    static List<String> modules() {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> filesBelow(String folderOfModule) {
        return modules().stream()
                .map(module -> ROOT.resolve(module).resolve(folderOfModule))
                .filter(Files::isDirectory)
                .flatMap(Repository::walk);
    }

    /// All regular files below a folder, ordered by name.
    static Stream<Path> walk(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The text of a file.
    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /// The path in readable form: relative to the root, with slashes.
    static String nameOf(Path file) {
        return ROOT.relativize(file.toAbsolutePath()).toString().replace('\\', '/');
    }
}
