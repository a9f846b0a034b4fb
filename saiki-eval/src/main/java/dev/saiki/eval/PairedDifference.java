package dev.saiki.eval;

/// The difference of two models' losses on the same text, with its interval.
///
/// Both models find the same passages hard, so their difference within a piece of text varies far less than the
/// loss of either model. Pairing therefore detects differences that are smaller than the standard errors of the
/// two losses.
///
/// @param mean the first model's loss minus the second's, nats per token; negative if the first model is better
/// @param standardError standard error of the mean over clusters
/// @param low lower end of the interval
/// @param high upper end of the interval
/// @param unit the kind of independent piece of text
public record PairedDifference(double mean, double standardError, double low, double high, TextScore.Unit unit) {

    /// Computes the interval of a difference.
    ///
    /// @param difference the first model's loss minus the second's, over independent pieces of text
    /// @param unit the kind of the independent pieces
    /// @return the difference with its interval
    public static PairedDifference of(Estimate difference, TextScore.Unit unit) {
        Interval interval = Interval.of(difference);
        return new PairedDifference(
                difference.mean(), difference.standardError(), interval.low(), interval.high(), unit);
    }
}
