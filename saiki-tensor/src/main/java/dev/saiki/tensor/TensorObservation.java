package dev.saiki.tensor;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// An observation of a process's tensors: it records the devices on which they are created, and the places
/// where values are read back.
///
/// A read-back waits for all work queued on its device. A place in the program is the method outside of this
/// package that created or read a tensor. Only one observation can be active at a time; it covers all threads.
public final class TensorObservation implements AutoCloseable {

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static volatile @Nullable TensorObservation current;

    private final MetaValues metaValues;
    private final Map<Device, Map<String, LongAdder>> made = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> readBacks = new ConcurrentHashMap<>();

    /// Substitute values for `meta` tensors, which have no values.
    @FunctionalInterface
    public interface MetaValues {

        /// No values: every read throws a {@link TensorException}.
        MetaValues NONE = (place, count) -> {
            throw new TensorException("a tensor on the device meta has no values, but " + place + " reads them");
        };

        /// Returns the values to read.
        ///
        /// @param place the place in the program
        /// @param count the number of elements
        /// @return `count` values
        double[] read(String place, int count);
    }

    private TensorObservation(MetaValues metaValues) {
        this.metaValues = metaValues;
    }

    /// Starts an observation.
    ///
    /// @return the observation; close it after use
    /// @throws IllegalStateException if an observation is active
    public static TensorObservation start() {
        return start(MetaValues.NONE);
    }

    /// Starts an observation in which `meta` tensors can be read.
    ///
    /// @param metaValues the values to read from them
    /// @return the observation; close it after use
    /// @throws IllegalStateException if an observation is active
    public static synchronized TensorObservation start(MetaValues metaValues) {
        if (current != null) {
            throw new IllegalStateException("another observation is active; close it first");
        }
        TensorObservation observation = new TensorObservation(metaValues);
        current = observation;
        return observation;
    }

    /// Returns the places at which tensors were created on a device.
    ///
    /// @param device the device
    /// @return the number of tensors by place
    public NavigableMap<String, Long> madeOn(Device device) {
        return sums(made.getOrDefault(device, Map.of()));
    }

    /// Returns the places at which values were read back.
    ///
    /// @return the number of read-backs by place
    public NavigableMap<String, Long> readBacks() {
        return sums(readBacks);
    }

    /// Returns the number of read-backs.
    ///
    /// @return the number over all places
    public long numReadBacks() {
        return readBacks.values().stream().mapToLong(LongAdder::sum).sum();
    }

    private static NavigableMap<String, Long> sums(Map<String, LongAdder> counts) {
        NavigableMap<String, Long> sums = new TreeMap<>();
        counts.forEach((place, count) -> sums.put(place, count.sum()));
        return sums;
    }

    @Override
    public void close() {
        current = null;
    }

    /// Records the creation of a tensor.
    static void noteMade(Tensor tensor) {
        TensorObservation observation = current;
        if (observation != null) {
            observation
                    .made
                    .computeIfAbsent(tensor.device(), _ -> new ConcurrentHashMap<>())
                    .computeIfAbsent(place(), _ -> new LongAdder())
                    .increment();
        }
    }

    /// Records a read-back of a tensor.
    ///
    /// @return the substitute values if the tensor has no values; otherwise null
    static double @Nullable [] noteReadBack(Tensor tensor) {
        TensorObservation observation = current;
        boolean hasValues = !tensor.handle().is_meta();
        if (observation == null) {
            return hasValues ? null : MetaValues.NONE.read(place(), Math.toIntExact(tensor.count()));
        }
        String place = place();
        observation.readBacks.computeIfAbsent(place, _ -> new LongAdder()).increment();
        return hasValues ? null : observation.metaValues.read(place, Math.toIntExact(tensor.count()));
    }

    /// The innermost running method of Saiki outside of this package, with its class.
    private static String place() {
        return STACK.walk(frames -> frames.filter(frame ->
                        !frame.getDeclaringClass().getPackageName().equals(TensorObservation.class.getPackageName())
                                && frame.getDeclaringClass().getPackageName().startsWith("dev.saiki"))
                .findFirst()
                .map(frame -> frame.getDeclaringClass().getSimpleName() + "." + methodOf(frame.getMethodName()))
                .orElse("elsewhere"));
    }

    /// The method that contains a lambda, derived from the lambda's name.
    private static String methodOf(String name) {
        int start = "lambda$".length();
        return name.startsWith("lambda$")
                ? name.substring(start, name.indexOf('$', start))
                : name.replace("<init>", "new");
    }
}
