package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;

/// The limits on the gateway's memory.
///
/// @param bodyBytes longest body of a request
/// @param answerBytes longest answer that is compared
/// @param mirrored maximum number of concurrent mirrored requests
/// @param queued maximum number of queued mirrored requests; further requests are not compared
/// @param requestBytes most bytes of all bodies in memory; further requests are refused
/// @param mirroredBytes most bytes in memory of requests and answers that are compared; what exceeds it is not
///     compared
public record TrafficLimits(
        int bodyBytes, int answerBytes, int mirrored, int queued, long requestBytes, long mirroredBytes) {

    /// The part of the heap that the bodies may fill, and the compared requests and answers too. It is small, because
    /// each body also exists parsed, rewritten and as it is sent.
    private static final int PART_OF_HEAP = 16;

    private static final int LONGEST = 1 << 24;

    /// The defaults: 16 MiB for a request and for an answer, 32 concurrent mirrored requests, 256 queued ones, and a
    /// sixteenth of the heap for all requests, and for all comparisons. At least one longest request fits, or one
    /// comparison, so that an answer that is too long counts as a failure and not as a lack of memory.
    public static final TrafficLimits DEFAULT =
            new TrafficLimits(LONGEST, LONGEST, 32, 256, partOfHeap(LONGEST), partOfHeap(3L * LONGEST));

    /// Validates the numbers.
    ///
    /// @throws InputException naming the allowed and the actual value
    public TrafficLimits {
        InputException.require(
                Math.min(Math.min(bodyBytes, answerBytes), Math.min(mirrored, queued)) >= 1 && mirroredBytes >= 1,
                "limits",
                "each",
                "at least 1",
                bodyBytes + ", " + answerBytes + ", " + mirrored + ", " + queued + ", " + mirroredBytes);
        String least = "at least body_bytes, which is " + bodyBytes;
        InputException.require(requestBytes >= bodyBytes, "limits", "request_bytes", least, requestBytes);
    }

    private static long partOfHeap(long least) {
        return Math.max(least, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }
}
