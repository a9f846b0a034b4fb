package dev.saiki.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoredTensorTest {

    private static final int ALL = 1 << 16;

    private static float[] everyPattern(StoredType type) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * ALL).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < ALL; bits++) {
            bytes.putShort((short) bits);
        }
        MemorySegment data = MemorySegment.ofArray(bytes.array());
        return new StoredTensor("x", type, List.of((long) ALL), data).toFloats();
    }

    @Test
    void everyBrainFloatWidensExactly() {
        float[] values = everyPattern(StoredType.BF16);

        for (int bits = 0; bits < ALL; bits++) {
            assertThat(Float.floatToRawIntBits(values[bits])).as("%04x", bits).isEqualTo(bits << 16);
        }
    }

    @Test
    void everyHalfWidensExactly() {
        float[] values = everyPattern(StoredType.F16);

        for (int bits = 0; bits < ALL; bits++) {
            assertThat(values[bits]).as("%04x", bits).isEqualTo(Float.valueOf(halfByDefinition(bits)));
        }
    }

    /// The value by the definition of the format: sign, five bits of exponent, ten of fraction.
    private static float halfByDefinition(int bits) {
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        double magnitude = switch (exponent) {
            case 0 -> fraction * Math.pow(2, -24);
            case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            default -> (1024 + fraction) * Math.pow(2, exponent - 25);
        };
        return (float) (sign * magnitude);
    }

    @Test
    void singleKeepsItsBitsFromUnalignedMemory() {
        byte[] bytes = new byte[9];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1, -1.25f)
                .putFloat(5, Float.MIN_VALUE);
        MemorySegment data = MemorySegment.ofArray(bytes).asSlice(1);

        assertThat(new StoredTensor("x", StoredType.F32, List.of(2L), data).toFloats())
                .containsExactly(-1.25f, Float.MIN_VALUE);
    }

    @Test
    void arraysComeBackAsTheyWere() {
        float[] floats = {1, -0.0f, Float.POSITIVE_INFINITY};
        long[] longs = {1, Long.MIN_VALUE};
        byte[] bytes = {0, -1};

        assertThat(StoredTensor.ofFloats("x", List.of(3L, 1L), floats).toFloats())
                .isEqualTo(floats);
        assertThat(Safetensors.longs("x", longs).toLongs()).isEqualTo(longs);
        assertThat(Safetensors.bytes("x", bytes).data().toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(bytes);
    }

    @Test
    void aPieceGoesWhereItIsWanted() {
        for (StoredType type : List.of(StoredType.F32, StoredType.BF16, StoredType.F16)) {
            byte[] bytes = new byte[6 * type.blockBytes()];
            new Random(1).nextBytes(bytes);
            StoredTensor tensor = new StoredTensor("x", type, List.of(2L, 3L), MemorySegment.ofArray(bytes));
            float[] target = {7, 7, 7, 7, 7};
            tensor.copyTo(3, target, 1, 3);
            float[] all = tensor.toFloats();
            assertThat(target).as("%s", type).containsExactly(7, all[3], all[4], all[5], 7);
            assertThatThrownBy(() -> tensor.copyTo(4, target, 0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> tensor.copyTo(0, target, 3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void memoryThatIsNotMappedIsNotLetGo() {
        StoredTensor tensor = StoredTensor.ofFloats("x", List.of(2L), new float[] {1, 2});
        tensor.unload();
        assertThat(tensor.toFloats()).containsExactly(1, 2);
    }

    @Test
    void elementsAreCounted() {
        assertThat(StoredTensor.ofFloats("x", List.of(), new float[1]).elementCount())
                .isEqualTo(1);
        assertThat(StoredTensor.ofFloats("x", List.of(0L, 4L), new float[0]).elementCount())
                .isZero();
    }

    @Test
    void wrongByteCountIsRefused() {
        assertThatThrownBy(() -> StoredTensor.ofFloats("x", List.of(2L, 2L), new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes 16 bytes, got 12");
    }

    @Test
    void whatDoesNotWidenIsRefused() {
        StoredTensor longs = Safetensors.longs("x", new long[1]);

        assertThatThrownBy(longs::toFloats).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(Safetensors.bytes("x", new byte[1])::toLongs).isInstanceOf(IllegalStateException.class);
    }
}
