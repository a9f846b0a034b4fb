package dev.saiki.engine.kernel;

import static java.lang.foreign.MemorySegment.NULL;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// The multiplication of rows by weights, and attention, in C: with the processor's instructions for bfloat16 and
/// for bytes, which are not accessible from Java, and without the first second of a JVM, in which the Vector API is
/// interpreted. `src/main/native/kernels.c` describes the algorithms.
///
/// The library is part of the jar where a C compiler was present when the jar was built. It is used on Linux on
/// x86-64 if the processor has AVX-512 with these instructions, and if the JVM uses vectors of 512 bits and allows
/// native access. Otherwise, or with `-Dsaiki.kernels=java`, the kernels in Java multiply. `-Dsaiki.kernels=avx512`
/// turns AMX off.
///
/// **Rounding.** Rows are rounded to bfloat16 for such weights, or to eight bits if the weights have eight or fewer,
/// whatever the number of rows, so a row's products are the same bits alone and among other rows. oneDNN, the
/// library for such products, was not chosen because its results depend on the number of rows, and because it needs
/// a second copy of the weights.
final class NativeKernels {

    private static final String RESOURCE = "libsaiki-kernels-linux-x86_64.so";

    /// The property that selects the kernels: `java` those in Java, `avx512` those in C without AMX.
    private static final String PROPERTY = "saiki.kernels";

    /// The maximum number of rows that are multiplied by the same bands. In bfloat16, so many rows of 2,560 numbers
    /// take 480 KiB, which fits into a typical second-level cache.
    private static final int ROWS_AT_ONCE = 96;

    /// The number of outputs that a worker takes at a time, a multiple of those of a band. With half as many, the
    /// processor's prefetch starts anew too often; with twice as many, the workers end too far apart.
    private static final int OUTPUTS_A_PART = 64;

    /// The number of rows that a worker rounds at a time, the largest tile of rows in `kernels.c`.
    private static final int ROWS_A_PART = 6;

    private static final int PARTS_AT_ONCE = ROWS_AT_ONCE / ROWS_A_PART;

    /// The number of rows that a tile register holds. The last tile may be incomplete, but needs the memory of a
    /// whole one.
    private static final int TILE_ROWS = 16;

    private static final long CACHE_LINE = 64;

    private static final Optional<NativeKernels> FOUND = load(!choice().equals("avx512"));

    private final ThreadLocal<Buffer> roundedRows = ThreadLocal.withInitial(Buffer::new);
    private final ThreadLocal<Buffer> attention = ThreadLocal.withInitial(Buffer::new);
    private final Set<Packing> supported = EnumSet.noneOf(Packing.class);
    private final NativeFunction round;
    private final NativeFunction multiply;
    private final NativeFunction attend;
    private final NativeFunction attendInTiles;
    private final long attentionBytes;
    private final NativeRowKernels rows;

    /// Weights in bands, as {@link TiledMatrix} and {@link NarrowMatrix} describe.
    ///
    /// @param bands the bands, one after the other
    /// @param scales scales as {@link NarrowMatrix} describes; `NULL` for weights of 32 or 16 bits, which have none
    /// @param packing of the weights
    /// @param outputs number of outputs
    /// @param inputs number of inputs
    /// @param paddedInputs number of inputs with padding
    record Weights(
            MemorySegment bands, MemorySegment scales, Packing packing, int outputs, int inputs, int paddedInputs) {

        /// The bytes of a rounded row. In eight bits, each 32 numbers have a scale, and a sum for each scale of
        /// weights.
        private long rowBytes() {
            int ofBlock = Float.BYTES + packing.scalesOfBlock() * Integer.BYTES;
            return packing.bits() >= Short.SIZE
                    ? (long) paddedInputs * packing.bits() / Byte.SIZE
                    : paddedInputs + (long) paddedInputs / NarrowMatrix.BLOCK * ofBlock;
        }
    }

    /// Memory outside the heap that a thread uses again in each call.
    private static final class Buffer {

