package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.BlockDecoder;
import dev.saiki.checkpoint.safetensors.StoredType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Weights in eight bits or fewer, the integers and scales of a {@link StoredType} with blocks, for the kernels in C,
/// which also round the rows to eight bits.
///
/// **Integers.** A band has 32 outputs. For each 32 inputs it has pairs of vectors of 16 lanes of 32 bits, one lane
/// for each output. In eight bits there are eight pairs, and the bytes of a lane are four neighbouring inputs.
/// Otherwise there are four, and the low halves of the bytes are the lower four bits of four inputs, the high
/// halves those of the next four. Fifth and sixth bits follow: for each group of four inputs, and each of the two
/// vectors, four bits for each lane. Inputs are padded with zeros as in {@link TiledMatrix}, outputs to a multiple
/// of 32.
///
/// **Scales** lie apart: for each band, and each block of the stored format, the units of the 32 outputs in float16,
/// then those of minima if the format has them; if a block has several groups, then for each group a byte with the
/// scale of each output, and one with its minimum.
final class NarrowMatrix extends WeightMatrix {

    /// The number of outputs in a band.
    static final int BAND = 32;

    /// The number of inputs after which the layout of a band repeats.
    static final int BLOCK = 32;

    private static final int GROUP = Integer.BYTES;
    private static final int GROUPS = BLOCK / GROUP;

    private final NativeKernels natives;
    private final Packing packing;
    private final StoredType type;
    private final BlockDecoder decoder;
    private final MemorySegment bands;
    private final MemorySegment scales;

    NarrowMatrix(StoredType type, int outputs, int inputs, WeightMemory memory, NativeKernels natives) {
        super(outputs, inputs);
        this.natives = natives;
        this.packing = Packing.valueOf(type.name());
        this.type = type;
        this.decoder = new BlockDecoder(type);
        int ofBands = Math.ceilDiv(outputs, BAND);
        this.bands = memory.allocate(Math.max(1, (long) ofBands * paddedInputs / BLOCK * blockBytes()));
        this.scales = memory.allocate(Math.max(1, (long) ofBands * paddedInputs / type.blockSize() * scaleBytes()));
    }

    private long blockBytes() {
        return (long) BAND * BLOCK * packing.bits() / Byte.SIZE;
    }

    private long scaleBytes() {
        int kinds = packing.hasMinima() ? 2 : 1;
        return (long) BAND * kinds * (Short.BYTES + (decoder.groups() == 1 ? 0 : decoder.groups()));
    }

    /// Writes one output's weights.
    ///
    /// @param output index of the output
    /// @param row the blocks of the output; missing ones are zeros
    void store(int output, MemorySegment row) {
        for (int block = 0; block < row.byteSize() / type.blockBytes(); block++) {
            decoder.at(row, block);
            storeScales(output, block);
            int[] integers = decoder.integers();
            for (int from = 0; from < integers.length; from += BLOCK) {
                long inBand = ((long) block * integers.length + from) / BLOCK;
                long at = ((long) (output / BAND) * (paddedInputs / BLOCK) + inBand) * blockBytes();
                storeIntegers(integers, from, at, output % BAND);
            }
        }
    }

    private void storeScales(int output, int block) {
        int lane = output % BAND;
        int kinds = packing.hasMinima() ? 2 : 1;
        long at = ((long) (output / BAND) * (paddedInputs / type.blockSize()) + block) * scaleBytes();
        for (int kind = 0; kind < kinds; kind++) {
            float unit = kind == 0 ? decoder.unit() : decoder.minimumUnit();
            long place = at + (long) (kind * BAND + lane) * Short.BYTES;
            scales.set(ValueLayout.JAVA_SHORT, place, Float.floatToFloat16(unit));
        }
        if (decoder.groups() == 1) {
            return;
        }
        at += (long) kinds * BAND * Short.BYTES + lane;
        for (int group = 0; group < decoder.groups(); group++) {
            scales.set(ValueLayout.JAVA_BYTE, at, (byte) decoder.scale(group));
            at += BAND;
            if (packing.hasMinima()) {
                scales.set(ValueLayout.JAVA_BYTE, at, (byte) decoder.minimum(group));
                at += BAND;
            }
        }
    }

    private void storeIntegers(int[] integers, int from, long block, int lane) {
        boolean whole = packing.bits() == Byte.SIZE;
        int inputsOfVector = whole ? GROUP : 2 * GROUP;
        for (int vector = 0; vector < BLOCK / inputsOfVector; vector++) {
            int word = 0;
            for (int at = 0; at < GROUP; at++) {
                int i = from + vector * inputsOfVector + at;
                int both = whole ? integers[i] : (integers[i + GROUP] & 15) << 4 | (integers[i] & 15);
                word |= both << (at * Byte.SIZE);
            }
            bands.set(ValueLayout.JAVA_INT, block + (long) (vector * BAND + lane) * GROUP, word);
        }
        for (int bit = 4; bit < packing.bits() && !whole; bit++) {
            long plane = block + (long) BAND * BLOCK / 2 + (bit - 4) * (long) BAND * BLOCK / Byte.SIZE;
            for (int group = 0; group < GROUPS; group++) {
                int four = 0;
                for (int at = 0; at < GROUP; at++) {
                    four |= (integers[from + group * GROUP + at] >> bit & 1) << at;
                }
                long at = plane + (group * BAND + lane) / 2;
                byte before = bands.get(ValueLayout.JAVA_BYTE, at);
                bands.set(ValueLayout.JAVA_BYTE, at, (byte) (before | four << (lane % 2 * GROUP)));
            }
        }
    }

    @Override
    public long bytes() {
        return bands.byteSize() + scales.byteSize();
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        requireRoom(rows, count, products);
        natives.multiply(
                new NativeKernels.Weights(bands, scales, packing, outputs, inputs, paddedInputs),
                rows,
                count,
                products,
                workers);
    }
}
