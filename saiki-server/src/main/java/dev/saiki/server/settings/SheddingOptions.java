package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The options of load shedding, which lowers depth under load instead of refusing requests.
///
/// @param floor the effort at the highest level of shedding, for models with an effort control; for other
///     models, the share of the recursions that stays allowed. 1 sheds nothing
/// @param from the fill level of the queue, from 0 to 1, at which shedding starts
/// @param targetFirstToken the longest acceptable wait for a first token. Shedding starts when a request has
///     waited for half of that time, and reaches the floor before a request has waited for all of it; zero
///     considers only the queue
public record SheddingOptions(double floor, double from, Duration targetFirstToken) {

    /// The defaults: the floor is 0.5, and shedding starts when a quarter of the queue is full, or when a
    /// request has waited a second for its first token.
    public static final SheddingOptions DEFAULT = new SheddingOptions(0.5, 0.25, Duration.ofSeconds(2));

    /// Checks every option.
    ///
    /// @throws InputException naming the option, the allowed values and the given one
    public SheddingOptions {
        InputException.require(floor > 0 && floor <= 1, "the floor of load shedding", "above 0 and at most 1", floor);
        if (!(from >= 0 && from < 1)) {
            throw new InputException("load shedding must begin at a share of the queue from 0 to below 1, got " + from);
        }
        if (targetFirstToken.isNegative()) {
            throw new InputException(
                    "the target time to the first token must not be negative, got " + targetFirstToken);
        }
    }
}
