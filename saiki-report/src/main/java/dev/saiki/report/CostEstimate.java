package dev.saiki.report;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.CostedModel;

/// The costs that follow from a model's figures at a price; NaN where a figure is missing.
///
/// The script of the page reckons the same when the reader changes the price; a test in a browser compares the two.
///
/// @param perMillion price of a million written tokens
/// @param perMillionLow the same at the fastest round
/// @param perMillionHigh the same at the slowest round
/// @param bytesPerUser bytes of keys and values that one user's texts hold
/// @param usersPerGib users whose texts fit into 2^30 bytes
/// @param breakEven when its training is paid back by writing cheaper than the model it is compared with
record CostEstimate(
        double perMillion,
        double perMillionLow,
        double perMillionHigh,
        double bytesPerUser,
        double usersPerGib,
        BreakEven breakEven) {

    private static final double SECONDS_PER_HOUR = 3600;
    private static final double MILLION = 1e6;
    private static final double GIB = 1L << 30;

    /// The point at which a training has paid for itself.
    ///
    /// @param state what can be said
    /// @param tokens tokens written by then; NaN in every other state than {@link State#AFTER}
    record BreakEven(State state, double tokens) {}

    /// The kind of answer to when a training has paid for itself.
    enum State {
        /// It is the model that the others are compared with.
        BASELINE,
        /// A speed or the training time was not measured.
        NOT_MEASURED,
        /// The rounds of the two models overlap, so nobody knows which is faster.
        UNDECIDED,
        /// It writes no faster.
        NEVER,
        /// After so many tokens.
        AFTER
    }

    /// Reckons.
    ///
    /// @param model the model
    /// @param baseline the model it is compared with
    /// @param price price of an hour of the machine
    /// @param tokensPerUser tokens that a user's texts hold
    static CostEstimate of(CostedModel model, CostedModel baseline, double price, long tokensPerUser) {
        double perSecond = price / SECONDS_PER_HOUR * MILLION;
        double bytes = model.cacheBytesPerToken() * tokensPerUser;
        return new CostEstimate(
                perSecond / model.tokensPerSecond(),
                perSecond / model.fastest(),
                perSecond / model.slowest(),
                bytes,
                Math.floor(GIB / bytes),
                breakEven(model, baseline));
    }

    private static BreakEven breakEven(CostedModel model, CostedModel baseline) {
        if (model.equals(baseline)) {
            return new BreakEven(State.BASELINE, Double.NaN);
        }
        double saved = 1 / baseline.tokensPerSecond() - 1 / model.tokensPerSecond();
        if (!Double.isFinite(saved) || !Double.isFinite(model.trainingSeconds())) {
            return new BreakEven(State.NOT_MEASURED, Double.NaN);
        }
        if (model.slowest() > baseline.fastest()) {
            return new BreakEven(State.AFTER, model.trainingSeconds() / saved);
        }
        return new BreakEven(model.fastest() < baseline.slowest() ? State.NEVER : State.UNDECIDED, Double.NaN);
    }

    /// Writes the price of a million tokens, with that of the fastest and the slowest round.
    String perMillionText(Messages messages) {
        return Double.isFinite(perMillion)
                ? messages.format(
                        "costs.spread",
                        "value",
                        Numbers.significant(perMillion),
                        "low",
                        Numbers.significant(perMillionLow),
                        "high",
                        Numbers.significant(perMillionHigh))
                : messages.format("costs.notMeasured");
    }

    /// Writes the memory of one user.
    String userText(Messages messages) {
        return Double.isFinite(bytesPerUser)
                ? Numbers.significant(bytesPerUser / (1 << 20)) + " MiB"
                : messages.format("costs.notMeasured");
    }

    /// Writes how many users fit.
    String usersText(Messages messages) {
        return Double.isFinite(usersPerGib) ? Numbers.fixed(usersPerGib, 0) : messages.format("costs.notMeasured");
    }

    /// Writes when the training is paid back.
    String breakEvenText(Messages messages) {
        return switch (breakEven.state()) {
            case BASELINE -> "–";
            case NOT_MEASURED -> messages.format("costs.notMeasured");
            case UNDECIDED -> messages.format("costs.undecided");
            case NEVER -> messages.format("costs.never");
            case AFTER -> messages.format("costs.after", "tokens", Numbers.metric(breakEven.tokens()));
        };
    }
}
