package dev.saiki.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {

    @TempDir
    Path folder;

    @Test
    void failedWriteLeavesTheOldFileAndNothingBesideIt() throws IOException {
        Path target = folder.resolve("file");
        AtomicFiles.writeString(target, "old");
        assertThatThrownBy(() -> AtomicFiles.write(target, output -> {
                    output.write(1);
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(target).hasContent("old");
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(AtomicFiles.TEMPORARY_SUFFIX));
    }

    @Test
    void failedDirectoryWriteLeavesTheOldDirectory() throws IOException {
        Path target = folder.resolve("model");
        AtomicFiles.writeDirectory(target, directory -> Files.writeString(directory.resolve("a"), "old"));
        assertThatThrownBy(() -> AtomicFiles.writeDirectory(target, directory -> {
                    Files.writeString(directory.resolve("a"), "new");
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(target.resolve("a")).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("model");
    }

    @Test
    void replacedDirectoryHoldsOnlyTheNewFiles() throws IOException {
        Path target = folder.resolve("model");
        AtomicFiles.writeDirectory(target, directory -> Files.writeString(directory.resolve("a"), "old"));
        AtomicFiles.writeDirectory(target, directory -> Files.writeString(directory.resolve("b"), "new"));
        assertThat(target.toFile().list()).containsExactly("b");
        assertThat(folder.toFile().list()).containsExactly("model");
    }

    @Test
    void directoryMovedAsideByAKilledWriteIsPutBack() throws IOException {
        Path target = folder.resolve("model");
        AtomicFiles.writeDirectory(target, directory -> Files.writeString(directory.resolve("a"), "old"));
        Files.move(target, folder.resolve("model" + AtomicFiles.PREVIOUS_SUFFIX));
        AtomicFiles.recoverDirectory(target);
        assertThat(target.resolve("a")).hasContent("old");
    }

    @Test
    void secondRunInOneFolderIsRefused() throws IOException {
        try (DirectoryLock first = DirectoryLock.acquire(folder)) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> DirectoryLock.acquire(folder))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another run is writing into this folder");
        }
        DirectoryLock.acquire(folder).close();
    }
}
