package dev.saiki.evidence;

/// A time-uniform confidence interval for the mean of bounded numbers.
///
/// @param low lower bound on the mean
/// @param mean the mean of the numbers so far
/// @param high upper bound on the mean
/// @param count number of observations
public record MeanInterval(double low, double mean, double high, long count) {

    /// Computes the interval.
    ///
    /// @param numbers the numbers in order of arrival, at least one
    /// @param min smallest possible number
    /// @param max largest possible number
    /// @param error probability that the interval is ever wrong, between 0 and 1
    /// @return the interval of the mean
    public static MeanInterval of(double[] numbers, double min, double max, double error) {
        if (numbers.length == 0) {
            throw new IllegalArgumentException("a mean needs at least one number");
        }
        MeanTracker up = new MeanTracker();
        MeanTracker down = new MeanTracker();
        double sum = 0;
        for (double number : numbers) {
            double share = (number - min) / (max - min);
            up.observe(share);
            down.observe(1 - share);
            sum += number;
        }
        double mean = Math.clamp(sum / numbers.length, min, max);
        return new MeanInterval(
                Math.min(mean, min + (max - min) * (1 - down.upper(error / 2))),
                mean,
                Math.max(mean, min + (max - min) * up.upper(error / 2)),
                numbers.length);
    }
}
