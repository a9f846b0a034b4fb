package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// A finished training and the measurements of its last checkpoint.
///
/// @param id the name of the run, and of its folder under `runs/`
/// @param purpose purpose of the run
/// @param family name of the model's family
/// @param size name of the model's size
/// @param budget the planned length, in the unit of the study
/// @param seed determines initial weights, the order of the rows and random routing
/// @param learningRate peak learning rate
/// @param checkpoint folder of the run's checkpoint, relative to the study's folder; the checkpoint may have been
///     removed
/// @param recipe the run's resolved recipe as YAML, without the paths of data and states
/// @param model summary of the model
/// @param training summary of the training
/// @param tuningNll loss on the tuning documents, with causal routing
/// @param measurements the evaluations of the plan that apply to the model; the first is the held-out loss
///     with causal routing
/// @param gains the gains of the model's recursions for single tokens; absent if the plan does not ask for
///     them, or the model has no recursions
public record RunResult(
        String id,
        RunPurpose purpose,
        String family,
        String size,
        double budget,
        long seed,
        double learningRate,
        String checkpoint,
        String recipe,
        ModelSummary model,
        TrainingSummary training,
        double tuningNll,
        List<Measurement> measurements,
        Optional<MeasuredGains> gains) {
    /// Copies the list.
    public RunResult {
        measurements = List.copyOf(measurements);
    }

    /// Returns the measurement with causal routing: the held-out loss, depths and costs.
    ///
    /// @return the first of the measurements
    public Measurement heldOut() {
        return measurements.getFirst();
    }

    /// Returns the same run with other measurements.
    ///
    /// @param onTuning loss on the tuning documents
    /// @param fresh the evaluations of the plan that apply to the model
    /// @param freshGains the gains of the model's recursions
    /// @return the run
    public RunResult measured(double onTuning, List<Measurement> fresh, Optional<MeasuredGains> freshGains) {
        return new RunResult(
                id,
                purpose,
                family,
                size,
                budget,
                seed,
                learningRate,
                checkpoint,
                recipe,
                model,
                training,
                onTuning,
                fresh,
                freshGains);
    }

    /// Finds a measurement.
    ///
    /// @param evaluation name of the evaluation
    /// @return the measurement; empty if the evaluation does not apply to the model
    public Optional<Measurement> measurement(String evaluation) {
        return measurements.stream()
                .filter(measurement -> measurement.name().equals(evaluation))
                .findFirst();
    }
}
