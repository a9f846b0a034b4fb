package dev.saiki.cli.training;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.function.Supplier;

/// The standard output of native libraries, whose messages go to the same file descriptor as Java's. While a
/// task runs, the output of native libraries is redirected to standard error.
///
/// Nothing is redirected without the JVM's `--enable-native-access`, or without a C library with POSIX calls.
final class NativeOutput {

    private static final int OUTPUT = 1;
    private static final int ERROR = 2;

    private NativeOutput() {}

    /// Runs a task; meanwhile, everything that is written to standard output, also by Java, goes to standard
    /// error.
    ///
    /// @param task a task that calls a native library
    /// @return what the task returned
    static <T> T toErrorDuring(Supplier<T> task) {
        return Calls.find().map(calls -> calls.toErrorDuring(task)).orElseGet(task);
    }

    /// Functions of the C library.
    @SuppressWarnings("restricted") // find() checks the permission; the functions get no memory to change.
    private record Calls(MethodHandle dup, MethodHandle dup2, MethodHandle close, MethodHandle fflush) {

        static Optional<Calls> find() {
            if (!Calls.class.getModule().isNativeAccessEnabled()) {
                return Optional.empty();
            }
            FunctionDescriptor ofOne = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
            FunctionDescriptor ofTwo = ofOne.appendArgumentLayouts(ValueLayout.JAVA_INT);
            FunctionDescriptor ofFile = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
            return call("dup", ofOne)
                    .flatMap(dup -> call("dup2", ofTwo)
                            .flatMap(dup2 -> call("close", ofOne)
                                    .flatMap(close -> call("fflush", ofFile)
                                            .map(fflush -> new Calls(dup, dup2, close, fflush)))));
        }

        private static Optional<MethodHandle> call(String name, FunctionDescriptor descriptor) {
            Linker linker = Linker.nativeLinker();
            SymbolLookup library = linker.defaultLookup();
            return library.find(name).map(address -> linker.downcallHandle(address, descriptor));
        }

        <T> T toErrorDuring(Supplier<T> task) {
            flush();
            int output = number(dup, OUTPUT);
            if (output < 0) {
                return task.get();
            }
            number(dup2, ERROR, OUTPUT);
            try {
                return task.get();
            } finally {
                flush();
                number(dup2, output, OUTPUT);
                number(close, output);
            }
        }

        /// Flushes the buffers of C's and C++'s streams.
        private void flush() {
            number(fflush, MemorySegment.NULL);
        }

        private static int number(MethodHandle call, Object... arguments) {
            try {
                return (int) call.invokeWithArguments(arguments);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