        private MemorySegment memory = NULL;

        MemorySegment of(long bytes) {
            if (memory.byteSize() < bytes) {
                memory = Arena.ofAuto().allocate(bytes, CACHE_LINE);
            }
            return memory;
        }
    }

    private NativeKernels(SymbolLookup library, boolean mayUseTiles) {
        round = NativeFunction.of(library, "saiki_round");
        multiply = NativeFunction.of(library, "saiki_multiply");
        attend = NativeFunction.of(library, "saiki_attend");
        attendInTiles = NativeFunction.of(library, "saiki_attend_in_tiles");
        attentionBytes = (long)
                NativeFunction.of(library, "saiki_attention_bytes").call(NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0);
        rows = new NativeRowKernels(library);
        NativeFunction isSupported = NativeFunction.of(library, "saiki_is_supported");
        for (Packing packing : Packing.values()) {
            if (isSupported.call(NULL, NULL, NULL, NULL, packing.code(), 0, 0, 0, 0, 0, 0) == 1) {
                supported.add(packing);
            }
        }
        if (!mayUseTiles) {
            supported.remove(Packing.BFLOAT16_TILES);
        }
    }

    /// Returns the kernels in C if this machine can use them.
    ///
    /// @return the kernels; empty if products are computed in Java
    static Optional<NativeKernels> find() {
        return FOUND;
    }

    private static String choice() {
        return System.getProperty(PROPERTY, "");
    }

