package dev.saiki.checkpoint.provenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// A calibration, in which a router's thresholds are fitted to target shares of a text's tokens. Shares and
/// losses were measured on parts of the text to which the thresholds were not fitted.
///
/// @param calibrated the time of the calibration, to the second
/// @param saikiVersion version of Saiki that fitted the thresholds
/// @param from content hash of the model before calibration
/// @param text the text for fitting and measuring
/// @param steps the fit of each threshold, by effort and step
/// @param losses the loss at each effort
public record Calibration(
        Instant calibrated, String saikiVersion, String from, Text text, List<Step> steps, List<Loss> losses) {

    /// Truncates the time to seconds and copies the lists.
    public Calibration {
        calibrated = calibrated.truncatedTo(ChronoUnit.SECONDS);
        steps = List.copyOf(steps);
        losses = List.copyOf(losses);
    }

    /// The text of a calibration.
    ///
    /// @param name the source of the text
    /// @param sha256 SHA-256 of the text's documents, separated by a zero byte
    /// @param documents the number of the text's documents
    /// @param fitTokens number of tokens that thresholds were fitted to
    /// @param heldOutTokens number of tokens in the parts on which shares and losses were measured
    /// @param parts the unit of the split: `documents` or `windows`
    public record Text(String name, String sha256, long documents, long fitTokens, long heldOutTokens, String parts) {}

    /// The fit of one threshold.
    ///
    /// @param effort the effort, such as `0.5`; empty for a router without efforts
    /// @param step the recursion step, from 1
    /// @param asked target share of the previous step's tokens that take this step
    /// @param shareBefore share with the old thresholds
    /// @param shareAfter share with the new thresholds
    /// @param thresholdBefore the old threshold
    /// @param thresholdAfter the new threshold
    public record Step(
            String effort,
            int step,
            double asked,
            double shareBefore,
            double shareAfter,
            double thresholdBefore,
            double thresholdAfter) {}

    /// The loss at an effort, in nats per token.
    ///
    /// @param effort the effort; empty for a router without efforts
    /// @param before the loss with the old thresholds
    /// @param after the loss with the new thresholds
    /// @param difference the loss after minus the loss before, paired
    public record Loss(String effort, Bounded before, Bounded after, Bounded difference) {}

    /// A mean with its 95 % interval.
    ///
    /// @param mean the mean
    /// @param low lower end
    /// @param high upper end
    public record Bounded(double mean, double low, double high) {}
}
