package dev.saiki.io.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedDirectoryTest {

    private static final StorageLocation RUN = new StorageLocation("bucket", "runs/first");
    private static final PublishedDirectory.Times WHEN_TOLD =
            new PublishedDirectory.Times(Duration.ofHours(1), Duration.ofSeconds(60));

    @TempDir
    Path folder = Path.of("");

    private final BucketInMemory bucket = new BucketInMemory();

    @Test
    void whatIsPublishedIsReadElsewhere() throws IOException {
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            write(run.local().resolve("last/config.json"), "{}");
            write(run.local().resolve("metrics.jsonl"), "1\n");
            run.finish();
        }
        assertThat(content(read("two", RUN, Optional.empty())))
                .isEqualTo(Map.of("last/config.json", "{}", "metrics.jsonl", "1\n"));
        assertThat(content(read("two", RUN.child("last"), Optional.empty()))).isEqualTo(Map.of("config.json", "{}"));
        assertThat(content(read("two", RUN, Optional.of("last")))).isEqualTo(Map.of("last/config.json", "{}"));
        assertThat(read("two", RUN.child("metrics.jsonl"), Optional.empty())).hasContent("1\n");
        assertThat(read("two", RUN, Optional.of("last"))).endsWith(Path.of("bucket", "runs", "first"));
    }

    @Test
    void aKillBetweenTwoFilesLeavesTheStateBefore() throws IOException {
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            write(run.local().resolve("a"), "old a");
            write(run.local().resolve("b"), "old b");
            run.publish();
            write(run.local().resolve("a"), "new a");
            write(run.local().resolve("b"), "new b");
            bucket.uploadsUntilFailure = 1;
            assertThatThrownBy(run::publish).isInstanceOf(IOException.class).hasMessageContaining("network");
        }
        bucket.uploadsUntilFailure = Integer.MAX_VALUE;
        assertThat(content(read("two", RUN, Optional.empty()))).isEqualTo(Map.of("a", "old a", "b", "old b"));
        bucket.uploads.clear();
        try (PublishedDirectory again = open("one", WHEN_TOLD)) {
            assertThat(again.local().resolve("b"))
                    .as("work that was not published")
                    .hasContent("new b");
            again.finish();
        }
        assertThat(bucket.uploads).as("what was not there yet").hasSize(1);
        assertThat(content(read("two", RUN, Optional.empty()))).isEqualTo(Map.of("a", "new a", "b", "new b"));
    }

    @Test
    void anotherMachineGoesOnFromWhatIsPublished() throws IOException {
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            write(run.local().resolve("state"), "10");
            run.finish();
        }
        try (PublishedDirectory run = open("two", WHEN_TOLD)) {
            assertThat(run.local().resolve("state")).hasContent("10");
            write(run.local().resolve("state"), "20");
            run.finish();
        }
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            assertThat(run.local().resolve("state")).as("not its own older one").hasContent("20");
        }
    }

    @Test
    void aFolderThatNobodyPublishedWholeIsRefused() throws IOException {
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            write(run.local().resolve("a"), "a");
            bucket.uploadsUntilFailure = 0;
            assertThatThrownBy(run::publish).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> read("two", RUN, Optional.empty()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("s3://bucket/runs/first: a run is writing here");
        }
    }

    @Test
    void aSecondWriterIsRefusedOnceTheFirstRenewsItsLease() throws IOException {
        PublishedDirectory.Times renewedOften =
                new PublishedDirectory.Times(Duration.ofHours(1), Duration.ofSeconds(2));
        List<String> messages = new ArrayList<>();
        try (PublishedDirectory _ = open("one", renewedOften)) {
            assertThatThrownBy(() -> open("two", renewedOften, messages::add))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("s3://bucket/runs/first: another run is writing here, process ");
        }
        assertThat(messages).hasSize(1);
        open("two", renewedOften).close();
    }

    @Test
    void aWriterWaitsUntilTheLeaseOfAKilledOneHasExpired() throws IOException {
        LeaseOwner killed = new LeaseOwner("an id", "elsewhere", "another boot", 17, 0);
        bucket.put("runs/first/" + DirectoryLease.NAME, killed.text(3, 2));
        List<String> messages = new ArrayList<>();
        PublishedDirectory run = open("one", WHEN_TOLD, message -> {
            messages.add(message);
            bucket.now = 3;
        });
        run.close();
        assertThat(messages)
                .containsExactly("s3://bucket/runs/first: waiting until the lease of process 17 on elsewhere expires,"
                        + " at most 3 s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-None-Match", "If-Match"})
    void aStorageThatIgnoresConditionsIsRefused(String ignored) {
        bucket.createOverwrites = ignored.equals("If-None-Match");
        bucket.replaceOverwrites = ignored.equals("If-Match");
        assertThatThrownBy(() -> open("one", WHEN_TOLD))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("s3://bucket/runs/first: this storage ignores the conditions");
        assertThat(bucket.list("")).isEmpty();
    }

    @Test
    void partsOfUnfinishedUploadsAreRemovedAtTheEnd() throws IOException {
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            write(run.local().resolve("a"), "a");
            run.publish();
            assertThat(bucket.aborted).isEmpty();
            run.finish();
        }
        assertThat(bucket.aborted).containsExactly("runs/first/");
    }

    @Test
    void aWriterThatWasTakenForDeadPublishesNothingMore() throws IOException {
        try (PublishedDirectory suspended = open("one", WHEN_TOLD)) {
            write(suspended.local().resolve("a"), "first");
            suspended.publish();
            bucket.now = 100;
            try (PublishedDirectory second = open("two", WHEN_TOLD)) {
                write(second.local().resolve("a"), "second");
                second.publish();
                write(suspended.local().resolve("a"), "late");
                assertThatThrownBy(suspended::publish)
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("another run has published here in the meantime");
            }
        }
        assertThat(read("three", RUN.child("a"), Optional.empty())).hasContent("second");
    }

    @Test
    void aWriterHearsThatAnotherTookItsPlace() throws IOException, InterruptedException {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        try (PublishedDirectory run =
                open("one", new PublishedDirectory.Times(Duration.ofHours(1), Duration.ofMillis(80)))) {
            run.onLoss(() -> heard.add("lost"));
            bucket.put("runs/first/" + DirectoryLease.NAME, "somebody else");
            for (int i = 0; heard.isEmpty() && i < 500; i++) {
                Thread.sleep(10);
            }
            assertThat(heard).containsExactly("lost");
            assertThatThrownBy(run::publish)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another run has taken over this lease; nothing more is published");
        }
        assertThat(bucket.find("runs/first/" + DirectoryLease.NAME))
                .as("the other's")
                .isPresent();
    }

    @Test
    void aPlaceWithOtherObjectsIsNotWritten() {
        bucket.put("runs/first/corpus.txt", "text");
        assertThatThrownBy(() -> open("one", WHEN_TOLD))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be empty, or a folder that Saiki published")
                .hasMessageContaining("runs/first/corpus.txt");
        assertThat(bucket.find("runs/first/" + DirectoryLease.NAME)).isEmpty();
    }

    @Test
    void aFolderThatIsStillEmptyIsPublishedToo() throws IOException {
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            assertThat(run.publish().files()).isZero();
            write(run.local().resolve("a"), "a");
            assertThat(run.finish().files()).isEqualTo(1);
        }
        assertThat(read("two", RUN.child("a"), Optional.empty())).hasContent("a");
    }

    @Test
    void oldStatesAreRemovedOnceNobodyCanBeReadingThem() throws IOException {
        try (PublishedDirectory run = open("one", WHEN_TOLD)) {
            for (String state : List.of("1", "2", "3", "4")) {
                write(run.local().resolve("state"), state);
                run.publish();
            }
            assertThat(bucket.list("runs/first/state/")).hasSize(2);
        }
    }

    @Test
    void filesThatGrowAndFoldersThatAreRenamedAreTakenAtOneMoment() throws Exception {
        Path run = folder.resolve("run");
        write(run.resolve("state/part-1"), "0");
        write(run.resolve("state/part-2"), "0");
        write(run.resolve("log"), "");
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 1; i <= 300; i++) {
                String number = String.valueOf(i);
                rewrite(run, number);
            }
        });
        int taken = 0;
        while (writer.isAlive()) {
            DirectorySnapshot snapshot = DirectorySnapshot.take(run, folder.resolve("aside"));
            String state = Files.readString(snapshot.folder().resolve("state/part-1"));
            assertThat(snapshot.folder().resolve("state/part-2")).hasContent(state);
            long lines =
                    Files.readString(snapshot.folder().resolve("log")).lines().count();
            assertThat(lines)
                    .as("a log goes at least as far as the state")
                    .isGreaterThanOrEqualTo(Long.parseLong(state));
            taken++;
        }
        writer.join();
        assertThat(taken).isPositive();
    }

    private static void rewrite(Path run, String number) {
        try {
            Files.writeString(run.resolve("log"), number + "\n", StandardOpenOption.APPEND);
            AtomicFiles.writeDirectory(run.resolve("state"), state -> {
                write(state.resolve("part-1"), number);
                write(state.resolve("part-2"), number);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PublishedDirectory open(String machine, PublishedDirectory.Times times) throws IOException {
        return open(machine, times, warning -> {
            throw new AssertionError(warning);
        });
    }

    private PublishedDirectory open(String machine, PublishedDirectory.Times times, Consumer<String> warnings)
            throws IOException {
        return PublishedDirectory.open(
                reader(machine), RUN, folder.resolve(machine).resolve("work"), times, warnings);
    }

    private Path read(String machine, StorageLocation location, Optional<String> sufficient) throws IOException {
        return reader(machine).fetch(location, sufficient);
    }

    private DirectoryReader reader(String machine) {
        return new DirectoryReader(
                bucket, new ObjectCache(folder.resolve(machine).resolve("cache"), 1_000_000, InstantSource.system()));
    }

    static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Path aside = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(aside, text);
        Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    }

    static Map<String, String> content(Path folder) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                content.put(folder.relativize(file).toString(), Files.readString(file));
            }
        }
        return content;
    }
}
