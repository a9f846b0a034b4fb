package dev.saiki.cli.bench;

import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options shared by the measurements of the engine.
final class BenchOptions {

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Option(
            names = "--sequences",
            paramLabel = "N",
            split = ",",
            defaultValue = "1",
            description = "Number of sequences decoded together; several numbers are measured in turn (default: 1).")
    private List<Integer> sequences = List.of(1);

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Tokens of each prompt (default: 64).")
    private int promptTokens;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Measured rounds after one to warm up; the median is shown (default: 3).")
    private int rounds;

    @Option(
            names = "--depth-shares",
            paramLabel = "SHARE",
            split = ",",
            description = "Force this share of the tokens to each depth, from 1, as 0.5,0.5: for random weights, whose"
                    + " router says nothing. Sequences go deep independently of each other (default: the router"
                    + " decides).")
    private @Nullable List<Double> depthShares;

    /// Accepts the shares under the option's earlier name.
    @Option(names = "--depths", paramLabel = "SHARE", split = ",", hidden = true)
    void setDepths(List<Double> shares) {
        depthShares = shares;
    }

    @Option(
            names = "--aligned-depths",
            description = "Also measure with all sequences going deep at the same time, to show the cost of mixed "
                    + "depths (with --depth-shares).")
    private boolean alignedDepths;

    @Mixin
    private PromptTextOptions text = new PromptTextOptions();

    @Option(
            names = "--cache-mib",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Memory for cached keys and values in MiB (default: 1024).")
    private int cacheMib;

    @Option(names = "--json", description = "Print JSON Lines, one object a measurement, and nothing else.")
    private boolean json;

    Path model() {
        return model;
    }

    EngineFlags engine() {
        return engine;
    }

    List<Integer> sequences() {
        sequences.forEach(count -> requirePositive("--sequences", count));
        return sequences;
    }

    int promptTokens() {
        return requirePositive("--prompt-tokens", promptTokens);
    }

    int rounds() {
        return requirePositive("--rounds", rounds);
    }

    long cacheBytes() {
        return (long) requirePositive("--cache-mib", cacheMib) << 20;
    }

    boolean json() {
        return json;
    }

    PromptTextOptions text() {
        return text;
    }

    /// The depth assignments to be measured.
    List<DepthAssignment> depthChoices() {
        if (depthShares == null) {
            if (alignedDepths) {
                throw new InputException("--aligned-depths needs --depth-shares, got none; add it, such as"
                        + " --depth-shares 0.5,0.3,0.2");
            }
            return List.of(new DepthAssignment.Routed());
        }
        DepthAssignment ragged = new DepthAssignment.Ragged(depthShares);
        return alignedDepths ? List.of(ragged, new DepthAssignment.Aligned(depthShares)) : List.of(ragged);
    }

    static int requirePositive(String option, int value) {
        if (value < 1) {
            throw new InputException(option + " must be at least 1, got " + value);
        }
        return value;
    }
}
