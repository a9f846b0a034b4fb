package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;

/// The limits on the gateway's memory.
///
/// @param bodyBytes longest body of a request
/// @param answerBytes longest answer that is compared
/// @param mirrored maximum number of concurrent mirrored requests
/// @param queued maximum number of queued mirrored requests; further requests are not compared
public record TrafficLimits(int bodyBytes, int answerBytes, int mirrored, int queued) {

    /// The defaults: 16 MiB for a request and for an answer, 32 concurrent mirrored requests, 256 queued ones.
    public static final TrafficLimits DEFAULT = new TrafficLimits(1 << 24, 1 << 24, 32, 256);

    /// Validates the numbers.
    ///
    /// @throws InputException naming the allowed and the actual value
    public TrafficLimits {
        if (Math.min(Math.min(bodyBytes, answerBytes), Math.min(mirrored, queued)) < 1) {
            throw InputException.of(
                    "limits", "each", "at least 1", bodyBytes + ", " + answerBytes + ", " + mirrored + ", " + queued);
        }
    }
}
