package dev.saiki.train;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.global.torch;

/// A count of the operators that LibTorch runs, by name, over all threads, the backward pass included.
///
/// Counted is what launches at least one kernel on a GPU. An operator that calls others is not counted itself; a
/// normalisation is one operator, because a GPU has a kernel for it that the device `meta` lacks. PyTorch's own
/// profiler is not part of the Java bindings, so this class registers the callback that the profiler uses,
/// `at::RecordFunctionCallback`, and reads names from `at::RecordFunction` where LibTorch 2.10 puts them on x86-64.
@SuppressWarnings("restricted") // A test may read memory that LibTorch owns.
final class OperatorCount implements AutoCloseable {

    /// The offsets of `end_`, `sampling_prob_` and `scopes_` in the callback, whose `start_` is at 0, and its size.
    private static final long END = 8;

    private static final long SAMPLING = 16;
    private static final long SCOPES = 24;
    private static final long BYTES = 64;

    /// The offset of the schema in a recorded function, and that of the byte which tells that there is one.
    private static final long SCHEMA = 160;

    private static final long SCHEMA_KIND = 192;
    /// The size of a `std::string`; a schema begins with its name and its overload.
    private static final long STRING = 32;

    private static final Set<String> FUSED = Set.of("aten::_fused_rms_norm");
    /// Operators that return their input, a view or a type, though their schemas do not say so.
    private static final Set<String> NO_LAUNCH =
            Set.of("aten::_unsafe_view", "aten::new_empty", "aten::result_type.Scalar", "aten::type_as");

    private final Arena arena = Arena.ofShared();
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final Map<String, Boolean> launches = new ConcurrentHashMap<>();
    private final ThreadLocal<Deque<Running>> running = ThreadLocal.withInitial(ArrayDeque::new);
    private final long registration;

    /// An operator that has begun.
    private static final class Running {

        private final String name;
        private boolean callsOthers;

        Running(String name) {
            this.name = name;
        }
    }

    OperatorCount() {
        MemorySegment callback = arena.allocate(BYTES, Long.BYTES);
        // The observer's context is returned in memory, to which the first parameter points.
        callback.set(
                ValueLayout.ADDRESS,
                0,
                stub("begin", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS)));
        callback.set(
                ValueLayout.ADDRESS,
                END,
                stub("end", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS)));
        callback.set(ValueLayout.JAVA_DOUBLE, SAMPLING, 1);
        // The scope of plain functions, the first one.
        callback.set(ValueLayout.JAVA_BOOLEAN, SCOPES, true);
        this.registration = torch.addGlobalCallback(new Pointer() {
            {
                this.address = callback.address();
            }
        });
    }

    private MemorySegment stub(String method, FunctionDescriptor shape) {
        try {
            return Linker.nativeLinker()
                    .upcallStub(MethodHandles.lookup().bind(this, method, shape.toMethodType()), shape, arena);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    /// Called by LibTorch when an operator begins.
    MemorySegment begin(MemorySegment context, MemorySegment function) {
        running.get().push(new Running(nameOf(function)));
        context.reinterpret(Long.BYTES).set(ValueLayout.ADDRESS, 0, MemorySegment.NULL);
        return context;
    }

    /// Called by LibTorch when an operator ends.
    void end(MemorySegment function, MemorySegment context) {
        Deque<Running> stack = running.get();
        Running ended = stack.pop();
        Running outer = stack.peek();
        boolean isCounted = FUSED.contains(ended.name) || (!ended.callsOthers && isLaunched(ended.name));
        if (outer != null) {
            outer.callsOthers |= isCounted || ended.callsOthers;
        }
        if (isCounted && stack.stream().noneMatch(around -> FUSED.contains(around.name))) {
            counts.computeIfAbsent(ended.name, _ -> new LongAdder()).increment();
        }
    }

    /// The operator's name with its overload; empty if a kernel has named a section of its own.
    private static String nameOf(MemorySegment function) {
        MemorySegment recorded = function.reinterpret(SCHEMA_KIND + 1);
        if (recorded.get(ValueLayout.JAVA_BYTE, SCHEMA_KIND) != 1) {
            return "";
        }
        MemorySegment schema = recorded.get(ValueLayout.ADDRESS, SCHEMA).reinterpret(2 * STRING);
        String overload = text(schema.asSlice(STRING, STRING));
        return text(schema.asSlice(0, STRING)) + (overload.isEmpty() ? "" : "." + overload);
    }

    /// The text of a `std::string`: a pointer and a length.
    private static String text(MemorySegment string) {
        long length = string.get(ValueLayout.JAVA_LONG, Long.BYTES);
        return new String(
                string.get(ValueLayout.ADDRESS, 0).reinterpret(length).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.UTF_8);
    }

    private boolean isLaunched(String name) {
        return launches.computeIfAbsent(name, OperatorCount::mayLaunch);
    }

    private static boolean mayLaunch(String name) {
        if (name.isEmpty() || name.startsWith("aten::empty") || NO_LAUNCH.contains(name)) {
            return false;
        }
        int dot = name.indexOf('.');
        FunctionSchema schema = Dispatcher.singleton()
                .findSchemaOrThrow(dot < 0 ? name : name.substring(0, dot), dot < 0 ? "" : name.substring(dot + 1))
                .schema();
        boolean isView = schema.hasAnyAliasInfo() && !schema.is_mutable();
        return !isView;
    }

    /// The number of operators by name.
    NavigableMap<String, Long> byName() {
        NavigableMap<String, Long> sums = new TreeMap<>();
        counts.forEach((name, count) -> sums.put(name, count.sum()));
        return sums;
    }

    /// The number of all operators.
    long total() {
        return counts.values().stream().mapToLong(LongAdder::sum).sum();
    }

    @Override
    public void close() {
        torch.removeCallback(registration);
        arena.close();
    }
}
