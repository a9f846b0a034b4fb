package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever a source holds, it becomes a checkpoint or one {@link InputException}; nothing else happens, and
/// nothing is left behind.
final class HostileFilesTest {

    private static final int[] ODD = {0, 1, -1, 255, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void mutatedSourcesAreReadOrRefused() throws IOException {
        fuzz(0, 60);
    }

    @Test
    @Tag("slow")
    void manyMutatedSourcesAreReadOrRefused() throws IOException {
        fuzz(1_000_000, 20_000);
    }

    private void fuzz(long first, int rounds) throws IOException {
        Path whole = folder.resolve("whole");
        ModelImport.run(Stories.MODEL, Optional.of(Stories.VOCABULARY), whole);
        Path gguf = folder.resolve("whole.gguf");
        ModelExport.run(
                whole, ModelExport.Format.GGUF, Optional.of(ModelExport.Weights.Q8_0), OptionalInt.empty(), gguf);
        int read = 0;
        for (long seed = first; seed < first + rounds; seed++) {
            Random random = new Random(seed);
            boolean survived = switch (random.nextInt(4)) {
                case 0 -> survives(mutated(Stories.MODEL, 64, random), Stories.VOCABULARY, seed);
                case 1 -> survives(Stories.MODEL, mutated(Stories.VOCABULARY, 6_000, random), seed);
                case 2 -> survives(mutated(gguf, 40_000, random), null, seed);
                default -> survives(mutatedFolder(whole, random), null, seed);
            };
            read += survived ? 1 : 0;
        }
        assertThat(read).as("some mutations are harmless").isBetween(1, rounds - 1);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.startsWith("whole") || name.startsWith("mutated") || name.equals("out"));
        }
    }

    private boolean survives(Path source, @Nullable Path vocabulary, long seed) throws IOException {
        try {
            ModelImport.run(source, Optional.ofNullable(vocabulary), folder.resolve("out"));
            return true;
        } catch (InputException refused) {
            assertThat(refused).as("seed %d", seed).hasMessageNotContaining("Exception");
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed + " broke the reader", e);
        }
    }

    private Path mutated(Path file, int beginning, Random random) throws IOException {
        Path target = folder.resolve("mutated");
        Files.write(target, mutated(Files.readAllBytes(file), beginning, random));
        return target;
    }

    private static byte[] mutated(byte[] bytes, int beginning, Random random) {
        for (int change = random.nextInt(3); change >= 0; change--) {
            int at = random.nextInt(Math.min(bytes.length, random.nextInt(8) == 0 ? bytes.length : beginning));
            if (random.nextBoolean()) {
                bytes[at] = (byte) random.nextInt();
            } else {
                int from = Math.min(at, bytes.length - Integer.BYTES);
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(from, ODD[random.nextInt(ODD.length)]);
            }
        }
        return random.nextInt(20) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    /// One file of a folder changed, weights, configuration or tokenizer.
    private Path mutatedFolder(Path whole, Random random) throws IOException {
        Path target = folder.resolve("mutated-folder");
        Files.createDirectories(target);
        String[] names = {"config.json", "tokenizer.json", "model.safetensors"};
        for (String name : names) {
            Files.write(target.resolve(name), Files.readAllBytes(whole.resolve(name)));
        }
        Path changed = target.resolve(names[random.nextInt(names.length)]);
        byte[] bytes = Files.readAllBytes(changed);
        if (random.nextBoolean() || changed.endsWith("model.safetensors")) {
            Files.write(changed, mutated(bytes, 6_000, random));
        } else {
            String json = new String(bytes, StandardCharsets.UTF_8);
            int from = random.nextInt(json.length());
            int to = Math.min(json.length(), from + random.nextInt(12));
            String[] pieces = {"", "null", "-1", "1e999", "[]", "{}", "\"x\"", "true", "99999999999"};
            Files.writeString(
                    changed, json.substring(0, from) + pieces[random.nextInt(pieces.length)] + json.substring(to));
        }
        return target;
    }
}
