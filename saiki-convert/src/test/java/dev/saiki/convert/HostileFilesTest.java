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

/// Whatever a source holds, it becomes a model or one {@link InputException}; nothing else happens, nothing is left
/// behind, and what is allocated and written stays within bounds that the source's size sets.
///
/// A number that fails is a seed: `-DhostileSeed=N` begins with it, and `-DhostileRounds=N` says how many are tried.
final class HostileFilesTest {

    /// Allocated at most for any source, and for a byte of it. What is allocated is more than what is held at once.
    private static final long MOST_ALLOCATED = 256L << 20;

    private static final long MOST_ALLOCATED_A_BYTE = 400;

    /// Written at most for a byte of a source: four bits a number become 32, and a vocabulary JSON.
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

    /// What came of the sources of one kind.
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

    /// Imports a source, and uses what came of it.
    private static boolean isRead(HostileSources.Damaged damaged, Path out, String what) throws IOException {
        try {
            ModelImport.run(damaged.path(), damaged.vocabulary(), out);
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
