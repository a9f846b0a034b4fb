package dev.saiki.cli;

import dev.saiki.tensor.TorchRuntime;
import java.util.Optional;

/// LibTorch's description of itself on this machine, or the reason why LibTorch does not load.
///
/// @param version the version of LibTorch and the binding; empty if LibTorch does not load
/// @param vectorCapability the instruction set of LibTorch's own kernels; empty if LibTorch does not load
/// @param threads number of threads per operation; 0 if LibTorch does not load
/// @param hasCuda whether LibTorch finds a GPU
/// @param problem reason why LibTorch does not load
record TorchStatus(String version, String vectorCapability, int threads, boolean hasCuda, Optional<String> problem) {

    /// Loads LibTorch and reads its description.
    static TorchStatus ofThisMachine() {
        try {
            return new TorchStatus(
                    TorchRuntime.version(),
                    TorchRuntime.vectorCapability(),
                    TorchRuntime.threadsOfCaller(),
                    TorchRuntime.hasCuda(),
                    Optional.empty());
        } catch (LinkageError | RuntimeException failure) {
            Throwable reason = failure.getCause() == null ? failure : failure.getCause();
            return new TorchStatus("", "", 0, false, Optional.of(String.valueOf(reason.getMessage())));
        }
    }

    boolean loads() {
        return problem.isEmpty();
    }
}
