package dev.saiki.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files are either opened, with data that match their shapes, or refused.
class SafetensorsFuzzTest {

    private static final List<String> FRAGMENTS = List.of(
            "\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "0",
            "-1",
            "1e9",
            "9223372036854775807",
            "18446744073709551616",
            "null",
            "\"F32\"",
            "\"BF16\"",
            "\\u0000",
            "\"__metadata__\":{}",
            "\"shape\"",
            "[0,0]",
            " ",
            "\u00ff");

    @TempDir
    Path folder;

    @Test
    void damagedFilesAreRefusedOrConsistent() throws IOException {
        fuzz(0, 2_000);
    }

    @Test
    @Tag("slow")
    void manyDamagedFilesAreRefusedOrConsistent() throws IOException {
        fuzz(1_000_000, 60_000);
    }

    private void fuzz(int firstSeed, int count) throws IOException {
        byte[] whole = Safetensors.of(List.of(
                StoredTensor.ofFloats("first", List.of(2L, 3L), new float[] {1, 2, 3, 4, 5, 6}),
                Safetensors.longs("second", 7, 8),
                Safetensors.bytes("third", new byte[] {9, 10, 11})));
        Path file = folder.resolve("x.safetensors");
        int opened = 0;
        for (int seed = firstSeed; seed < firstSeed + count; seed++) {
            Files.write(file, damaged(whole, new SplittableRandom(seed)));
            opened += opens(file, seed) ? 1 : 0;
        }
        // Both outcomes must occur; otherwise the damage is too small or too large.
        assertThat(opened).isBetween(count / 100, count * 99 / 100);
    }

    private static boolean opens(Path path, int seed) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            long bytes = 0;
            for (StoredTensor tensor : file.tensors().values()) {
                bytes += tensor.data().byteSize();
                assertThat(tensor.data().byteSize())
                        .as("seed %d", seed)
                        .isEqualTo(StoredTensor.byteCount(tensor.type(), tensor.shape()));
                if (tensor.type().widensToFloat()) {
                    assertThat(tensor.toFloats()).as("seed %d", seed).hasSize((int) tensor.elementCount());
                }
            }
            assertThat(bytes).as("seed %d", seed).isLessThanOrEqualTo(Files.size(path));
            return true;
        } catch (InputException refused) {
            assertThat(refused).as("seed %d", seed).hasMessageStartingWith(path + ": ");
            return false;
        } catch (RuntimeException | IOException | StackOverflowError | OutOfMemoryError e) {
            return fail("seed " + seed, e);
        }
    }

    private static byte[] damaged(byte[] whole, SplittableRandom random) {
        byte[] bytes = whole.clone();
        int times = random.nextInt(1, 4);
        for (int i = 0; i < times && bytes.length > 0; i++) {
            bytes = damagedOnce(bytes, random);
        }
        return bytes;
    }

    private static byte[] damagedOnce(byte[] bytes, SplittableRandom random) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> bytes[random.nextInt(Math.min(8, bytes.length))] = (byte) random.nextInt(256);
            case 3 -> {
                byte[] fragment =
                        FRAGMENTS.get(random.nextInt(FRAGMENTS.size())).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(fragment, 0, bytes, at, Math.min(fragment.length, bytes.length - at));
            }
            case 4 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length + 16));
            }
            default -> {
                int other = random.nextInt(bytes.length);
                byte kept = bytes[at];
                bytes[at] = bytes[other];
                bytes[other] = kept;
            }
        }
        return bytes;
    }
}
