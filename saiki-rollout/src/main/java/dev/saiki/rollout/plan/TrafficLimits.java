package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;

/// The limits on what the gateway holds in memory.
///
/// @param bodyBytes longest body of a request
/// @param answerBytes longest answer that is compared, and longest one that is not streamed
/// @param mirrored most requests that are asked of the other side at the same time
/// @param queued most requests that wait for that; more are not compared
public record TrafficLimits(int bodyBytes, int answerBytes, int mirrored, int queued) {

    /// Sixteen mebibytes both, 32 at the same time, 256 in wait.
    public static final TrafficLimits DEFAULT = new TrafficLimits(1 << 24, 1 << 24, 32, 256);

    /// Checks the numbers.
    ///
    /// @throws InputException naming what is allowed, and what was got
    public TrafficLimits {
        if (Math.min(Math.min(bodyBytes, answerBytes), Math.min(mirrored, queued)) < 1) {
            throw InputException.of(
                    "limits", "each", "at least 1", bodyBytes + ", " + answerBytes + ", " + mirrored + ", " + queued);
        }
    }
}
