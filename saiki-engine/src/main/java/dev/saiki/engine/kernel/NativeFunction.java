package dev.saiki.engine.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// A function of the native library. All its functions take the same parameters (four pointers, six longs and a
/// double), so the JVM links one stub for all of them; each stub takes about 10 ms at start.
///
/// @param handle the function
record NativeFunction(MethodHandle handle) {

    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;
    private static final MemoryLayout WHOLE = ValueLayout.JAVA_LONG;
    private static final MemoryLayout NUMBER = ValueLayout.JAVA_DOUBLE;

    private static final FunctionDescriptor PARAMETERS = FunctionDescriptor.of(
            NUMBER, POINTER, POINTER, POINTER, POINTER, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, NUMBER);

    /// Finds a function. Heap arrays are passed without copying; garbage collection waits until a call returns.
    ///
    /// @param library the library
    /// @param name the function's name
    /// @return the function
    @SuppressWarnings("restricted") // NativeKernels checks the permission.
    static NativeFunction of(SymbolLookup library, String name) {
        return new NativeFunction(Linker.nativeLinker()
                .downcallHandle(library.findOrThrow(name), PARAMETERS, Linker.Option.critical(true)));
    }

    /// Calls the function; `kernels.c` says which parameters it uses.
    double call(
            MemorySegment a,
            MemorySegment b,
            MemorySegment c,
            MemorySegment d,
            long i,
            long j,
            long k,
            long l,
            long m,
            long n,
            double x) {
        try {
            return (double) handle.invokeExact(a, b, c, d, i, j, k, l, m, n, x);
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the kernels failed", e);
        }
    }
}
