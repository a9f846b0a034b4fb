package dev.saiki.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Comparisons of the folders of datasets, byte by byte.
final class DatasetFiles {

    private DatasetFiles() {}

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    static void assertSame(Path folder, Path expected) throws IOException {
        assertThat(names(folder)).isEqualTo(names(expected));
        for (String name : names(expected)) {
            assertThat(Files.mismatch(folder.resolve(name), expected.resolve(name)))
                    .as("the first byte of %s that differs", name)
                    .isEqualTo(-1);
        }
    }
}
