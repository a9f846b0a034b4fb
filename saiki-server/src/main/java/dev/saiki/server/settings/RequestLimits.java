package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The limits on a single request.
///
/// @param bodyBytes the length of the longest body, in bytes
/// @param choices the largest number of answers to one request, which is the number of its prompts times `n`
/// @param answerTokens the largest total number of tokens in all answers to one request, including repeated
///     prompts and reported alternatives; limited because all answers are held in memory until they are sent
/// @param answerTime the time limit of an answer, including the wait in the queue
public record RequestLimits(int bodyBytes, int choices, long answerTokens, Duration answerTime) {

    /// The largest number of tokens of an inspection, which run through the model one at a time.
    public static final int INSPECTED_TOKENS = 512;

    /// The defaults: four mebibytes, 128 answers, 2^20 tokens, ten minutes.
    public static final RequestLimits DEFAULT = new RequestLimits(1 << 22, 128, 1 << 20, Duration.ofMinutes(10));

    private static final int MAX_BODY_BYTES = 1 << 28;

    /// Checks every limit.
    ///
    /// @throws InputException naming the limit, the allowed values and the given one
    public RequestLimits {
        if (bodyBytes < 1 || bodyBytes > MAX_BODY_BYTES) {
            throw new InputException(
                    "the limit on a body must be from 1 to " + MAX_BODY_BYTES + " bytes, got " + bodyBytes);
        }
        InputException.requireAtLeast("the limit on choices", choices, 1);
        InputException.requireAtLeast("the limit on the tokens of a request's answers", answerTokens, 1);
        InputException.require(answerTime.isPositive(), "the time limit of a request", "positive", answerTime);
    }
}
