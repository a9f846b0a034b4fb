package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The options of the router's circuit breaker: when an engine stops trusting its router and sends every token to
/// the reference depth instead.
///
/// @param windowTokens number of an owner's latest tokens whose depths are judged together; the tokens come
///     from distinct prompts and their answers, and one prompt fills at most a sixteenth of the window
/// @param driftLimit maximum distance between the depths in the window and those in training, in (0, 1]: half
///     the sum of the absolute differences between the shares of tokens at each depth (total variation)
/// @param coolDown time during which every token takes the reference depth before the router is judged again
public record BreakerOptions(int windowTokens, double driftLimit, Duration coolDown) {

    /// The default options: a window of 2048 tokens, a drift limit of one half, and a cool-down of half a minute.
    public static final BreakerOptions DEFAULT = new BreakerOptions(2048, 0.5, Duration.ofSeconds(30));

    private static final int MIN_TOKENS = 32;

    /// Checks every option.
    ///
    /// @throws InputException naming the option, the allowed values, and the given value
    public BreakerOptions {
        InputException.require(
                windowTokens >= MIN_TOKENS, "the breaker's window", "at least " + MIN_TOKENS + " tokens", windowTokens);
        InputException.require(driftLimit > 0 && driftLimit <= 1, "the breaker's drift limit", "in (0, 1]", driftLimit);
        InputException.require(!coolDown.isNegative(), "the breaker's cool-down must not be negative, got " + coolDown);
    }
}
