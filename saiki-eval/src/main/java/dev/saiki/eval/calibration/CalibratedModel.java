package dev.saiki.eval.calibration;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.List;
import java.util.Map;

/// The result of a calibration: the model with new thresholds, and their effect.
///
/// @param config the configuration, with the new target shares and, for expert choice, the new thresholds
/// @param replaced the tensors that the calibration changed
/// @param calibration the entry in the manifest
/// @param depthShares share of held-out tokens at each depth, from 1, at the model's default effort, if it has
///     efforts
public record CalibratedModel(
        ModelConfig config, Map<String, StoredTensor> replaced, Calibration calibration, List<Double> depthShares) {

    /// The maximum distance of a share from its target.
    public static final double TOLERANCE = 0.02;

    /// Copies the collections.
    public CalibratedModel {
        replaced = Map.copyOf(replaced);
        depthShares = List.copyOf(depthShares);
    }

    /// The steps whose share of held-out tokens, with the new thresholds, misses the target.
    ///
    /// @return the steps whose share misses its target by more than {@value #TOLERANCE}
    public List<Calibration.Step> missed() {
        return calibration.steps().stream()
                .filter(step -> Math.abs(step.shareAfter() - step.asked()) > TOLERANCE)
                .toList();
    }
}
