package dev.saiki.cli.bench;

import dev.saiki.cli.model.EngineCapacityFlags;
import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that all measurements of the engine share.
final class BenchOptions {

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Option(
            names = "--sequences",
            paramLabel = "N",
            split = ",",
            description = "Number of sequences decoded together; several numbers are tried in turn (default: 1).")
    private List<Integer> sequences = List.of(1);

    @Option(names = "--prompt-tokens", paramLabel = "N", description = "Length of each prompt in tokens.")
    private int promptTokens = 64;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Number of measured rounds, after one warm-up round; the median is shown.")
    private int rounds = 3;

    @Option(
            names = "--depth-shares",
            paramLabel = "SHARE",
            split = ",",
            description = "Force these shares of the tokens to depths 1, 2 and so on, such as 0.5,0.5; for models with"
                    + " random weights, whose router is meaningless. Sequences go deep independently of each other"
                    + " (default: the router decides).")
    private @Nullable List<Double> depthShares;

    /// Accepts the shares of depths under the option's earlier name.
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

    @Option(names = "--cache-mib", paramLabel = "N", description = "Memory for cached keys and values in MiB.")
    private int cacheMib = 1024;

    @Option(names = "--json", description = "Print JSON Lines, one object per measurement, and nothing else.")
    private boolean json;

    Path model() {
        return model;
    }

    EngineFlags engine() {
        return engine;
    }

    List<Integer> sequences() {
        sequences.forEach(count -> EngineCapacityFlags.positive("--sequences", count));
        return sequences;
    }

    int promptTokens() {
        return EngineCapacityFlags.positive("--prompt-tokens", promptTokens);
    }

    int rounds() {
        return EngineCapacityFlags.positive("--rounds", rounds);
    }

    long cacheBytes() {
        return (long) EngineCapacityFlags.positive("--cache-mib", cacheMib) << 20;
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
            return List.of(DepthAssignment.ROUTED);
        }
        DepthAssignment ragged = new DepthAssignment(DepthAssignment.Kind.RAGGED, depthShares);
        return alignedDepths
                ? List.of(ragged, new DepthAssignment(DepthAssignment.Kind.ALIGNED, depthShares))
                : List.of(ragged);
    }
}
