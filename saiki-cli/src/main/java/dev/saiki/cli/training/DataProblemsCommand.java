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
@Command(
        name = "problems",
        description = {
            "Generate problems of known difficulty: texts to train on, and others to evaluate with `eval problems`.",
            "No question is in two of the files."
        })
public final class DataProblemsCommand extends ConsoleCommand {

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The folder to create.")
    private Path out = Path.of("");

    @Option(
            names = "--families",
            paramLabel = "NAME",
            split = ",",
            description = "Families to draw from: ball, row3, row5, alias, manager, expression (default: ball).")
    private List<ProblemFamily> families = List.of(ProblemFamily.BALL);

    @Option(names = "--form", paramLabel = "FORM", description = "symbols or sentences (default: symbols).")
    private ProblemForm form = ProblemForm.SYMBOLS;

    @Option(
            names = "--names",
            paramLabel = "FILE",
            description = "Names for sentences, one a line, at least 26 (default: first names).")
    private @Nullable Path names;

    @Option(names = "--easiest", paramLabel = "N", description = "Least difficulty.")
    private int easiest = 1;

    @Option(names = "--hardest", paramLabel = "N", description = "Greatest difficulty to train on.")
    private int hardest = 10;

    @Option(names = "--longest", paramLabel = "N", description = "Greatest difficulty to evaluate.")
    private int longest = 12;

    @Option(names = "--documents", paramLabel = "N", description = "Documents to train on, without --amid.")
    private int documents = 100_000;

    @Option(names = "--characters", paramLabel = "N", description = "Length of a document of problems alone.")
    private int characters = 200;

    @Option(names = "--per-level", paramLabel = "N", description = "Problems to evaluate for each difficulty.")
    private int perLevel = 200;

    @Option(
            names = "--amid",
            paramLabel = "PATH",
            description = "Put the problems between the paragraphs of these texts.")
    private List<Path> amid = new ArrayList<>();

    @Option(
            names = "--share",
            paramLabel = "SHARE",
            description = "With --amid, the share of all characters that problems get.")
    private double share = 0.1;

    @Mixin
    private TextFieldOption field = new TextFieldOption();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the problems.")
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
