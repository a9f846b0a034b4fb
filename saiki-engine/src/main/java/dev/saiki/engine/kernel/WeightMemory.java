package dev.saiki.engine.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The memory for the weights of one model, in large pages if the system supports them.
///
/// Each decode step reads all weights at least once. Each page costs a page-table walk and interrupts the
/// processor's prefetch; with pages of 2 MiB both happen 512 times less often than with pages of 4 KiB. Linux
/// provides large pages only if they are requested *before* the memory is first written. Memory from an
/// {@link Arena} has already been written, because it is zeroed. So this class maps blocks of memory itself,
/// through the C library. One matrix after the other is placed in a block, because a large page belongs to one
/// block and most matrices do not fill whole pages.
///
/// The calls to the C library need the JVM option `--enable-native-access`. Without the option, and on systems
/// other than Linux, memory comes from an arena, which is only slower.
///
/// Closing frees the memory of all matrices at once; the matrices must not be used afterwards. Freeing is explicit
/// because the garbage collector left the weights of a server's old models in memory as long as the heap was large
/// enough. Only one thread may allocate; any thread may use the allocated memory.
public final class WeightMemory implements AutoCloseable {

    /// The size of a large page on x86-64, and on AArch64 with small pages of 4 KiB.
    private static final long LARGE_PAGE = 2L << 20;

    /// The size of a block. A block is address space, of which only the written part takes memory. Up to one large
    /// page is wasted at the end of a block, so blocks are large.
    static final long BLOCK = 512L << 20;

    private static final long CACHE_LINE = 64;

    private static final Optional<Calls> CALLS = Calls.find();

    private final Arena arena = Arena.ofShared();
    private MemorySegment block = MemorySegment.NULL;
    private long used;

    /// Allocates memory that is filled with zeros.
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

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static long roundUp(long number, long unit) {
        return (number + unit - 1) / unit * unit;
    }

    /// Calls to Linux's C library. The constants are valid for all its processor architectures except Alpha, MIPS,
    /// PA-RISC and Xtensa, none of which has a JDK 25.
    @SuppressWarnings("restricted") // find() checks the permission; the pointers come from the system.
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

        /// Maps memory that starts at a large-page boundary, and that is unmapped when the arena is closed.
        MemorySegment map(long bytes, Arena arena) {
            try {
                // Extra length, because the system may return an address that is not aligned to a large page.
                long length = bytes + LARGE_PAGE;
                long address = (long) mmap.invokeExact(0L, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
                if (address == MAP_FAILED) {
                    throw new OutOfMemoryError("the system cannot provide " + bytes + " bytes for weights");
                }
                long first = roundUp(address, LARGE_PAGE);
                // A Linux kernel without large pages rejects this call; the memory is usable all the same.
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
