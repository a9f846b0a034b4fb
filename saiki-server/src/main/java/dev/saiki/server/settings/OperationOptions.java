package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/// The options of operation: load shedding, reloading, rescoring, readiness and warm-up.
///
/// @param shedding the options of load shedding, which lowers the depth of requests under load; empty to shed
///     nothing
/// @param reload the source of other checkpoints; empty to disallow reloading
/// @param rescoring the share of the answers that are scored again at full depth in idle time
/// @param effortEvidence the folder for the evidence about certified efforts; empty for each model's own folder
/// @param unreadyFrom the fill level of the queue at which the server starts to report that it is not ready;
///     empty to ignore the queue
/// @param warmUp the longest warm-up before the server reports that it is ready; zero for no warm-up
public record OperationOptions(
        Optional<SheddingOptions> shedding,
        Optional<ReloadOptions> reload,
        double rescoring,
        Optional<Path> effortEvidence,
        OptionalDouble unreadyFrom,
        Duration warmUp) {

    /// Checks share and time.
    ///
    /// @throws InputException naming the option, the allowed values and the given one
    public OperationOptions {
        InputException.require(
                rescoring >= 0 && rescoring <= 1, "the share of answers to rescore", "from 0 to 1", rescoring);
        unreadyFrom.ifPresent(share -> {
            if (!(share > 0 && share <= 1)) {
                throw new InputException(
                        "the share of the queue at which a server stops being ready must be above 0 and"
                                + " at most 1, got " + share);
            }
        });
        if (warmUp.isNegative()) {
            throw new InputException("the warm-up time must not be negative, got " + warmUp);
        }
    }
}
