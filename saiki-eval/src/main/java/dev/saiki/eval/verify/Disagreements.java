package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Greedy;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Likeliest;
import dev.saiki.checkpoint.provenance.VerificationStatistics.PromptIds;
import dev.saiki.engine.settings.WeightFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The rules for judging a comparison.
public final class Disagreements {

    /// The tolerance if model and reference compute the same but add in different orders; models of all families
    /// stay within this tolerance of llama.cpp.
    private static final double FLOAT32 = 1e-3;

    /// The tolerance if weights and sums are rounded to 8 significant bits.
    private static final double BFLOAT16 = 0.5;

    /// The tolerance if weights are quantized to 8 bits, with scales.
    private static final double INT8 = 1;

    /// The tolerance if weights are quantized to 6 bits.
    private static final double INT6 = 2;

    /// The tolerance if weights are quantized to 4 bits.
    private static final double INT4 = 4;

    private Disagreements() {}

    /// Returns the default tolerance.
    ///
    /// @param weights number format of the weights during computation
    /// @return maximum difference of logits that counts as agreement
    public static double usualTolerance(WeightFormat weights) {
        return switch (weights) {
            case FLOAT32 -> FLOAT32;
            case BFLOAT16 -> BFLOAT16;
            case INT8 -> INT8;
            case INT6 -> INT6;
            case INT4 -> INT4;
        };
    }

    /// Lists the disagreements.
    ///
    /// @param statistics statistics of a comparison
    /// @param tolerance maximum difference of two scores that counts as agreement
    /// @return the disagreements, in sentences; empty if model and reference agree
    public static List<String> of(VerificationStatistics statistics, double tolerance) {
        List<String> found = new ArrayList<>();
        if (statistics.notFinite() > 0) {
            found.add("the model's logits are not finite at " + statistics.notFinite() + " positions");
        }
        statistics
                .differences()
                .filter(known -> !(known.largest() <= tolerance))
                .ifPresent(known -> {
                    found.add(String.format(
                            Locale.ROOT,
                            "the largest difference is %.3g; the tolerance is %.3g",
                            known.largest(),
                            tolerance));
                });
        Likeliest likeliest = statistics.likeliest();
        if (likeliest.equal() < likeliest.clear()) {
            found.add("the most likely token differs at " + (likeliest.clear() - likeliest.equal()) + " of "
                    + likeliest.clear() + " positions with a clear winner");
        }
        Greedy greedy = statistics.greedy();
        if (greedy.clear() > 0) {
            found.add(greedy.clear() + " of " + greedy.tokens() + " greedy tokens differ clearly");
        }
        if (greedy.otherTexts() > 0) {
            found.add("the same tokens decode to different text in " + greedy.otherTexts() + " continuations"
                    + first(greedy.firstOtherText()));
        }
        PromptIds ids = statistics.promptIds();
        if (ids.other() > 0) {
            found.add("the token ids of " + ids.other() + " prompts differ");
        }
        return found;
    }

    /// Prompt numbers start at 0 in the statistics, and at 1 in messages.
    private static String first(Optional<Integer> prompt) {
        return prompt.map(number -> ", first for prompt " + (number + 1)).orElse("");
    }
}
