package dev.saiki.convert.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.TemporaryTensors;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests that every damaged GGUF file is either read or refused with one {@link InputException}.
final class GgufFuzzTest {

    private static final long[] ODD = {0, 1, -1, 255, 65_536, Integer.MAX_VALUE, 1L << 32, 1L << 60, Long.MIN_VALUE};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private byte[] valid = {};
    private int header;

    @BeforeEach
    void writeAValidFile() throws IOException {
        valid = GgufSample.bytes(folder, GgufSample.plain("llama"), StoredType.Q8_0);
        header = Math.min(valid.length, 4000);
    }

    @Test
    void mutatedFilesAreReadOrRefused() throws IOException {
        fuzz(0, 2_000);
    }

    @Test
    @Tag("slow")
    void manyMutatedFilesAreReadOrRefused() throws IOException {
        fuzz(1_000_000, 100_000);
    }

    private void fuzz(long first, int rounds) throws IOException {
        int read = 0;
        for (long seed = first; seed < first + rounds; seed++) {
            // Each round has its own temporary file, so that reordered tensors do not accumulate.
            try (TemporaryTensors reordered = TemporaryTensors.in(folder)) {
                read += survives(mutated(new Random(seed)), seed, reordered) ? 1 : 0;
            }
        }
        assertThat(read).as("some mutations are harmless").isBetween(1, rounds - 1);
    }

    private byte[] mutated(Random random) {
        byte[] bytes = valid.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
            int at = random.nextInt(random.nextInt(10) == 0 ? bytes.length : header);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> {
                    int from = Math.min(at, bytes.length - Long.BYTES);
                    ByteBuffer.wrap(bytes)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(from, ODD[random.nextInt(ODD.length)]);
                }
                default -> {
                    int from = random.nextInt(header);
                    int length = Math.min(random.nextInt(64), bytes.length - Math.max(at, from));
                    System.arraycopy(valid, from, bytes, at, length);
                }
            }
        }
        return random.nextInt(20) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private boolean survives(byte[] bytes, long seed, TemporaryTensors reordered) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, file, 0, bytes.length);
            ForeignModel model = GgufModels.read(GgufFile.parse(file, "fuzzed"), List.of(), reordered::addHalves);
            ModelConfig config = ModelConfig.fromJson(model.config(), "fuzzed");
            return CheckpointDirectory.problem(config, model.tensors()).isEmpty();
        } catch (InputException refused) {
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed + " broke the reader", e);
        }
    }
}
