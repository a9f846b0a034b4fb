package dev.saiki.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// A native library that LibTorch for CUDA needs and does not contain.
///
/// @param name the file's name, with the version of its interface
/// @param product the product that installs the library
public record CudaLibrary(String name, String product) {

    /// The dynamic dependencies of the libraries in LibTorch's jar, the driver, and the libraries that CUDA and cuDNN
    /// load themselves.
    private static final List<CudaLibrary> NEEDED = Stream.of(
                    of("the NVIDIA driver for CUDA 13", "libcuda.so.1 libnvidia-ml.so.1"),
                    of(
                            "CUDA 13",
                            "libcudart.so.13 libcupti.so.13 libnvrtc.so.13 libnvJitLink.so.13 libcublas.so.13"
                                    + " libcublasLt.so.13 libcufft.so.12 libcurand.so.10 libcusolver.so.12"
                                    + " libcusparse.so.12 libcufile.so.0"),
                    of(
                            "cuDNN 9 for CUDA 13",
                            "libcudnn.so.9 libcudnn_graph.so.9 libcudnn_ops.so.9 libcudnn_cnn.so.9 libcudnn_adv.so.9"),
                    of("NCCL 2 for CUDA 13", "libnccl.so.2"))
            .flatMap(List::stream)
            .toList();

    private static List<CudaLibrary> of(String product, String names) {
        return Arrays.stream(names.split(" "))
                .map(name -> new CudaLibrary(name, product))
                .toList();
    }

    /// Tells whether the LibTorch on the class path is the one for CUDA.
    static boolean areNeeded() {
        return CudaLibrary.class.getResource("/org/bytedeco/pytorch/linux-x86_64-gpu") != null;
    }

    /// Returns the libraries that the LibTorch on the class path needs.
    ///
    /// @return the libraries by product; empty if LibTorch was built without CUDA
    public static List<CudaLibrary> needed() {
        return areNeeded() ? NEEDED : List.of();
    }

    /// Tells whether the system's loader finds the library and all that the library needs.
    ///
    /// @return true if the library can be loaded
    @SuppressWarnings("restricted") // LibTorch needs the same permission.
    public boolean isFound() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(name, arena);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
