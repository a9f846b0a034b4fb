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

/// The memory that holds the weights of one model, in large pages where the system has them.
///
/// One token reads all weights once. In pages of 4 KiB each of them costs a walk through the page table and ends
/// the run of addresses that the processor's prefetch follows; in pages of 2 MiB both happen 512 times less often.
/// Linux gives large pages to memory for which that is asked *before* it is first written, which memory from an
/// {@link Arena} already is: it is cleared. So blocks are mapped here, and matrices laid into them one behind the
/// other, for a page belongs to one block and most matrices are not whole pages.
///
/// The calls into the C library need the JVM's `--enable-native-access`. Without it, and on other systems, memory
/// comes from an arena, and everything works, only slower.
///
/// Closing it frees the memory of all matrices at once, and what oneDNN holds of them; they are not to be used
/// any more. Left to Java's collector, the weights of a server's old models stayed for as long as its heap was
/// large enough. Allocates for one thread; what it gave may be used by any.
public final class WeightMemory implements AutoCloseable {

    /// Bytes of a large page of x86-64, and of AArch64 with small pages of 4 KiB.
    private static final long LARGE_PAGE = 2L << 20;

    /// Bytes asked for at a time: address space, of which only what is written takes memory. Where a block
    /// ends, up to a large page is written for nothing, so blocks are few.
    static final long BLOCK = 512L << 20;

    private static final long CACHE_LINE = 64;

    private static final Optional<Calls> CALLS = Calls.find();

    private final Arena arena = Arena.ofShared();
    /// Of what LibTorch holds; as a list of its own type, closing an engine would want LibTorch where there is none.
    private final List<Runnable> closings = new ArrayList<>();
    private MemorySegment block = MemorySegment.NULL;
    private long used;

    /// Takes memory of zeros.
    ///
    /// @param bytes how many, at least 1
    /// @return the memory, beginning at a cache line
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

    /// Frees weights that LibTorch holds together with the others.
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

    /// Calls of Linux's C library. The numbers are those of all its processors but Alpha, MIPS, PA-RISC and Xtensa,
    /// none of which has a JDK 25.
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

        /// Maps memory that begins at a large page, until the arena is closed.
        MemorySegment map(long bytes, Arena arena) {
            try {
                // The system may choose an address within a large page.
                long length = bytes + LARGE_PAGE;
                long address = (long) mmap.invokeExact(0L, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
                if (address == MAP_FAILED) {
                    throw new OutOfMemoryError("the system has no " + bytes + " bytes for weights");
                }
                long first = roundUp(address, LARGE_PAGE);
                // A kernel without large pages refuses this, and the memory is as good as any other.
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
