package dev.saiki.cli.evaluation;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.eval.weights.WeightResult;
import java.io.PrintStream;
import java.util.List;

/// A table of what number formats of weights cost and save.
record WeightTable(PrintStream out) {

    private static final String ROW = "%-10s %9s %9s %10s %22s %8s %8s %9s%n";

    void print(List<WeightResult> results) {
        out.printf(ROW, "weights", "size", "loss", "to float32", "95 % interval", "token", "depth", "tokens/s");
        for (WeightResult result : results) {
            out.printf(
                    ROW,
                    result.format(),
                    NumberFormats.bytes(result.bytes()),
                    NumberFormats.text("%.4f", result.nll()),
                    NumberFormats.text("%+.4f", result.change().mean()),
                    NumberFormats.text(
                            "%+.4f to %+.4f",
                            result.change().low(), result.change().high()),
                    percent(result.otherTokens()),
                    percent(result.otherDepths()),
                    Double.isNaN(result.tokensPerSecond())
                            ? "-"
                            : NumberFormats.text("%.0f", result.tokensPerSecond()));
        }
        out.println("token, depth: share of positions whose likeliest token, or depth, differs from float32");
        out.println("tokens/s: decoding speed of a single sequence");
    }

    private static String percent(double share) {
        return NumberFormats.text("%.2f %%", 100 * share);
    }
}
