package dev.saiki.cli.training;

import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.eval.audit.ProbeFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki data probes`: writes small problems of known difficulty.
@Command(
        name = "probes",
        description = "Generate problems of known difficulty: text to train on, and problems for `saiki audit router "
                + "--probes`.")
public final class DataProbesCommand extends ConsoleCommand {

    private static final int MAX_PROBLEMS = 10_000_000;
    private static final int MAX_PER_LEVEL = 1000;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The folder to create.")
    private Path out = Path.of("");

    @Option(
            names = "--problems",
            paramLabel = "N",
            description = "Number of training problems (default: ${DEFAULT-VALUE}).")
    private int problems = 200000;

    @Option(
            names = "--per-level",
            paramLabel = "N",
            description = "Number of test problems for each task and difficulty (default: ${DEFAULT-VALUE}).")
    private int perLevel = 60;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the problems.")
    private long seed = 0;

    @Override
    protected void run() throws IOException {
        requireWithin("--problems", problems, MAX_PROBLEMS);
        requireWithin("--per-level", perLevel, MAX_PER_LEVEL);
        OutputPaths.requireNewOrEmpty(out);
        ProbeFiles.write(out, problems, perLevel, seed);
        println(NumberFormats.count(problems) + " training problems in "
                + out.resolve(ProbeFiles.TRAINING_FILE) + ", test problems in "
                + out.resolve(ProbeFiles.PROBES_FILE));
    }

    private static void requireWithin(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new InputException(option + " must be from 1 to " + most + ", got " + value);
        }
    }
}
