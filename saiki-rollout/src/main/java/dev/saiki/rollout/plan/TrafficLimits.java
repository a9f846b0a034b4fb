package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;

/// The limits on memory held by the gateway.
///
/// @param bodyBytes longest body of a request
/// @param answerBytes longest answer that is compared
/// @param mirrored largest number of concurrent mirrored requests
/// @param queued largest number of queued mirrored requests; further ones are not compared
public record TrafficLimits(int bodyBytes, int answerBytes, int mirrored, int queued) {

    /// Sixteen mebibytes each, 32 concurrent requests, 256 in the queue.
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
