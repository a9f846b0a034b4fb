package dev.saiki.engine.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The multiplication of rows by bfloat16, int8 and int4 weights in C, with the processor's bfloat16 instructions,
/// which are not accessible from Java. `src/main/native/kernels.c` describes the algorithm.
///
/// The library is part of the jar where a C compiler was present when the jar was built. It is used on Linux on
/// x86-64 if the processor has AVX-512 with bfloat16, and if the JVM uses vectors of 512 bits and allows native
/// access. Otherwise, or with `-Dsaiki.kernels=java`, the kernels in Java multiply.
///
/// **Rounding.** Rows are rounded to bfloat16, whatever their number, so a row's products are the same bits alone
/// and among other rows. oneDNN, the library for such products, was not chosen because its results depend on the
/// number of rows, and because it needs a second copy of the weights.
final class NativeKernels {

    private static final String RESOURCE = "libsaiki-kernels-linux-x86_64.so";

    /// The property that selects the kernels; `java` leaves the library unused.
    private static final String PROPERTY = "saiki.kernels";

    /// The maximum number of rows that are multiplied by the same bands. So many rows of 2,560 numbers take 480 KiB,
    /// which fits into a typical second-level cache.
    private static final int ROWS_AT_ONCE = 96;

    /// The number of bands that a worker takes at a time. With half as many, the processor's prefetch starts anew too
    /// often; with twice as many, the workers end too far apart.
    private static final int BANDS_A_PART = 16;

    /// The number of rows that a worker rounds at a time.
    private static final int ROWS_A_PART = 16;

    private static final long CACHE_LINE = 64;

    private static final Optional<NativeKernels> FOUND = load();

    private final ThreadLocal<Buffer> narrowRows = ThreadLocal.withInitial(Buffer::new);
    private final ThreadLocal<Buffer> wideBand = ThreadLocal.withInitial(Buffer::new);
    private final MethodHandle narrow;
    private final MethodHandle multiply;

    /// The size of a weight.
    enum Bits {
        SIXTEEN(16),
        EIGHT(8),
        FOUR(4);

        private final int count;

        Bits(int count) {
            this.count = count;
        }
    }

    /// Weights in bands, as {@link TiledMatrix} and {@link Int4Matrix} describe.
    ///
    /// @param bands the bands, one after the other
    /// @param blockScales scales of blocks; `NULL` unless the weights have four bits
    /// @param bits size of a weight
    /// @param outputs number of outputs
    /// @param inputs number of inputs
    /// @param paddedInputs number of inputs with padding
    /// @param scales scale of each output, with padding
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Weights(
            MemorySegment bands,
            MemorySegment blockScales,
            Bits bits,
            int outputs,
            int inputs,
            int paddedInputs,
            float[] scales) {}

    /// Memory outside the heap that a thread uses again for each product.
    private static final class Buffer {

        private MemorySegment memory = MemorySegment.NULL;

        MemorySegment of(long bytes) {
            if (memory.byteSize() < bytes) {
                memory = Arena.ofAuto().allocate(bytes, CACHE_LINE);
            }
            return memory;
        }
    }

    @SuppressWarnings("restricted") // load() checks the permission.
    private NativeKernels(SymbolLookup library) {
        MemoryLayout pointer = ValueLayout.ADDRESS;
        MemoryLayout number = ValueLayout.JAVA_LONG;
        MemoryLayout flag = ValueLayout.JAVA_INT;
        Linker linker = Linker.nativeLinker();
        // Arrays of the heap are passed as they are; the garbage collector waits for the call.
        Linker.Option arrays = Linker.Option.critical(true);
        narrow = linker.downcallHandle(
                library.findOrThrow("saiki_narrow"),
                FunctionDescriptor.ofVoid(flag, pointer, number, number, number, pointer),
                arrays);
        multiply = linker.downcallHandle(
                library.findOrThrow("saiki_multiply"),
                FunctionDescriptor.ofVoid(
                        flag, pointer, pointer, number, number, number, pointer, flag, pointer, number, pointer,
                        pointer),
                arrays);
    }

