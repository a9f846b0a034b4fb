package dev.saiki.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/// The native LibTorch of this process: loading, threads and available devices.
///
/// Two settings are made before LibTorch is loaded. JavaCPP's garbage-collected handles are disabled
/// (`nopointergc`), because {@link TensorScope} frees every handle at a known moment and the collector's
/// bookkeeping costs a lock per operation. OpenBLAS is limited to one thread, because its threads within
/// LibTorch's threads made matrix products several times slower. Training uses the other cores by running
/// micro-batches in parallel.
public final class TorchRuntime {

    private static final String EXTENSION = "org.bytedeco.javacpp.platform.extension";

    static {
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        // If a memory limit were set, JavaCPP would query the process's size from the operating system at every
        // allocation.
        System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        if (CudaLibrary.areNeeded()) {
            System.setProperty(EXTENSION, "-gpu");
        }
        Loader.load(openblas.class);
        openblas.blas_set_num_threads(1);
        unpackAll();
        Loader.load(torch.class);
    }

    private TorchRuntime() {}

    /// Unpacks all of LibTorch before any of it is loaded. JavaCPP would unpack and load one library at a time, so
    /// the dependencies of the first library would not be in its folder yet. The system's loader would search
    /// elsewhere and could find the LibTorch of an installed Python PyTorch; two versions in one process crash.
    private static void unpackAll() {
        try {
            Loader.cacheResource(
                    torch.class, "/org/bytedeco/pytorch/" + Loader.getPlatform() + System.getProperty(EXTENSION, ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Loads the native libraries if they are not loaded yet.
    static void ensureLoaded() {
        // The class's static initializer loads them.
    }

    /// Limits the threads that operations called from this thread may use.
    ///
    /// @param threads the number of threads, at least 1
    public static void setThreadsOfCaller(int threads) {
        torch.set_num_threads(threads);
    }

    /// Returns the number of threads that operations called from this thread may use.
    ///
    /// @return the number of threads
    public static int threadsOfCaller() {
        return torch.get_num_threads();
    }

    /// Runs a computation whose operations are not split over threads, so that the bits of the result do not
    /// depend on the caller's number of threads; otherwise, at the end of each thread's part, LibTorch adds
    /// in another order and rounds some functions differently.
    ///
    /// @param <T> the type of the result
    /// @param task the task, called on this thread
    /// @return the task's result
    public static <T> T onOneThread(Supplier<T> task) {
        int before = threadsOfCaller();
        setThreadsOfCaller(1);
        try {
            return task.get();
        } finally {
            setThreadsOfCaller(before);
        }
    }

    /// Creates a pool of daemon threads with a fixed number of threads for each operation of LibTorch.
    ///
    /// @param name the beginning of the threads' names
    /// @param count the number of threads in the pool
    /// @param threads the number of threads for an operation that one of them calls
    /// @return the pool
    public static ExecutorService executor(String name, int count, int threads) {
        return Executors.newFixedThreadPool(
                count,
                task -> Thread.ofPlatform().name(name, 0).daemon().unstarted(() -> {
                    setThreadsOfCaller(threads);
                    task.run();
                }));
    }

    /// Returns the version of LibTorch.
    ///
    /// @return LibTorch's and the binding's version, for example `2.10.0-1.5.13`
    public static String version() {
        Properties properties = new Properties();
        try (InputStream stream =
                torch.class.getResourceAsStream("/META-INF/maven/org.bytedeco/pytorch/pom.properties")) {
            if (stream != null) {
                properties.load(stream);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }

    /// Returns the instruction set that LibTorch's own kernels use on this machine.
    ///
    /// @return the name of the set, for example `AVX512`
    public static String vectorCapability() {
        return torch.get_cpu_capability().getString();
    }

    /// Tells whether a CUDA device is available.
    ///
    /// @return true if LibTorch was built with CUDA and finds a device
    public static boolean hasCuda() {
        return torch.cuda_is_available();
    }

    /// Returns the reason why tensors cannot be created on a device.
    ///
    /// @param device the device
    /// @return the reason in one sentence; empty if tensors can be created
    public static Optional<String> obstacle(Device device) {
        if (!(device instanceof Device.Cuda gpu)) {
            return Optional.empty();
        }
        if (!torch.hasCUDA()) {
            return Optional.of(
                    CudaLibrary.areNeeded()
                            ? "LibTorch cannot find all of CUDA's libraries; `saiki doctor` lists the missing ones"
                            : "this LibTorch was built without CUDA; see docs/scale.md for the build with CUDA");
        }
        int count = torch.cuda_device_count();
        return gpu.index() < count
                ? Optional.empty()
                : Optional.of("LibTorch finds " + count + " GPUs, numbered from 0");
    }

    /// Returns the resident memory of this process in bytes, including native memory.
    ///
    /// @return resident bytes
    public static long residentBytes() {
        return Pointer.physicalBytes();
    }
}
