package dev.saiki.evidence;

import java.util.Collection;

/// A ratio of two sums over conversations, with a normal confidence interval for one look. The variance is taken
/// between conversations, since numbers within one are correlated.
///
/// @param low end of the interval, at least 0
/// @param mean the ratio
/// @param high end of the interval
/// @param count how many conversations there are
public record RatioInterval(double low, double mean, double high, int count) {

    /// The normal distribution's middle nine tenths, in standard deviations.
    private static final double WIDTH = 1.645;

    /// Two conversations have a variance.
    public static final int FEWEST = 2;

    /// The sums of one conversation.
    ///
    /// @param above the line of the ratio
    /// @param below the line of the ratio, above 0
    public record Sums(double above, double below) {

        /// Adds others.
        ///
        /// @param other of the same conversation
        /// @return both together
        public Sums and(Sums other) {
            return new Sums(above + other.above, below + other.below);
        }
    }

    /// Finds the interval.
    ///
    /// @param conversations at least two
    /// @return of the ratio of all that is above to all that is below
    public static RatioInterval of(Collection<Sums> conversations) {
        if (conversations.size() < FEWEST) {
            throw new IllegalArgumentException("an interval needs two conversations");
        }
        double above = conversations.stream().mapToDouble(Sums::above).sum();
        double below = conversations.stream().mapToDouble(Sums::below).sum();
        double ratio = above / below;
        double square = conversations.stream()
                .mapToDouble(sums -> sums.above() - ratio * sums.below())
                .map(distance -> distance * distance)
                .sum();
        double half = WIDTH * Math.sqrt(square) / below;
        return new RatioInterval(Math.max(0, ratio - half), ratio, ratio + half, conversations.size());
    }
}
