package dev.saiki.cli.model;

import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.settings.RouteSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of commands that generate text: sampling and depth.
public final class WritingOptions {

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Sampling temperature; 0 always takes the likeliest token.")
    private double temperature = 0.8;

    @Option(names = "--top-k", paramLabel = "K", description = "Sample from the K likeliest tokens; 0 means all.")
    private int topK = 0;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Sample from the likeliest tokens with total probability P.")
    private double topP = 1;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the sampling; the same seed gives the same text.")
    private long seed = 0;

    @Option(names = "--effort", paramLabel = "E", description = LoadedModel.EFFORT)
    private @Nullable Double effort;

    @Option(names = "--min-depth", paramLabel = "N", description = "Minimum recursions of a token.")
    private int minDepth = 1;

    @Option(names = "--max-depth", paramLabel = "N", description = "Maximum recursions of a token (default: no limit).")
    private @Nullable Integer maxDepth;

    @Option(
            names = "--allow-broken-utf8",
            description = "Allow tokens that break a character, shown as U+FFFD (default: only tokens that keep the "
                    + "text valid UTF-8).")
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
        RouteSettings.Builder route = RouteSettings.builder().minDepth(minDepth);
        if (maxDepth != null) {
            route.maxDepth(maxDepth);
        }
        if (effort != null) {
            route.effort(effort);
        }
        return route.build();
    }
}
