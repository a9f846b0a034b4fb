package dev.saiki.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {

    private static final long MOST = 1 << 20;

    @TempDir
    private Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Reads and removes all records.
    private static List<String> drain(Spool spool) throws IOException {
        List<String> all = new ArrayList<>();
        Spool.Batch batch = spool.read(3, 1 << 16);
        while (batch.moves()) {
            batch.payloads().forEach(payload -> all.add(new String(payload, StandardCharsets.UTF_8)));
            spool.take(batch);
            batch = spool.read(3, 1 << 16);
        }
        return all;
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".records"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void whatIsAppendedComesOutInOrderAndFreesItsRoom() throws IOException {
        try (Spool spool = Spool.open(folder, MOST)) {
            List<String> texts =
                    IntStream.range(0, 1000).mapToObj(i -> "record " + i).toList();
            for (String text : texts) {
                spool.append(bytes(text));
            }
            assertThat(spool.bytes()).isPositive();
            assertThat(drain(spool)).isEqualTo(texts);
            assertThat(spool.bytes()).isZero();
            spool.append(bytes("another"));
            assertThat(drain(spool)).containsExactly("another");
        }
    }

    @Test
    void whatWasNotTakenIsThereAfterAnotherStart() throws IOException {
        String large = "x".repeat(50_000);
        try (Spool spool = Spool.open(folder, MOST)) {
            for (int i = 0; i < 10; i++) {
                spool.append(bytes(i + large));
            }
            assertThat(segments()).hasSizeGreaterThan(2);
            Spool.Batch first = spool.read(3, Integer.MAX_VALUE);
            assertThat(first.payloads()).hasSize(3);
            spool.take(first);
        }
        try (Spool spool = Spool.open(folder, MOST)) {
            assertThat(drain(spool)).hasSizeBetween(7, 10).last().isEqualTo("9" + large);
            assertThat(spool.bytes()).isZero();
            assertThat(segments()).hasSize(1);
        }
    }

    @Test
    void theTornEndOfAWriteIsCutOffAndWhatStandsBeforeItStays() throws IOException {
        try (Spool spool = Spool.open(folder, MOST)) {
            spool.append(bytes("first"));
            spool.append(bytes("second"));
        }
        Path file = segments().getFirst();
        byte[] whole = Files.readAllBytes(file);
        for (int cut = whole.length - 1; cut > 8 + 5; cut--) {
            Files.write(file, java.util.Arrays.copyOf(whole, cut));
            try (Spool spool = Spool.open(folder, MOST)) {
                Spool.Batch batch = spool.read(9, 1 << 16);
                assertThat(batch.payloads()).as("cut at " + cut).containsExactly(bytes("first"));
                spool.append(bytes("third"));
                assertThat(drain(spool)).containsExactly("first", "third");
            }
        }
    }

    @Test
    void aBitThatFlipsOnTheDiskHidesNoRecordBeforeIt() throws IOException {
        try (Spool spool = Spool.open(folder, MOST)) {
            spool.append(bytes("first"));
            spool.append(bytes("second"));
        }
        Path file = segments().getFirst();
        byte[] whole = Files.readAllBytes(file);
        whole[whole.length - 2] ^= 4;
        Files.write(file, whole, StandardOpenOption.TRUNCATE_EXISTING);
        try (Spool spool = Spool.open(folder, MOST)) {
            assertThat(drain(spool)).containsExactly("first");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(each -> each.toString().endsWith(".damaged")))
                    .hasSize(1);
        }
    }

    /// A disk that fails when the test wants it to.
    private static final class FailingDisk implements Spool.Disk {
        private volatile boolean fails = true;

        @Override
        public void force(FileChannel channel) throws IOException {
            if (fails) {
                throw new IOException("no disk");
            }
            channel.force(false);
        }
    }

    @Test
    @Timeout(60)
    void anErrorFailsWhoWaitsForItAndNobodyLater() throws IOException {
        AtomicBoolean fails = new AtomicBoolean(true);
        Spool.Disk disk = channel -> {
            if (fails.get()) {
                throw new OutOfMemoryError("of a test");
            }
            channel.force(false);
        };
        try (Spool spool = Spool.open(folder, MOST, disk)) {
            assertThatThrownBy(() -> spool.append(bytes("first")))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(OutOfMemoryError.class);
            fails.set(false);
            spool.append(bytes("second"));
            assertThat(drain(spool)).containsExactly("second");
        }
    }

    @Test
    void whatTheDiskRefusedComesOutNeitherNowNorAfterAnotherStart() throws IOException {
        FailingDisk disk = new FailingDisk();
        disk.fails = false;
        try (Spool spool = Spool.open(folder, MOST, disk)) {
            spool.append(bytes("first"));
            long size = spool.bytes();
            disk.fails = true;
            assertThatThrownBy(() -> spool.append(bytes("second"))).hasRootCauseMessage("no disk");
            assertThat(spool.bytes()).isEqualTo(size);
            disk.fails = false;
            spool.append(bytes("third"));
            assertThat(drain(spool)).containsExactly("first", "third");
            spool.append(bytes("fourth"));
            disk.fails = true;
            assertThatThrownBy(() -> spool.append(bytes("fifth"))).hasRootCauseMessage("no disk");
        }
        try (Spool spool = Spool.open(folder, MOST)) {
            assertThat(drain(spool)).containsExactly("fourth");
        }
    }

    @Test
    void aFileThatTheDiskRefusedIsInNobodysWay() throws IOException {
        FailingDisk disk = new FailingDisk();
        byte[] large = new byte[100_000];
        disk.fails = false;
        try (Spool spool = Spool.open(folder, 8 * MOST, disk)) {
            for (int i = 0; i < 11; i++) {
                spool.append(large);
            }
            disk.fails = true;
            assertThatThrownBy(() -> spool.append(large)).hasRootCauseMessage("no disk");
            assertThatThrownBy(() -> spool.append(large)).hasRootCauseMessage("no disk");
            assertThat(drain(spool)).hasSize(11);
            disk.fails = false;
            spool.append(bytes("last"));
            assertThat(drain(spool)).containsExactly("last");
            assertThat(spool.bytes()).isZero();
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void aFolderThatItMakesIsForItsOwnerOnlyAndAnotherStaysAsItIs() throws IOException {
        Path made = folder.resolve("made");
        try (Spool spool = Spool.open(made, MOST)) {
            spool.append(bytes("secret"));
            assertThat(permissions(made)).isEqualTo("rwx------");
            assertThat(permissions(made.resolve("000000000001.records"))).isEqualTo("rw-------");
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
        try (Spool spool = Spool.open(folder, MOST)) {
            spool.append(bytes("secret"));
            assertThat(permissions(folder)).isEqualTo("rwxr-x---");
            assertThat(permissions(segments().getFirst())).isEqualTo("rw-------");
        }
    }

    @Test
    void itTakesNoMoreThanItsBoundAndGoesOnWhenThereIsRoom() throws IOException {
        byte[] record = new byte[100_000];
        try (Spool spool = Spool.open(folder, MOST)) {
            int fitted = 0;
            while (spool.bytes() + record.length + 8 <= MOST) {
                spool.append(record);
                fitted++;
            }
            assertThat(fitted).isEqualTo(10);
            assertThatThrownBy(() -> spool.append(record)).isInstanceOf(Spool.FullException.class);
            assertThat(drain(spool)).hasSize(10);
            spool.append(record);
        }
    }

    @Test
    void twoProcessesDoNotShareOne() throws IOException {
        try (Spool _ = Spool.open(folder, MOST)) {
            assertThatThrownBy(() -> Spool.open(folder, MOST)).isInstanceOf(InputException.class);
        }
    }

    @Test
    void manyThreadsAppendWithoutLoss() throws Exception {
        try (Spool spool = Spool.open(folder, 8 * MOST);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> appends = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                int number = i;
                appends.add(threads.submit(() -> {
                    spool.append(bytes("record " + number));
                    return number;
                }));
            }
            List<String> taken = new ArrayList<>();
            while (taken.size() < 400) {
                taken.addAll(drain(spool));
            }
            for (Future<?> append : appends) {
                append.get();
            }
            assertThat(taken).hasSize(400).doesNotHaveDuplicates();
        }
    }

    @Test
    void whoIsInterruptedHarmsNobody() throws Exception {
        try (Spool spool = Spool.open(folder, MOST)) {
            Thread interrupted = Thread.ofVirtual().start(() -> {
                Thread.currentThread().interrupt();
                try {
                    spool.append(bytes("first"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
            interrupted.join();
            spool.append(bytes("second"));
            assertThat(drain(spool)).containsExactly("first", "second");
        }
    }
}
