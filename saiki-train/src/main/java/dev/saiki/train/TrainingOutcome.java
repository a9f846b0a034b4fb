package dev.saiki.train;

import java.nio.file.Path;
import java.util.Optional;

/// The outcome of a run.
///
/// @param reason the reason why the run ended
/// @param step the number of steps taken
/// @param totalSteps the number of steps of the whole run
/// @param tokensSeen the number of tokens trained on
/// @param validation the last validation of this session; empty if there was none
/// @param before the loss of the model that the run started from; empty if that model was not validated at full
///     depth
/// @param last the checkpoint of the last weights
/// @param best the checkpoint with the lowest validation loss; empty if there was no validation yet, or none
///     improved on the starting model
public record TrainingOutcome(
        Reason reason,
        long step,
        long totalSteps,
        long tokensSeen,
        Optional<ValidationReport> validation,
        Optional<Before> before,
        Path last,
        Optional<Path> best) {

    /// The held-out loss of the model before training.
    ///
    /// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
    /// @param isBest whether the run has validated and never improved on this loss
    public record Before(double crossEntropyLoss, boolean isBest) {}

    /// The reason why a run ended.
    public enum Reason {
        /// All steps were taken, or the loss stopped improving.
        COMPLETED,
        /// A stop was requested; the state is saved and the run can resume.
        STOPPED
    }
}
