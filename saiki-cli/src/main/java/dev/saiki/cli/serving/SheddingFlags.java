package dev.saiki.cli.serving;

import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.settings.SheddingOptions;
import picocli.CommandLine.Option;

/// The options of how a server spends depth under load, and measures what that costs.
final class SheddingFlags {

    @Option(
            names = "--shed-floor",
            paramLabel = "F",
            description = "While many wait, new requests that say nothing about depth get less of it, step by step down"
                    + " to this effort, or this share of the recursions where there is no such dial; 1 sheds nothing"
                    + " (default: 0.5).")
    private double shedFloor = 0.5;

    @Option(
            names = "--shed-from",
            paramLabel = "F",
            description = "How full the queue of --max-waiting is when that begins, from 0 to 1 (default: 0.25).")
    private double shedFrom = 0.25;

    @Option(
            names = "--rescore-fraction",
            paramLabel = "F",
            description = "Share of the answers that are scored again at full depth when nobody waits, to measure what"
                    + " the router's savings cost; 0 for none (default: 0.01).")
    private double rescoreFraction = 0.01;

    /// Adds what was chosen.
    void addTo(ServerOptions.Builder options) {
        options.shedding(new SheddingOptions(shedFloor, shedFrom)).rescoring(rescoreFraction);
    }
}
