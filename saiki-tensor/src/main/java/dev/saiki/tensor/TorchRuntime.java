package dev.saiki.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/// The native LibTorch of this process: loading, threads and available devices.
///
/// Two settings are made before anything native is loaded. JavaCPP's garbage-collected handles are switched off
/// (`nopointergc`), since {@link TensorScope} frees every handle at a known moment and the collector's
/// bookkeeping costs a lock an operation. OpenBLAS is held to one thread: its own threads inside LibTorch's
/// made matrix products several times slower; a second core is won back one level up, by running micro-batches
/// side by side.
public final class TorchRuntime {

    private static final String EXTENSION = "org.bytedeco.javacpp.platform.extension";
    private static final String CUDA_BUILD = "-gpu";

    static {
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        // The limits would ask the operating system for the process's size at every allocation.
        System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        nameCudaBuild();
        Loader.load(openblas.class);
        openblas.blas_set_num_threads(1);
        unpackAll();
        Loader.load(torch.class);
    }

    private TorchRuntime() {}

    /// Says that the build with CUDA is the one on the class path, if it is.
    private static void nameCudaBuild() {
        if (TorchRuntime.class.getResource("/org/bytedeco/pytorch/linux-x86_64" + CUDA_BUILD) != null) {
            System.setProperty(EXTENSION, CUDA_BUILD);
        }
    }

    /// Unpacks all of LibTorch before any of it is loaded. JavaCPP unpacks one library and loads it, then the next;
    /// what the first one needs is not beside it then, the system's loader looks elsewhere, finds the LibTorch of
    /// an installed Python PyTorch, and two versions in one process crash.
    private static void unpackAll() {
        try {
            Loader.cacheResource(
                    torch.class, "/org/bytedeco/pytorch/" + Loader.getPlatform() + System.getProperty(EXTENSION, ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Loads the native libraries if that has not happened yet.
    static void ensureLoaded() {
        // The static initializer does the work.
    }

    /// Limits the threads that operations called from this thread may use.
    ///
    /// @param threads how many, at least 1
    public static void setThreadsOfCaller(int threads) {
        torch.set_num_threads(threads);
    }

    /// Returns how many threads operations called from this thread may use.
    ///
    /// @return the number of threads
    public static int threadsOfCaller() {
        return torch.get_num_threads();
    }

    /// Computes something with operations that are not split over threads, whose bits therefore do not depend
    /// on how many the caller has: LibTorch adds numbers in another order, and rounds some functions
    /// otherwise, at the end of a thread's part.
    ///
    /// @param <T> what is computed
    /// @param task called on this thread
    /// @return its result
    public static <T> T onOneThread(Supplier<T> task) {
        int before = threadsOfCaller();
        setThreadsOfCaller(1);
        try {
            return task.get();
        } finally {
            setThreadsOfCaller(before);
        }
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

    /// Returns the instruction set that LibTorch's own kernels use here.
    ///
    /// @return for example `AVX512`
    public static String vectorCapability() {
        return torch.get_cpu_capability().getString();
    }

    /// Tells whether there is a CUDA device.
    ///
    /// @return whether LibTorch was built with CUDA and finds a device
    public static boolean hasCuda() {
        return torch.cuda_is_available();
    }

    /// Says what keeps tensors from being made on a device.
    ///
    /// @param device where they are wanted
    /// @return one sentence; empty if nothing does
    public static Optional<String> obstacle(Device device) {
        if (!(device instanceof Device.Cuda gpu)) {
            return Optional.empty();
        }
        if (!torch.hasCUDA()) {
            return Optional.of("this LibTorch was built without CUDA, or finds no CUDA 13 with cuDNN 9 to load;"
                    + " see docs/scale.md for the CUDA build");
        }
        int count = torch.cuda_device_count();
        return gpu.index() < count
                ? Optional.empty()
                : Optional.of("LibTorch finds " + count + " GPUs, numbered from 0");
    }

    /// Returns the bytes of memory that this process occupies, native memory included.
    ///
    /// @return resident bytes
    public static long residentBytes() {
        return Pointer.physicalBytes();
    }
}
