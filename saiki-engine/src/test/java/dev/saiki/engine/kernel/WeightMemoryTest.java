package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.testkit.MappedMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Tests of the memory for weights: placement of matrices, large pages, and freeing.
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
            assertThat(mapping(memory.allocate(WeightMemory.BLOCK).address()))
                    .get()
                    .matches(MappedMemory::asksForLargePages);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsClosedIsGivenBackAtOnceAndCannotBeRead() throws IOException {
        MemorySegment piece;
        try (WeightMemory memory = new WeightMemory()) {
            piece = memory.allocate(100);
            piece.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            assertThat(mapping(piece.address())).isPresent();
        }
        assertThat(mapping(piece.address())).isEmpty();
        assertThatThrownBy(() -> piece.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    private static Optional<MappedMemory> mapping(long address) throws IOException {
        return MappedMemory.all().stream().filter(range -> range.holds(address)).findFirst();
    }
}