    /// Loads the library if this machine can use it.
    ///
    /// @param mayUseTiles whether to use AMX's tile registers where the processor has them
    /// @return the kernels; empty if products are computed in Java
    @SuppressWarnings("restricted") // The first line checks the permission.
    static Optional<NativeKernels> load(boolean mayUseTiles) {
        if (!NativeKernels.class.getModule().isNativeAccessEnabled() || Lanes.COUNT != 16 || choice().equals("java")) {
            return Optional.empty();
        }
        try (InputStream stored = NativeKernels.class.getResourceAsStream(RESOURCE)) {
            if (stored == null || !System.getProperty("os.name").equals("Linux")) {
                return Optional.empty();
            }
            // createTempFile loads Java's security providers for its random names, which takes 20 ms.
            String name = "saiki-kernels-" + System.currentTimeMillis() + "-" + System.nanoTime() + ".so";
            Path file = Path.of(System.getProperty("java.io.tmpdir"), name);
            try {
                Files.write(file, stored.readAllBytes(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                NativeKernels found = new NativeKernels(SymbolLookup.libraryLookup(file, Arena.global()), mayUseTiles);
                return found.supported.isEmpty() ? Optional.empty() : Optional.of(found);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException | IllegalArgumentException e) {
            // The file cannot be written, or the system loads no library from there or for this processor.
            return Optional.empty();
        }
    }

    /// Returns the operations on rows.
    ///
    /// @return the operations
    NativeRowKernels rows() {
        return rows;
    }

    /// Tells whether the processor has the instructions for weights of a packing.
    ///
    /// @param packing of the weights
    /// @return whether products with such weights are computed
    boolean multiplies(Packing packing) {
        return supported.contains(packing);
    }

    /// Multiplies rows by weights.
    ///
    /// @param weights the weights
    /// @param rows `[n, in]`
    /// @param count number of rows, n
    /// @param products `[n, out]`, overwritten
    /// @param workers threads that share the work
    void multiply(Weights weights, float[] rows, int count, float[] products, WorkerPool workers) {
        MemorySegment rounded = round(weights, rows, count, workers);
        int bandsOfPart = OUTPUTS_A_PART / weights.packing().outputsOfBand();
        int bands = Math.ceilDiv(weights.outputs(), weights.packing().outputsOfBand());
        MemorySegment to = MemorySegment.ofArray(products);
        workers.run(Math.ceilDiv(bands, bandsOfPart), part -> {
            long first = (long) part * bandsOfPart;
            long end = Math.min(bands, first + bandsOfPart);
            for (int row = 0; row < count; row += ROWS_AT_ONCE) {
                MemorySegment x = rounded.asSlice(row * weights.rowBytes());
                MemorySegment out = to.asSlice((long) row * weights.outputs() * Float.BYTES);
                int some = Math.min(ROWS_AT_ONCE, count - row);
                double _ = multiply.call(
                        weights.bands(),
                        weights.scales(),
                        x,
                        out,
                        weights.packing().code(),
                        first,
                        end,
                        weights.paddedInputs(),
                        some,
                        weights.outputs(),
                        0);
            }
        });
    }

    /// Rounds rows to bfloat16 or to eight bits, in the order in which they are multiplied.
    private MemorySegment round(Weights weights, float[] rows, int count, WorkerPool workers) {
        long width = weights.rowBytes();
        MemorySegment rounded = roundedRows.get().of((count + TILE_ROWS) * width);
        MemorySegment from = MemorySegment.ofArray(rows);
        workers.run(Math.ceilDiv(count, ROWS_A_PART), part -> {
            int first = part / PARTS_AT_ONCE * ROWS_AT_ONCE;
            MemorySegment some = from.asSlice((long) first * weights.inputs() * Float.BYTES);
            MemorySegment to = rounded.asSlice(first * width);
            double _ = round.call(
                    some,
                    to,
                    NULL,
                    NULL,
                    weights.packing().code(),
                    Math.min(ROWS_AT_ONCE, count - first),
                    part % PARTS_AT_ONCE,
                    weights.inputs(),
                    weights.paddedInputs(),
                    0,
                    0);
        });
        return rounded;
    }

    /// Computes the attention of a row's queries that share a key-value head, as {@link PageAttention} describes.
    ///
    /// @param runs the keys and values
    /// @param row the queries
    /// @param factor factor of the scores
    /// @param cap the bound of the scores; 0 for none
    /// @param dim width of a head
    /// @param queries number of queries
    /// @param part array that receives the outputs, as {@link AttentionPart} describes
    /// @param at index of the first output
    /// @param scores memory for the scores, `[queries, at least the number of keys]`
    void attend(
            PageRuns runs,
            PageAttention.Queries row,
            float factor,
            float cap,
            int dim,
            int queries,
            float[] part,
            int at,
            float[] scores) {
        double _ = attend.call(
                MemorySegment.ofArray(runs.numbers()),
                MemorySegment.ofArray(row.numbers()).asSlice((long) row.from() * Float.BYTES),
                MemorySegment.ofArray(part).asSlice((long) at * Float.BYTES),
                MemorySegment.ofArray(scores),
                runs.format().bytes(),
                runs.count(),
                dim,
                queries,
                scores.length / queries,
                Float.floatToRawIntBits(cap),
                factor);
    }

    /// Computes the attention of rows in tile registers, as {@link PageAttention} describes.
    ///
    /// @param runs the keys and values
    /// @param rows the queries, and what each row sees of the runs
    /// @param factor factor of the scores
    /// @param dim width of a head
    /// @param queries number of queries of a row
    /// @param part array that receives the outputs, as {@link AttentionPart} describes
    /// @param at index of the first output
    /// @return whether all outputs are finite
    boolean attendInTiles(
            PageRuns runs, PageAttention.Queries rows, float factor, int dim, int queries, float[] part, int at) {
        double areFinite = attendInTiles.call(
                MemorySegment.ofArray(runs.numbers()),
                MemorySegment.ofArray(rows.numbers()).asSlice((long) rows.from() * Float.BYTES),
                MemorySegment.ofArray(part).asSlice((long) at * Float.BYTES),
                MemorySegment.ofArray(rows.seen()),
                dim,
                queries,
                rows.count(),
                rows.stride(),
                attention.get().of(attentionBytes).address(),
                0,
                factor);
        return areFinite == 1;
    }
}
