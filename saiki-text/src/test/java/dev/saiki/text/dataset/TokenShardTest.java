package dev.saiki.text.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Mutations;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenShardTest {

    private static final int END = 0;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private int files;

    private Path write(int vocabSize, int[]... documents) throws IOException {
        Path file = folder.resolve("shard-" + files++ + ".bin");
        try (ShardWriter writer = new ShardWriter(file, vocabSize, END, false)) {
            for (int[] document : documents) {
                writer.beginDocument(document.length * 3L);
                ByteBuffer ids = ByteBuffer.allocate(document.length * 4).order(ByteOrder.LITTLE_ENDIAN);
                for (int id : document) {
                    if (ShardFormat.idBytes(vocabSize) == 2) {
                        ids.putShort((short) id);
                    } else {
                        ids.putInt(id);
                    }
                }
                writer.ids(ids.flip());
            }
            writer.finish();
        }
        return file;
    }

    private static int[] ids(TokenShard shard) {
        int[] ids = new int[(int) shard.tokens()];
        shard.copy(0, ids, 0, ids.length);
        return ids;
    }

    /// Overwrites a number and corrects both checksums, as an attacker would.
    private static byte[] forged(byte[] bytes, int at, long value, int size) {
        byte[] forged = bytes.clone();
        ByteBuffer buffer = ByteBuffer.wrap(forged).order(ByteOrder.LITTLE_ENDIAN);
        if (size == 2) {
            buffer.putShort(at, (short) value);
        } else if (size == 4) {
            buffer.putInt(at, (int) value);
        } else {
            buffer.putLong(at, value);
        }
        return withChecksums(forged);
    }

    private static byte[] withChecksums(byte[] forged) {
        ByteBuffer buffer = ByteBuffer.wrap(forged).order(ByteOrder.LITTLE_ENDIAN);
        CRC32C content = new CRC32C();
        content.update(forged, ShardFormat.HEADER_BYTES, forged.length - ShardFormat.HEADER_BYTES);
        buffer.putInt(ShardFormat.AT_CHECKSUM, (int) content.getValue());
        CRC32C header = new CRC32C();
        header.update(forged, 0, ShardFormat.AT_HEADER_CHECKSUM);
        buffer.putInt(ShardFormat.AT_HEADER_CHECKSUM, (int) header.getValue());
        return forged;
    }

    @Test
    void narrowIdsComeBackAsTheyWere() throws IOException {
        TokenShard shard = TokenShard.open(write(65_536, new int[] {65_535, 32_768, 1, 0}, new int[] {7, 0}));
        assertThat(ids(shard)).containsExactly(65_535, 32_768, 1, 0, 7, 0);
        assertThat(shard.documents()).isEqualTo(2);
        assertThat(shard.documentStart(1)).isEqualTo(4);
        assertThat(shard.documentStart(2)).isEqualTo(6);
        assertThat(shard.documentTextBytes(0)).isEqualTo(12);
        assertThat(shard.textBytes()).isEqualTo(18);
    }

    @Test
    void wideIdsComeBackAsTheyWere() throws IOException {
        TokenShard shard = TokenShard.open(write(65_537, new int[] {65_536, 1, 0}));
        assertThat(ids(shard)).containsExactly(65_536, 1, 0);
        assertThat(shard.vocabSize()).isEqualTo(65_537);
    }

    @Test
    void theLayoutIsTheDocumentedOne() throws IOException {
        byte[] bytes = Files.readAllBytes(write(1_000, new int[] {258, 0}));
        assertThat(bytes).hasSize(64 + 8 + 16);
        assertThat(new String(bytes, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("SAIKITOK");
        assertThat(Arrays.copyOfRange(bytes, 8, 16)).containsExactly(1, 0, 0, 0, 2, 0, 0, 0);
        assertThat(Arrays.copyOfRange(bytes, 64, 72)).containsExactly(2, 1, 0, 0, 0, 0, 0, 0);
        assertThat(Arrays.copyOfRange(bytes, 72, 88)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void everyCutAndEveryFlippedBitIsNoticed() throws IOException {
        byte[] bytes = Files.readAllBytes(write(1_000, new int[] {258, 3, 0}, new int[] {4, 0}));
        for (int length = 0; length < bytes.length; length++) {
            assertRefused(Arrays.copyOf(bytes, length), length + " bytes left");
        }
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(flipped, "bit " + bit);
        }
        assertRefused(Arrays.copyOf(bytes, bytes.length + 1), "a byte too many");
        Path file = Files.write(folder.resolve("cut.bin"), Arrays.copyOf(bytes, 70));
        assertThatThrownBy(() -> TokenShard.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file.toString());
    }

    private static void assertRefused(byte[] bytes, String what) {
        assertThat(catchThrowable(() -> TokenShard.of("damaged.bin", MemorySegment.ofArray(bytes))))
                .as(what)
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("damaged.bin: ");
    }

    @Test
    void contentThatLiesUnderRightChecksumsIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(write(1_000, new int[] {258, 3, 0}, new int[] {4, 0}));
        int index = 64 + 16;
        byte[][] hostile = {
            forged(bytes, ShardFormat.AT_VERSION, 3, 4),
            forged(bytes, ShardFormat.AT_ID_BYTES, 4, 4),
            forged(bytes, ShardFormat.AT_ID_BYTES, 0, 4),
            forged(bytes, ShardFormat.AT_VOCAB_SIZE, 100, 4),
            forged(bytes, ShardFormat.AT_VOCAB_SIZE, -1, 4),
            forged(bytes, ShardFormat.AT_END_OF_TEXT, 1_000, 4),
            forged(bytes, ShardFormat.AT_END_OF_TEXT, 4, 4),
            forged(bytes, ShardFormat.AT_TOKENS, 9, 8),
            forged(bytes, ShardFormat.AT_TOKENS, Long.MAX_VALUE, 8),
            forged(bytes, ShardFormat.AT_TOKENS, 1L << 62, 8),
            forged(bytes, ShardFormat.AT_TOKENS, -5, 8),
            forged(bytes, ShardFormat.AT_DOCUMENTS, 3, 8),
            forged(bytes, ShardFormat.AT_DOCUMENTS, 1L << 60, 8),
            forged(bytes, ShardFormat.AT_DOCUMENTS, 0, 8),
            forged(bytes, ShardFormat.AT_TEXT_BYTES, 16, 8),
            forged(bytes, ShardFormat.AT_TEXT_BYTES, -1, 8),
            forged(bytes, ShardFormat.AT_RESERVED, 1, 4),
            forged(bytes, 64, 1_000, 2),
            forged(bytes, index, 1, 8),
            forged(bytes, index + 16, 2, 8),
            forged(bytes, index + 16, 5, 8),
            forged(bytes, index + 16, -1, 8),
            forged(bytes, index + 16, Long.MAX_VALUE, 8),
            forged(bytes, index + 8, -1, 8),
            forged(bytes, index + 8, Long.MAX_VALUE, 8),
        };
        for (int i = 0; i < hostile.length; i++) {
            assertRefused(hostile[i], "forgery " + i);
        }
        byte[] sound = withChecksums(bytes.clone());
        assertThat(TokenShard.of("sound", MemorySegment.ofArray(sound)).tokens())
                .isEqualTo(5);
    }

    @Test
    void anotherVersionIsNamed() throws IOException {
        byte[] bytes = Files.readAllBytes(write(1_000, new int[] {1, 0}));
        Path file = Files.write(folder.resolve("next.bin"), forged(bytes, ShardFormat.AT_VERSION, 3, 4));
        assertThatThrownBy(() -> TokenShard.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the format version must be 1 or 2, got 3");
    }

    @Test
    void mutatedShardsAreReadOrRefused() throws IOException {
        fuzz(0, 5_000);
    }

    @Test
    @Tag("slow")
    void manyMutatedShardsAreReadOrRefused() throws IOException {
        fuzz(1_000_000, 1_000_000);
    }

    private void fuzz(long firstSeed, int rounds) throws IOException {
        byte[] valid =
                Files.readAllBytes(write(1_000, new int[] {258, 3, 0}, new int[] {4, 0}, new int[] {5, 5, 5, 0}));
        for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
            Random random = new Random(seed);
            byte[] mutated = Mutations.bytes(valid, random);
            boolean forge = random.nextBoolean() && mutated.length > ShardFormat.HEADER_BYTES;
            openAndRead(forge ? withChecksums(mutated) : mutated, seed);
        }
    }

    private static void openAndRead(byte[] bytes, long seed) {
        try {
            TokenShard shard = TokenShard.of("fuzzed", MemorySegment.ofArray(bytes));
            assertThat(Arrays.stream(ids(shard)).allMatch(id -> id >= 0 && id < shard.vocabSize()))
                    .as("seed %d", seed)
                    .isTrue();
        } catch (InputException refused) {
            // This exception is expected.
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed + " broke the reader", e);
        }
    }
}
