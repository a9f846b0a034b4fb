package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// Tests that every damaged source either becomes a model or is refused with one {@link InputException}, that
/// nothing is left behind, and that the allocated and written bytes stay within bounds set by the size of the
/// source.
///
/// If a source fails, the message contains a seed: `-DhostileSeed=N` starts with this seed, and
/// `-DhostileRounds=N` sets the number of seeds.
final class HostileFilesTest {

    /// The maximum number of bytes allocated for any source, to which a number per byte of the source is added.
    /// More bytes are allocated than are held at the same time.
    private static final long MOST_ALLOCATED = 256L << 20;

    private static final long MOST_ALLOCATED_A_BYTE = 400;

    /// The maximum number of bytes written per byte of a source: four bits become 32, and a vocabulary becomes
    /// JSON.
    private static final long MOST_WRITTEN_A_BYTE = 10;

    private static final long MOST_WRITTEN = 1L << 20;

    private static final int MANY = 100_000;
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path results;

    @Test
    void damagedSourcesAreReadOrRefused(TestReporter reporter) throws IOException {
        fuzz(0, 400, reporter);
    }

    @Test
    @Tag("slow")
    void manyDamagedSourcesAreReadOrRefused(TestReporter reporter) throws IOException {
        fuzz(Long.getLong("hostileSeed", 1_000_000), Integer.getInteger("hostileRounds", MANY), reporter);
    }

    /// The results for the sources of one kind.
    private static final class Outcome {
        private int read;
        private int refused;
        private long mostAllocated;
        private long longestNanos;

        @Override
        public String toString() {
            return read + " read, " + refused + " refused, at most " + (mostAllocated >> 10) + " KiB allocated and "
                    + longestNanos / 1_000_000 + " ms";
        }
    }

    private void fuzz(long first, int rounds, TestReporter reporter) throws IOException {
        HostileSources sources = new HostileSources(folder);
        HostileSources.Kind[] kinds = HostileSources.Kind.values();
        Map<HostileSources.Kind, Outcome> outcomes = new EnumMap<>(HostileSources.Kind.class);
        reporter.publishEntry("first seed", String.valueOf(first));
        List<String> lines = new ArrayList<>(List.of("seeds from " + first + ", " + rounds + " sources"));
        for (long seed = first; seed < first + rounds; seed++) {
            Random random = new Random(seed);
            HostileSources.Kind kind = kinds[random.nextInt(kinds.length)];
            HostileSources.Damaged damaged = sources.damaged(kind, random);
            Outcome outcome = outcomes.computeIfAbsent(kind, _ -> new Outcome());
            String what = kind + ", seed " + seed;
            assertTimeoutPreemptively(LONGEST, () -> tryOut(damaged, what, outcome), what);
        }
        outcomes.forEach((kind, outcome) -> {
            lines.add(kind + ": " + outcome);
            assertThat(outcome.refused).as("%s: some are refused", kind).isPositive();
            if (rounds >= MANY / 10) {
                assertThat(outcome.read)
                        .as("%s: some changes are harmless", kind)
                        .isPositive();
            }
        });
        Files.write(Path.of("target", "hostile-files.txt"), lines);
        try (Stream<Path> left = Files.list(results)) {
            assertThat(left.map(file -> file.getFileName().toString())).allMatch("out"::equals);
        }
    }

    private void tryOut(HostileSources.Damaged damaged, String what, Outcome outcome) throws IOException {
        Path out = results.resolve("out");
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        boolean read = isRead(damaged, out, what);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        outcome.longestNanos = Math.max(outcome.longestNanos, System.nanoTime() - start);
        outcome.mostAllocated = Math.max(outcome.mostAllocated, allocated);
        assertThat(allocated)
                .as("%s: bytes allocated for a source of %d", what, damaged.bytes())
                .isLessThanOrEqualTo(MOST_ALLOCATED + MOST_ALLOCATED_A_BYTE * damaged.bytes());
        if (!read) {
            outcome.refused++;
            return;
        }
        outcome.read++;
        long written = 0;
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.toList()) {
                written += Files.size(file);
            }
        }
        assertThat(written)
                .as("%s: bytes written of a source of %d", what, damaged.bytes())
                .isLessThanOrEqualTo(MOST_WRITTEN + MOST_WRITTEN_A_BYTE * damaged.bytes());
    }

    /// Imports a source and uses the resulting model.
    private static boolean isRead(HostileSources.Damaged damaged, Path out, String what) throws IOException {
        try {
            ModelImport.run(damaged.path(), out, Clock.systemUTC());
        } catch (InputException refused) {
            assertThat(refused).as(what).hasMessageNotContaining("Exception");
            assertThat(refused.getMessage()).as(what).isNotBlank();
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + " broke the reader", e);
        }
        try {
            CheckpointDirectory model = CheckpointDirectory.open(out);
            if (model.hasTokenizer()) {
                Tokenizer tokenizer = Tokenizer.load(model.tokenizer());
                tokenizer.decode(tokenizer.encode("the whale 🙂 and\tthe sea"));
                assertThat(tokenizer.vocabSize())
                        .as(what)
                        .isLessThanOrEqualTo(model.config().vocabSize());
            }
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + ": what was imported cannot be read", e);
        }
        return true;
    }
}
