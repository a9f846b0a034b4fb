package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Memory for weights: where matrices lie in it, and that it is what was asked for.
class WeightMemoryTest {

    @Test
    void piecesDoNotOverlapAndBeginAtACacheLine() {
        try (WeightMemory memory = new WeightMemory()) {
            MemorySegment first = memory.allocate(100);
            MemorySegment second = memory.allocate(100);
            first.fill((byte) 1);
            assertThat(second.mismatch(MemorySegment.ofArray(new byte[100]))).isEqualTo(-1);
            assertThat(first.address() % 64).isZero();
            assertThat(second.address() % 64).isZero();
        }
    }

    @Test
    void pieceMayBeLargerThanABlockOrWhatIsLeftOfOne() {
        try (WeightMemory memory = new WeightMemory()) {
            for (long bytes : List.of(WeightMemory.BLOCK - 1, 100L, WeightMemory.BLOCK, WeightMemory.BLOCK + 1, 1L)) {
                MemorySegment piece = memory.allocate(bytes);
                assertThat(piece.byteSize()).isEqualTo(bytes);
                piece.set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 1);
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void largePagesAreAskedFor() throws IOException {
        try (WeightMemory memory = new WeightMemory()) {
            assertThat(flags(memory.allocate(WeightMemory.BLOCK).address()))
                    .describedAs("flags of the mapping; hg asks for large pages")
                    .contains("hg");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsClosedIsGivenBackAtOnceAndCannotBeRead() throws IOException {
        MemorySegment piece;
        try (WeightMemory memory = new WeightMemory()) {
            piece = memory.allocate(100);
            piece.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            assertThat(flags(piece.address())).isNotEmpty();
        }
        assertThat(flags(piece.address())).describedAs("no mapping is left").isEmpty();
        assertThatThrownBy(() -> piece.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    /// The flags of the mapping that holds an address, as the kernel tells them.
    private static List<String> flags(long address) throws IOException {
        boolean holds = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            String first = line.substring(0, line.indexOf(' '));
            if (first.matches("[0-9a-f]+-[0-9a-f]+")) {
                int dash = first.indexOf('-');
                holds = Long.parseUnsignedLong(first, 0, dash, 16) <= address
                        && address < Long.parseUnsignedLong(first, dash + 1, first.length(), 16);
            } else if (holds && first.equals("VmFlags:")) {
                return List.of(line.substring(line.indexOf(' ')).strip().split(" ", -1));
            }
        }
        return List.of();
    }
}
