package dev.saiki.eval.audit;

import static dev.saiki.io.InputException.require;

import dev.saiki.io.InputException;

/// The settings of an audit.
///
/// @param windows maximum number of windows of text to route, spread evenly over the documents
/// @param samples number of tokens to intervene on, at most the number of tokens in the windows
/// @param seed seed of the random choice of tokens
/// @param effort effort setting of expert-threshold routing; NaN for the model's default
/// @param tolerance largest change of the loss, in nats, that counts as neither help nor hurt
/// @param share share of the tokens at a step that every ranking chooses, in (0, 1); NaN for the share that
///     the router chooses, or for {@link #SHARE_WITHOUT_ROUTER} if the model has no router
public record RouterAuditOptions(int windows, int samples, long seed, double effort, double tolerance, double share) {

    /// Default number of routed windows.
    public static final int DEFAULT_WINDOWS = 256;

    /// Default number of tokens to intervene on.
    public static final int DEFAULT_SAMPLES = 1024;

    /// The default tolerance, nats.
    public static final double DEFAULT_TOLERANCE = 0.01;

    /// The default share of the tokens at a step that rankings choose if the model has no router.
    public static final double SHARE_WITHOUT_ROUTER = 0.5;

    private static final int MAX_COUNT = 1_000_000;

    /// Checks the values.
    ///
    /// @throws InputException if a count is below 1 or above a million, the effort is 0 (which leaves nothing to
    ///     decide), the tolerance is negative, or the share is not between 0 and 1
    public RouterAuditOptions {
        requireCount("windows", windows);
        requireCount("samples", samples);
        require(effort != 0, "audit", "the effort", "above 0, since at 0 every token takes one pass", effort);
        if (!(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw InputException.of("audit", "the tolerance", "at least 0 nats", tolerance);
        }
        require(Double.isNaN(share) || (share > 0 && share < 1), "audit", "the share", "above 0 and below 1", share);
    }

    /// The default settings.
    ///
    /// @return the options
    public static RouterAuditOptions defaults() {
        return new RouterAuditOptions(DEFAULT_WINDOWS, DEFAULT_SAMPLES, 0, Double.NaN, DEFAULT_TOLERANCE, Double.NaN);
    }

    /// Sets the number of sampled tokens.
    ///
    /// @param number number of tokens to intervene on
    /// @return changed options
    public RouterAuditOptions withSamples(int number) {
        return new RouterAuditOptions(windows, number, seed, effort, tolerance, share);
    }

    private static void requireCount(String name, int value) {
        require(value >= 1 && value <= MAX_COUNT, "audit", "the number of " + name, "from 1 to " + MAX_COUNT, value);
    }
}
