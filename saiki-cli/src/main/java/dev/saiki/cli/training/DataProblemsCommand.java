package dev.saiki.cli.training;

import dev.saiki.cli.model.TextFieldOption;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.io.InputException;
import dev.saiki.text.problem.ProblemFamily;
import dev.saiki.text.problem.ProblemFiles;
import dev.saiki.text.problem.ProblemForm;
import dev.saiki.text.problem.ProblemOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki data problems`: writes problems of known difficulty.
@Command(name = "problems")
public final class DataProblemsCommand extends ConsoleCommand {

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Option(names = "--families", paramLabel = "NAME", split = ",")
    private List<ProblemFamily> families = List.of(ProblemFamily.BALL);

    @Option(names = "--form", paramLabel = "FORM")
    private ProblemForm form = ProblemForm.SYMBOLS;

    @Option(names = "--names", paramLabel = "FILE")
    private @Nullable Path names;

    @Option(names = "--easiest", paramLabel = "N")
    private int easiest = 1;

    @Option(names = "--hardest", paramLabel = "N")
    private int hardest = 10;

    @Option(names = "--longest", paramLabel = "N")
    private int longest = 12;

    @Option(names = "--documents", paramLabel = "N")
    private int documents = 100_000;

    @Option(names = "--characters", paramLabel = "N")
    private int characters = 200;

    @Option(names = "--per-level", paramLabel = "N")
    private int perLevel = 200;

    @Option(names = "--amid", paramLabel = "PATH")
    private List<Path> amid = new ArrayList<>();

    @Option(names = "--share", paramLabel = "SHARE")
    private double share = 0.1;

    @Mixin
    private TextFieldOption field = new TextFieldOption();

    @Option(names = "--seed", paramLabel = "N")
    private long seed = 0;

    @Override
    protected void run() throws IOException {
        InputException.requireAtLeast("--documents", documents, 1);
        InputException.requireAtLeast("--characters", characters, 1);
        InputException.requireBetween("--per-level", perLevel, 1, 1_000_000);
        InputException.require(share > 0 && share < 1, "--share", "above 0 and below 1", share);
        ProblemOptions options = new ProblemOptions(
                families, form, names(), easiest, hardest, longest, documents, characters, perLevel, seed);
        OutputPaths.requireNewOrEmpty(out);
        ProblemFiles files = new ProblemFiles(options);
        if (amid.isEmpty()) {
            files.write(out);
        } else {
            files.writeAmid(out, field.corpus(amid), share);
        }
        println("texts to train on in " + out.resolve(ProblemFiles.TRAINING_FILE) + "; to evaluate: "
                + out.resolve(ProblemFiles.HELD_OUT_FILE)
                + (longest > hardest ? ", and longer ones " + out.resolve(ProblemFiles.LONGER_FILE) : ""));
    }

    private List<String> names() throws IOException {
        if (names == null) {
            return ProblemOptions.NAMES;
        }
        return Files.readAllLines(names).stream()
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
