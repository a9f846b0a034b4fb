package dev.saiki.io.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectoryReaderTest {

    @TempDir
    Path folder = Path.of("");

    private final BucketInMemory bucket = new BucketInMemory();

    @ParameterizedTest
    @CsvSource({
        "s3://models/runs/one, s3://models/runs/one",
        "s3:/models/runs/one/, s3://models/runs/one",
        "s3://models, s3://models",
        "/plans/s3:/models/texts/*.txt, s3://models/texts/*.txt",
    })
    void pathsThatNameObjectStorageAreKnown(Path path, String location) {
        assertThat(StorageLocation.in(path).map(StorageLocation::toString)).contains(location);
    }

    @ParameterizedTest
    @CsvSource({"models/s3", "/s3/models", "s3", "backup-s3:/models"})
    void otherPathsAreThoseOfFiles(Path path) {
        assertThat(StorageLocation.in(path)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"s3:/Models/a, Models", "s3:/m/a, m"})
    void aBucketThatCannotBeIsRefused(Path path, String got) {
        assertThatThrownBy(() -> StorageLocation.in(path))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the bucket must be")
                .hasMessageEndingWith("got " + got);
    }

    @Test
    void objectsOfOtherToolsAreFilesOfAFolder() throws IOException {
        bucket.put("texts/a.txt", "a");
        bucket.put("texts/more/b.txt", "b");
        bucket.put("texts/c.md", "c");
        assertThat(PublishedDirectoryTest.content(read("texts")))
                .isEqualTo(Map.of("a.txt", "a", "more/b.txt", "b", "c.md", "c"));
        assertThat(read("texts/a.txt")).hasContent("a");
        Path glob = read("texts/*.txt");
        assertThat(glob.getFileName()).hasToString("*.txt");
        assertThat(PublishedDirectoryTest.content(glob.resolveSibling(""))).isEqualTo(Map.of("a.txt", "a"));
    }

    @Test
    void whatIsHereIsNotFetchedAgainUnlessItChanged() throws IOException {
        bucket.put("texts/a.txt", "a");
        Path before = read("texts");
        assertThat(read("texts")).isEqualTo(before);
        assertThat(bucket.fetches).isEqualTo(1);
        bucket.put("texts/a.txt", "A");
        assertThat(PublishedDirectoryTest.content(read("texts"))).isEqualTo(Map.of("a.txt", "A"));
        assertThat(PublishedDirectoryTest.content(before))
                .as("what is being read")
                .isEqualTo(Map.of("a.txt", "a"));
    }

    @Test
    void aCopyThatLostItsEndIsFetchedAgain() throws IOException {
        bucket.put("texts/a.txt", "content");
        Path copy = read("texts/a.txt");
        Files.writeString(copy, "con");
        assertThat(read("texts/a.txt")).hasContent("content");
        bucket.put("texts/b.txt", "b");
        assertThat(PublishedDirectoryTest.content(read("texts"))).isEqualTo(Map.of("a.txt", "content", "b.txt", "b"));
    }

    @Test
    void anObjectThatIsNotWhatTheListSaysIsRefused() throws IOException {
        String sha = "0".repeat(64);
        bucket.put("model/" + DirectoryManifest.NAME, "saiki-folder 1\n" + sha + " 3 config.json\n");
        bucket.put("model/config.json/" + sha, "bad");
        assertThatThrownBy(() -> read("model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("s3://bucket/model/config.json/" + sha + ": damaged");
        bucket.delete("model/config.json/" + sha);
        assertThatThrownBy(() -> read("model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("s3://bucket/model: some of its files are missing");
    }

    @ParameterizedTest
    @CsvSource({"../x", "/etc/x", "a/../../x", "."})
    void aListThatLeadsOutOfItsFolderIsRefused(String path) {
        bucket.put("model/" + DirectoryManifest.NAME, "saiki-folder 1\n" + "0".repeat(64) + " 3 " + path + "\n");
        assertThatThrownBy(() -> read("model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("s3://bucket/model/saiki-folder.txt: line 2 must be SHA256 BYTES PATH");
    }

    @Test
    void whatIsNowhereIsSaid() {
        assertThatThrownBy(() -> read("texts"))
                .isInstanceOf(InputException.class)
                .hasMessage("s3://bucket/texts: no such file or folder in this bucket");
    }

    @Test
    void theCacheStaysWithinItsBound() throws IOException {
        for (int i = 0; i < 20; i++) {
            bucket.put("plain/" + i, "x".repeat(300));
        }
        ObjectCache cache = new ObjectCache(folder, 1000, InstantSource.system());
        for (int i = 0; i < 20; i++) {
            StoredObject object = bucket.find("plain/" + i).orElseThrow();
            cache.file("name-" + i, object.bytes(), file -> bucket.fetch(object, file));
        }
        try (Stream<Path> files = Files.list(folder.resolve("files"))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .containsExactlyInAnyOrder("name-17", "name-18", "name-19");
        }
    }

    private Path read(String key) throws IOException {
        return new DirectoryReader(bucket, new ObjectCache(folder, 1_000_000, InstantSource.system()))
                .fetch(new StorageLocation("bucket", key), Optional.empty());
    }
}
