package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The options of load shedding, which lowers depth under load instead of refusing requests.
///
/// @param floor least that is left at the fullest: the effort of models that have this dial, and of others the share of
///     the recursions that a token may take; 1 sheds nothing
/// @param from how full the queue is, from 0 to 1, when it begins
/// @param targetFirstToken longest that a request should wait for its first token: it begins when one has waited for
///     half of that, and is at the floor when one has waited for all of it; zero looks at the queue alone
public record SheddingOptions(double floor, double from, Duration targetFirstToken) {

    /// Down to half, from a quarter of the queue on, or when a first token takes longer than a second.
    public static final SheddingOptions DEFAULT = new SheddingOptions(0.5, 0.25, Duration.ofSeconds(2));

    /// Checks all of them.
    ///
    /// @throws InputException naming the option, what is allowed, and what was got
    public SheddingOptions {
        if (!(floor > 0 && floor <= 1)) {
            throw new InputException("the floor of load shedding must be in (0, 1], got " + floor);
        }
        if (!(from >= 0 && from < 1)) {
            throw new InputException("load shedding must begin at a share of the queue in [0, 1), got " + from);
        }
        if (targetFirstToken.isNegative()) {
            throw new InputException(
                    "the target time to the first token must not be negative, got " + targetFirstToken);
        }
    }

    /// Looks at the queue alone.
    ///
    /// @param floor least that is left at the fullest
    /// @param from how full the queue is when it begins
    public SheddingOptions(double floor, double from) {
        this(floor, from, Duration.ZERO);
    }
}