    /// Returns the kernels in C if this machine can use them.
    ///
    /// @return the kernels; empty if products are computed in Java
    static Optional<NativeKernels> find() {
        return FOUND;
    }

    @SuppressWarnings("restricted") // The first line checks the permission.
    private static Optional<NativeKernels> load() {
        if (!NativeKernels.class.getModule().isNativeAccessEnabled()
                || Lanes.COUNT != 16
                || System.getProperty(PROPERTY, "").equals("java")) {
            return Optional.empty();
        }
        try (InputStream stored = NativeKernels.class.getResourceAsStream(RESOURCE)) {
            if (stored == null || !System.getProperty("os.name").equals("Linux")) {
                return Optional.empty();
            }
            Path file = Files.createTempFile("saiki-kernels", ".so");
            try {
                Files.write(file, stored.readAllBytes());
                SymbolLookup library = SymbolLookup.libraryLookup(file, Arena.global());
                MethodHandle isSupported = Linker.nativeLinker()
                        .downcallHandle(
                                library.findOrThrow("saiki_is_supported"), FunctionDescriptor.of(ValueLayout.JAVA_INT));
                return (int) isSupported.invokeExact() == 1
                        ? Optional.of(new NativeKernels(library))
                        : Optional.empty();
            } finally {
                Files.delete(file);
            }
        } catch (IOException | IllegalArgumentException e) {
            // The file cannot be written, or the system loads no library from there or for this processor.
            return Optional.empty();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the kernels failed", e);
        }
    }

    /// Multiplies rows by weights.
    ///
    /// @param weights the weights
    /// @param rows `[n, in]`
    /// @param count number of rows, n
    /// @param products `[n, out]`, overwritten
    /// @param workers threads that share the work
    void multiply(Weights weights, float[] rows, int count, float[] products, WorkerPool workers) {
        MemorySegment narrowed = narrow(weights, rows, count, workers);
        int bands = weights.scales().length / TiledMatrix.BAND;
        MemorySegment to = MemorySegment.ofArray(products);
        MemorySegment scales = MemorySegment.ofArray(weights.scales());
        workers.run(Math.ceilDiv(bands, BANDS_A_PART), part -> {
            MemorySegment wide = wideBand.get().of((long) weights.paddedInputs() * TiledMatrix.BAND * Short.BYTES);
            long first = (long) part * BANDS_A_PART;
            long end = Math.min(bands, first + BANDS_A_PART);
            for (int row = 0; row < count; row += ROWS_AT_ONCE) {
                MemorySegment x = narrowed.asSlice((long) row * weights.paddedInputs() * Short.BYTES);
                MemorySegment out = to.asSlice((long) row * weights.outputs() * Float.BYTES);
                int some = Math.min(ROWS_AT_ONCE, count - row);
                call(() -> {
                    multiply.invokeExact(
                            weights.bits().count,
                            weights.bands(),
                            weights.blockScales(),
                            first,
                            end,
                            (long) weights.paddedInputs(),
                            x,
                            some,
                            out,
                            (long) weights.outputs(),
                            scales,
                            wide);
                });
            }
        });
    }

    /// Rounds rows to bfloat16, in the order of the weights' numbers.
    private MemorySegment narrow(Weights weights, float[] rows, int count, WorkerPool workers) {
        long width = (long) weights.paddedInputs() * Short.BYTES;
        MemorySegment narrowed = narrowRows.get().of(Math.max(1, count * width));
        MemorySegment from = MemorySegment.ofArray(rows);
        workers.run(Math.ceilDiv(count, ROWS_A_PART), part -> {
            int first = part * ROWS_A_PART;
            MemorySegment some = from.asSlice((long) first * weights.inputs() * Float.BYTES);
            MemorySegment to = narrowed.asSlice(first * width);
            call(() -> {
                narrow.invokeExact(
                        weights.bits().count,
                        some,
                        (long) Math.min(ROWS_A_PART, count - first),
                        (long) weights.inputs(),
                        (long) weights.paddedInputs(),
                        to);
            });
        });
        return narrowed;
    }

    /// A call into the library.
    @FunctionalInterface
    private interface Call {

        void run() throws Throwable;
    }

    private static void call(Call call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the kernels failed", e);
        }
    }
}
