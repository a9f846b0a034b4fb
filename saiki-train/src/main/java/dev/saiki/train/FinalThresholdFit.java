package dev.saiki.train;

import dev.saiki.model.Continuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.ThresholdFit;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.recipe.Recipe;
import java.util.ArrayList;
import java.util.List;

/// The final fit of the expert thresholds to the trained weights, if the recipe requests a fit. The fit runs on
/// one thread, so that the result is bit-identical for any number of workers.
final class FinalThresholdFit {

    private FinalThresholdFit() {}

    /// Fits the thresholds on as many tokens as the recipe requests.
    ///
    /// @param weights the weights whose thresholds are replaced
    /// @param text the training rows that follow those of the last step
    static void run(Recipe recipe, ModelWeights weights, TrainingData.Rows text) {
        long tokens = recipe.schedule().calibrateTokens();
        if (tokens == 0) {
            return;
        }
        List<Continuation> rows = new ArrayList<>();
        for (long read = 0; read < tokens; read += rows.getLast().numRead()) {
            rows.add(new Continuation(text.next(1, 1).getFirst().ids()[0], 1));
        }
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            ThresholdFit fit = new ThresholdFit(
                    (asked, depths, step) ->
                            scorer.confidences(asked, ScoreOptions.CAUSAL.withForced(DepthOverrides.of(depths)), step),
                    rows);
            TorchRuntime.onOneThread(() -> {
                weights.routerThresholds().orElseThrow().fit(fit::thresholds);
                return true;
            });
        }
    }
}
