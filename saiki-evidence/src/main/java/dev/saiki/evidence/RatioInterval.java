package dev.saiki.evidence;

import java.util.Collection;

/// A ratio of two sums over conversations, with a 90 % confidence interval from the normal distribution. Unlike a
/// time-uniform interval, it is valid only if it is computed once. The variance is taken between conversations,
/// since numbers within one conversation are correlated.
///
/// @param low lower end of the interval, at least 0
/// @param mean the ratio
/// @param high upper end of the interval
/// @param count number of conversations
public record RatioInterval(double low, double mean, double high, int count) {

    /// Half the width of the middle 90 % of the normal distribution, in standard deviations.
    private static final double WIDTH = 1.645;

    /// The variance needs two conversations.
    public static final int MIN_CONVERSATIONS = 2;

    /// The sums of one conversation.
    ///
    /// @param above numerator
    /// @param below denominator, above 0
    public record Sums(double above, double below) {

        /// Adds other sums.
        ///
        /// @param other the other sums of the same conversation
        /// @return both together
        public Sums and(Sums other) {
            return new Sums(above + other.above, below + other.below);
        }
    }

    /// Computes the interval.
    ///
    /// @param conversations at least two
    /// @return the interval of the ratio of the total numerator to the total denominator
    public static RatioInterval of(Collection<Sums> conversations) {
        if (conversations.size() < MIN_CONVERSATIONS) {
            throw new IllegalArgumentException("an interval needs at least two conversations");
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
