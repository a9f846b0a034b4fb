package dev.saiki.evidence;

/// A time-uniform confidence interval for the mean of bounded numbers.
///
/// @param low lower bound on the mean
/// @param mean of the numbers so far
/// @param high upper bound on the mean
/// @param count number of observations
public record MeanInterval(double low, double mean, double high, long count) {

    /// Computes the interval.
    ///
    /// @param numbers in order of arrival, at least one
    /// @param least smallest possible number
    /// @param most largest possible number
    /// @param error probability that the interval is ever wrong, between 0 and 1
    /// @return the interval of their mean
    public static MeanInterval of(double[] numbers, double least, double most, double error) {
        if (numbers.length == 0) {
            throw new IllegalArgumentException("a mean needs a number");
        }
        MeanTracker up = new MeanTracker();
        MeanTracker down = new MeanTracker();
        double sum = 0;
        for (double number : numbers) {
            double share = (number - least) / (most - least);
            up.observe(share);
            down.observe(1 - share);
            sum += number;
        }
        double mean = Math.clamp(sum / numbers.length, least, most);
        return new MeanInterval(
                Math.min(mean, least + (most - least) * (1 - down.upper(error / 2))),
                mean,
                Math.max(mean, least + (most - least) * up.upper(error / 2)),
                numbers.length);
    }
}
