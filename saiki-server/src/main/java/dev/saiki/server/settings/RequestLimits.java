package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The limits on a single request.
///
/// @param bodyBytes longest body, in bytes
/// @param choices most answers to one request: its prompts, times `n`
/// @param answerTokens most tokens that all answers to one request may have together, since all are held
///     until they are sent: those that repeat prompts count, and those that are named in place of each
/// @param answerTime longest time that an answer may take, waiting included
public record RequestLimits(int bodyBytes, int choices, long answerTokens, Duration answerTime) {

    /// Tokens that are inspected, at most: they go through the model one at a time.
    public static final int INSPECTED_TOKENS = 512;

    /// Four mebibytes, 128 answers, a million tokens (2^20), ten minutes.
    public static final RequestLimits DEFAULT = new RequestLimits(1 << 22, 128, 1 << 20, Duration.ofMinutes(10));

    private static final int GREATEST_BODY = 1 << 28;

    /// Checks every limit.
    ///
    /// @throws InputException naming the limit, what is allowed, and what was got
    public RequestLimits {
        if (bodyBytes < 1 || bodyBytes > GREATEST_BODY) {
            throw new InputException("the limit on a body must be from 1 to " + GREATEST_BODY + ", got " + bodyBytes);
        }
        if (choices < 1) {
            throw new InputException("the limit on choices must be at least 1, got " + choices);
        }
        if (answerTokens < 1) {
            throw new InputException(
                    "the limit on the tokens of a request's answers must be at least 1, got " + answerTokens);
        }
        if (!answerTime.isPositive()) {
            throw new InputException("the time limit of a request must be positive, got " + answerTime);
        }
    }
}
