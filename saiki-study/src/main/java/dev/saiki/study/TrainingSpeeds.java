package dev.saiki.study;

import dev.saiki.study.results.RunResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The training speeds of a study's models on this machine, from which the remaining time is estimated.
///
/// @param tokensPerSecond training tokens per second, by family and size
/// @param flopsPerSecond forward FLOPs per second to assume for models that were not timed; 0 if no model was
///     timed
record TrainingSpeeds(Map<ModelKey, Double> tokensPerSecond, double flopsPerSecond) {

    /// The properties of a model that determine its speed.
    ///
    /// @param family name of the model's family
    /// @param size name of the model's size
    record ModelKey(String family, String size) {}

    /// Records the speeds of finished runs.
    static TrainingSpeeds of(List<RunResult> runs) {
        Map<ModelKey, Double> speeds = new HashMap<>();
        double flops = 0;
        double seconds = 0;
        for (RunResult run : runs) {
            if (run.training().tokensPerSecond() > 0) {
                speeds.put(
                        new ModelKey(run.family(), run.size()), run.training().tokensPerSecond());
                flops += run.model().forwardFlopsPerToken();
                seconds += 1 / run.training().tokensPerSecond();
            }
        }
        return new TrainingSpeeds(speeds, seconds == 0 ? 0 : flops / seconds);
    }

    /// Estimates the duration of some trainings, without the steps that they take over from a trunk.
    ///
    /// @param runs the trainings
    /// @return seconds; empty if no speed is known
    Optional<Double> seconds(List<PlannedRun> runs) {
        return flopsPerSecond == 0
                ? Optional.empty()
                : Optional.of(runs.stream().mapToDouble(this::seconds).sum());
    }

    /// Estimates the duration of a training, where only its own steps count.
    double seconds(PlannedRun run) {
        Double speed = tokensPerSecond.get(new ModelKey(run.family(), run.size()));
        double perToken = speed != null ? 1 / speed : run.recipe().forwardFlopsPerToken() / flopsPerSecond;
        return run.ownTokens() * perToken;
    }
}
