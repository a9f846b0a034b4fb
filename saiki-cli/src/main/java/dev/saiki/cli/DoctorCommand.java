package dev.saiki.cli;

import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.tensor.CudaLibrary;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.ObjectNode;

/// `saiki doctor`: the capabilities of this machine.
@Command(name = "doctor")
final class DoctorCommand extends JsonCommand {

    /// The memory below which the system is likely to kill the training of even a small model.
    private static final long LITTLE_MEMORY = 2L << 30;

    /// The disk space below which the checkpoints of a run are likely not to fit.
    private static final long LITTLE_DISK = 1L << 30;

    @Override
    protected void run() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        FileStore disk = Files.getFileStore(folder);
        TorchStatus torch = TorchStatus.ofThisMachine();
        // LibTorch comes first: the loader then also finds what JavaCPP found in CUDA's folder.
        Map<Boolean, List<CudaLibrary>> cuda =
                CudaLibrary.needed().stream().collect(Collectors.partitioningBy(CudaLibrary::isFound));
        Findings findings = new Findings(
                torch,
                cuda.getOrDefault(true, List.of()),
                cuda.getOrDefault(false, List.of()),
                Processor.ofThisMachine(),
                Engine.kernels(WeightFormat.BFLOAT16),
                Memory.ofThisMachine(),
                folder,
                disk.getUsableSpace(),
                console.environment().getOrDefault("OPENBLAS_NUM_THREADS", "not set"));
        print(findings.toJson(), () -> print(findings));
        exit(findings.torch().loads() ? ExitCode.DONE : ExitCode.FAILED);
    }

    private void print(Findings findings) {
        TorchStatus torch = findings.torch();
        Processor processor = findings.processor();
        row("saiki", Version.ofBuild());
        row("JDK", Runtime.version() + " in " + System.getProperty("java.home"));
        row("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        row(
                "LibTorch",
                torch.problem()
                        .map(problem -> "does not load: " + problem)
                        .orElse(torch.version() + ", kernels for " + torch.vectorCapability()));
        row("GPU", torch.hasCuda() ? "available (CUDA); select it with parallelism.device in a recipe" : "none");
        if (!findings.found().isEmpty()) {
            row("CUDA", "found " + Findings.names(findings.found()));
        }
        row("processor", processor.model().orElse("unknown") + ", " + processor.cores() + " cores for this process");
        row(
                "vectors",
                processor.vectorBits() == 0
                        ? "unknown"
                        : processor.vectorBits() + " bits (" + String.join(" ", processor.vectorFlags()) + ")");
        row(
                "kernels",
                findings.kernels() == Kernels.C
                        ? "C for bfloat16, int8, int6 and int4 weights; Java for float32 weights"
                        : "Java");
        row("threads", torch.threads() + " per operation; OpenBLAS " + findings.openBlasThreads());
        Memory memory = findings.memory();
        row(
                "memory",
                NumberFormats.bytes(memory.total()) + ", " + NumberFormats.bytes(memory.available())
                        + " free; Java heap up to " + NumberFormats.bytes(memory.heapLimit()));
        row("disk", NumberFormats.bytes(findings.freeDisk()) + " free at " + findings.folder());
        findings.advice().forEach(advice -> row("note", advice));
    }

    private record Findings(
            TorchStatus torch,
            List<CudaLibrary> found,
            List<CudaLibrary> missing,
            Processor processor,
            Kernels kernels,
            Memory memory,
            Path folder,
            long freeDisk,
            String openBlasThreads) {

        static String names(List<CudaLibrary> libraries) {
            return libraries.stream().map(CudaLibrary::name).collect(Collectors.joining(" "));
        }

        /// Advice on this machine's shortcomings.
        List<String> advice() {
            List<String> advice = new ArrayList<>();
            if (!torch.loads()) {
                advice.add("training and evaluation need LibTorch (serve, chat, generate and eval score"
                        + " --engine cpu do not); SAIKI_PLATFORM selects another build of LibTorch");
            }
            missing.stream()
                    .collect(Collectors.groupingBy(CudaLibrary::product, LinkedHashMap::new, Collectors.toList()))
                    .forEach((product, libraries) -> advice.add("missing for a GPU: " + names(libraries) + "; install "
                            + product + ", or add its folder to LD_LIBRARY_PATH"));
            if (!openBlasThreads.equals("1")) {
                advice.add("OPENBLAS_NUM_THREADS should be 1 (the launcher sets it): more threads slow down training");
            }
            if (memory.total() < LITTLE_MEMORY) {
                advice.add("little memory: use small batches, or activation checkpointing");
            }
            if (freeDisk < LITTLE_DISK) {
                advice.add("little disk space: a training run stores four checkpoints and its data");
            }
            return advice;
        }

        ObjectNode toJson() {
            ObjectNode root = JsonOutput.object();
            root.put("saiki", Version.ofBuild());
            ObjectNode jdk = root.putObject("jdk");
            jdk.put("version", Runtime.version().toString());
            jdk.put("home", System.getProperty("java.home"));
            ObjectNode libTorch = root.putObject("libtorch");
            libTorch.put("loads", torch.loads());
            libTorch.put("version", torch.version());
            libTorch.put("vector_capability", torch.vectorCapability());
            torch.problem().ifPresent(problem -> libTorch.put("problem", problem));
            ObjectNode cpu = root.putObject("processor");
            cpu.put("model", processor.model().orElse("unknown"));
            cpu.put("cores", processor.cores());
            cpu.put("vector_bits", processor.vectorBits());
            processor.vectorFlags().forEach(cpu.putArray("vector_flags")::add);
            cpu.put("kernels", kernels.name().toLowerCase(Locale.ROOT));
            ObjectNode threads = root.putObject("threads");
            threads.put("libtorch", torch.threads());
            threads.put("openblas", openBlasThreads);
            ObjectNode gpu = root.putObject("gpu").put("available", torch.hasCuda());
            found.forEach(library -> gpu.withObject("/libraries").put(library.name(), true));
            missing.forEach(library -> gpu.withObject("/libraries").put(library.name(), false));
            ObjectNode bytes = root.putObject("memory");
            bytes.put("total_bytes", memory.total());
            bytes.put("available_bytes", memory.available());
            bytes.put("heap_limit_bytes", memory.heapLimit());
            ObjectNode disk = root.putObject("disk");
            disk.put("folder", folder.toString());
            disk.put("free_bytes", freeDisk);
            advice().forEach(root.putArray("advice")::add);
            return root;
        }
    }
}
