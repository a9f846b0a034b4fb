package dev.saiki.cli.model;

import dev.saiki.chat.GenerationSettings;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.settings.RouteSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of commands that generate text: sampling and depth.
public final class WritingOptions {

    @Option(names = "--temperature", paramLabel = "T")
    private double temperature = 0.8;

    @Option(names = "--top-k", paramLabel = "K")
    private int topK = 0;

    @Option(names = "--top-p", paramLabel = "P")
    private double topP = 1;

    @Option(names = "--seed", paramLabel = "N")
    private long seed = 0;

    @Option(names = "--effort", paramLabel = "E")
    private @Nullable Double effort;

    @Option(names = "--min-depth", paramLabel = "N")
    private int minDepth = 1;

    @Option(names = "--max-depth", paramLabel = "N")
    private @Nullable Integer maxDepth;

    @Option(names = "--allow-broken-utf8")
    private boolean allowBrokenUtf8;

    public SamplingSettings sampling() {
        return new SamplingSettings(temperature, topK, topP, 0);
    }

    public long seed() {
        return seed;
    }

    public boolean wholeUtf8() {
        return !allowBrokenUtf8;
    }

    /// Whether no option restricts the depth of tokens.
    boolean isRouteOpen() {
        return effort == null && maxDepth == null && minDepth == 1;
    }

    public RouteSettings route() {
        return new GenerationSettings(effort, minDepth, maxDepth, null).route();
    }
}
