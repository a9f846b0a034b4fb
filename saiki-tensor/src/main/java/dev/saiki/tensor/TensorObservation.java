package dev.saiki.tensor;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A recorder of a process's tensors: the devices on which they are made, and where values are read back.
///
/// A read-back waits for all that its device has been given to do. Places in the program are the methods outside of
/// this package that made or read a tensor. One observation at a time counts, of all threads.
public final class TensorObservation implements AutoCloseable {

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static volatile @Nullable TensorObservation current;

    private final MetaValues metaValues;
    private final Map<Device, Map<String, LongAdder>> made = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> readBacks = new ConcurrentHashMap<>();

    /// Substitutes for the values of `meta` tensors, which have none.
    @FunctionalInterface
    public interface MetaValues {

        /// No values: reading fails.
        MetaValues NONE = (place, count) -> {
            throw new TensorException("a tensor on meta has no values that " + place + " could read");
        };

        /// Returns what is read.
        ///
        /// @param place where in the program
        /// @param count elements of the tensor
        /// @return as many numbers
        double[] read(String place, int count);
    }

    private TensorObservation(MetaValues metaValues) {
        this.metaValues = metaValues;
    }

    /// Starts an observation.
    ///
    /// @return to be closed
    /// @throws IllegalStateException if one is under way
    public static TensorObservation start() {
        return start(MetaValues.NONE);
    }

    /// Starts an observation in which tensors of the device `meta` can be read.
    ///
    /// @param metaValues what is read from them
    /// @return to be closed
    /// @throws IllegalStateException if one is under way
    public static synchronized TensorObservation start(MetaValues metaValues) {
        if (current != null) {
            throw new IllegalStateException("tensors are observed already");
        }
        TensorObservation observation = new TensorObservation(metaValues);
        current = observation;
        return observation;
    }

    /// Returns where tensors were made on a device.
    ///
    /// @param device the device
    /// @return tensors a place
    public NavigableMap<String, Long> madeOn(Device device) {
        return sums(made.getOrDefault(device, Map.of()));
    }

    /// Returns where values were read back.
    ///
    /// @return read-backs a place
    public NavigableMap<String, Long> readBacks() {
        return sums(readBacks);
    }

    /// Returns the number of read-backs.
    ///
    /// @return over all places
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

    /// Notes a tensor that was made.
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

    /// Notes a read-back of a tensor.
    ///
    /// @return what is read, if the tensor has no values; else null
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

    /// The method outside of this package that is running, with its class.
    private static String place() {
        return STACK.walk(frames -> frames.filter(frame ->
                        !frame.getDeclaringClass().getPackageName().equals(TensorObservation.class.getPackageName())
                                && frame.getDeclaringClass().getPackageName().startsWith("dev.saiki"))
                .findFirst()
                .map(frame -> frame.getDeclaringClass().getSimpleName() + "." + methodOf(frame.getMethodName()))
                .orElse("elsewhere"));
    }

    /// The method in which a lambda stands, of the lambda's name.
    private static String methodOf(String name) {
        int start = "lambda$".length();
        return name.startsWith("lambda$")
                ? name.substring(start, name.indexOf('$', start))
                : name.replace("<init>", "new");
    }
}
