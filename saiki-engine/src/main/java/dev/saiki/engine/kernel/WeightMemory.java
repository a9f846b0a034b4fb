package dev.saiki.engine.kernel;

import dev.saiki.tensor.PackedLinear;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The memory for the weights of one model, in large pages where the system has them.
///
/// Each token reads all weights once. With pages of 4 KiB each page costs a page-table walk and interrupts the
/// processor's prefetch; with pages of 2 MiB both happen 512 times less often. Linux provides large pages only if
/// they are requested *before* the memory is first written, and memory from an {@link Arena} has already been
/// written: it is zeroed. So blocks are mapped here, and matrices are placed in them one after the other, because
/// a page belongs to one block and most matrices do not fill whole pages.
///
/// The calls into the C library need the JVM's `--enable-native-access`. Without it, and on other systems, memory
/// comes from an arena, which is only slower.
///
/// Closing it frees the memory of all matrices at once, oneDNN's copies included; they must not be used
/// afterwards. When this was left to the garbage collector, the weights of a server's old models stayed in memory
/// as long as the heap was large enough. Only one thread may allocate; the allocated memory may be used by any
/// thread.
public final class WeightMemory implements AutoCloseable {

    /// Bytes of a large page of x86-64, and of AArch64 with small pages of 4 KiB.
    private static final long LARGE_PAGE = 2L << 20;

    /// The bytes requested at a time: address space, of which only the written part takes memory. At the end of a
    /// block, up to a large page is wasted, so blocks are few.
    static final long BLOCK = 512L << 20;

    private static final long CACHE_LINE = 64;

    private static final Optional<Calls> CALLS = Calls.find();

    private final Arena arena = Arena.ofShared();
    /// Frees LibTorch's weights. With a more specific element type, closing an engine would need LibTorch even
    /// where there is none.
    private final List<Runnable> closings = new ArrayList<>();
    private MemorySegment block = MemorySegment.NULL;
    private long used;

    /// Takes memory of zeros.
    ///
    /// @param bytes size in bytes, at least 1
    /// @return the memory, aligned to a cache line
    MemorySegment allocate(long bytes) {
        if (CALLS.isEmpty()) {
            return arena.allocate(bytes, CACHE_LINE);
        }
        if (bytes > block.byteSize() - used) {
            block = CALLS.get().map(roundUp(Math.max(BLOCK, bytes), LARGE_PAGE), arena);
            used = 0;
        }
        MemorySegment taken = block.asSlice(used, bytes);
        used = Math.min(block.byteSize(), roundUp(used + bytes, CACHE_LINE));
        return taken;
    }

    /// Registers weights held by LibTorch, to be freed with the others.
    ///
    /// @param weights to be closed with this
    /// @return the same
    PackedLinear holding(PackedLinear weights) {
        closings.add(weights::close);
        return weights;
    }

    @Override
    public void close() {
        closings.forEach(Runnable::run);
        closings.clear();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static long roundUp(long number, long unit) {
        return (number + unit - 1) / unit * unit;
    }

    /// Calls of Linux's C library. The constants are those of all its processor architectures but Alpha, MIPS,
    /// PA-RISC and Xtensa, none of which has a JDK 25.
    @SuppressWarnings("restricted") // Asked about in find(); the pointers are those that the system has given.
    private record Calls(MethodHandle mmap, MethodHandle munmap, MethodHandle madvise) {

        private static final int PROT_READ_WRITE = 1 | 2;
        private static final int MAP_PRIVATE_ANONYMOUS = 0x02 | 0x20;
        private static final int MADV_HUGEPAGE = 14;
        private static final long MAP_FAILED = -1;

        static Optional<Calls> find() {
            boolean allowed = WeightMemory.class.getModule().isNativeAccessEnabled();
            if (!allowed || !System.getProperty("os.name").equals("Linux")) {
                return Optional.empty();
            }
            ValueLayout.OfLong number = ValueLayout.JAVA_LONG;
            ValueLayout.OfInt flags = ValueLayout.JAVA_INT;
            return Optional.of(new Calls(
                    call("mmap", FunctionDescriptor.of(number, number, number, flags, flags, flags, number)),
                    call("munmap", FunctionDescriptor.of(flags, number, number)),
                    call("madvise", FunctionDescriptor.of(flags, number, number, flags))));
        }

        private static MethodHandle call(String name, FunctionDescriptor descriptor) {
            SymbolLookup library = Linker.nativeLinker().defaultLookup();
            return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
        }

        /// Maps memory that starts at a large page, until the arena is closed.
        MemorySegment map(long bytes, Arena arena) {
            try {
                // The system may return an address that is not aligned to a large page.
                long length = bytes + LARGE_PAGE;
                long address = (long) mmap.invokeExact(0L, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
                if (address == MAP_FAILED) {
                    throw new OutOfMemoryError("the system has no " + bytes + " bytes for weights");
                }
                long first = roundUp(address, LARGE_PAGE);
                // A kernel without large pages rejects this call, and the memory is usable all the same.
                int _ = (int) madvise.invokeExact(first, bytes, MADV_HUGEPAGE);
                return MemorySegment.ofAddress(first).reinterpret(bytes, arena, _ -> unmap(address, length));
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("a call into the C library failed", e);
            }
        }

        private void unmap(long address, long length) {
            try {
                int _ = (int) munmap.invokeExact(address, length);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("a call into the C library failed", e);
            }
        }
    }
}
