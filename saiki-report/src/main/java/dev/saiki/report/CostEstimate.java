package dev.saiki.report;

import dev.saiki.report.ReportSection.CostedModel;

/// The costs that follow from a model's figures at a price; a cost is NaN if a figure is missing.
///
/// The page's script repeats this computation when the reader changes the price; a browser test compares the
/// script's results with these.
///
/// @param perMillion price per million generated tokens
/// @param perMillionLow price per million generated tokens at the speed of the fastest round
/// @param perMillionHigh price per million generated tokens at the speed of the slowest round
/// @param bytesPerUser bytes of keys and values for the texts of one user
/// @param usersPerGib number of users whose texts fit into 2^30 bytes
/// @param breakEven the point at which cheaper generation, compared with the baseline, has paid for the
///     training
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

    /// The point at which a model's savings have paid for its training.
    ///
    /// @param state kind of the result
    /// @param tokens number of generated tokens at that point; NaN unless the state is {@link State#AFTER}
    record BreakEven(State state, double tokens) {}

    /// The kind of break-even result.
    enum State {
        /// The model is the baseline itself.
        BASELINE,
        /// A speed or the training time was not measured.
        NOT_MEASURED,
        /// The speed ranges of the two models overlap, so it is unknown which model is faster.
        UNDECIDED,
        /// The model generates more slowly than the baseline.
        NEVER,
        /// The savings have paid for the training after {@link BreakEven#tokens} tokens.
        AFTER
    }

    /// Computes the costs.
    ///
    /// @param model the model
    /// @param baseline the model to compare with
    /// @param price machine price per hour
    /// @param tokensPerUser number of tokens in a user's texts
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
}
