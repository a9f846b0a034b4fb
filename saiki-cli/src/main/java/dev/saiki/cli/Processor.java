package dev.saiki.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The processor as described by the operating system.
///
/// @param model the processor's name; empty on systems without `/proc`
/// @param cores number of processors that this process may use
/// @param vectorFlags the instruction sets that matter for matrix products, by their Linux names
record Processor(Optional<String> model, int cores, List<String> vectorFlags) {

    /// The flags that affect the speed of Saiki's matrix products.
    private static final Set<String> SHOWN_FLAGS = Set.of(
            "sse4_2",
            "avx",
            "avx2",
            "fma",
            "avx_vnni",
            "avx512f",
            "avx512bw",
            "avx512vl",
            "avx512_vnni",
            "avx512_bf16",
            "avx512_fp16",
            "amx_tile",
            "amx_bf16",
            "amx_int8",
            "asimd",
            "asimddp",
            "bf16",
            "i8mm",
            "sve",
            "sve2");

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /// Reads the values of this machine.
    static Processor ofThisMachine() {
        int cores = Runtime.getRuntime().availableProcessors();
        try {
            return parse(Files.readAllLines(CPU_INFO), cores);
        } catch (IOException absent) {
            return new Processor(Optional.empty(), cores, List.of());
        }
    }

    /// Parses the lines of a `/proc/cpuinfo`.
    static Processor parse(List<String> lines, int cores) {
        Optional<String> model = valueOf(lines, "model name");
        List<String> flags = valueOf(lines, "flags").or(() -> valueOf(lines, "Features")).stream()
                .flatMap(all -> Arrays.stream(all.split("\\s+")))
                .filter(SHOWN_FLAGS::contains)
                .sorted()
                .toList();
        return new Processor(model, cores, flags);
    }

    private static Optional<String> valueOf(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    /// The width of the widest vector registers in bits; 0 if unknown.
    int vectorBits() {
        if (vectorFlags.contains("avx512f")) {
            return 512;
        }
        if (vectorFlags.contains("avx")) {
            return 256;
        }
        return vectorFlags.contains("sse4_2") || vectorFlags.contains("asimd") ? 128 : 0;
    }
}
