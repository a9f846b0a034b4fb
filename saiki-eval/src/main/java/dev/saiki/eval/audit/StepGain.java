package dev.saiki.eval.audit;

import dev.saiki.eval.Interval;
import java.util.List;
import java.util.Optional;

/// The gain of a further recursion, and each ranking's share of it.
///
/// Of each sampled token that reached a step, the **gain** is its loss without the step less its loss with it, all
/// other tokens being as routed; positive is good. Each ranking chooses equally many tokens, those first in its
/// order, ties shared out evenly. The **gain capture** of a ranking is (its gain − that of chance) ÷ (that of
/// hindsight − that of chance): 0 is no better than chance, 1 perfect, below 0 worse than chance. Intervals are
/// bootstrapped over documents, with what was fitted on other documents as it is.
///
/// @param step the step decided about, from 1; 0 for all steps together, each ranking choosing within each step
/// @param decisions sampled tokens that reached the step
/// @param share share of them that every ranking chooses: as many as the router sent on, or what was asked for
/// @param helped share of them whose gain is above 0
/// @param worth mean gain if all of them take the step, nats
/// @param worthWithFollowing the same with what the tokens after it in its window gain together
/// @param rankings what each way to choose gets
public record StepGain(
        int step,
        int decisions,
        double share,
        Interval helped,
        Interval worth,
        Interval worthWithFollowing,
        List<RankedGain> rankings) {

    /// Shares of the tokens at which the curve of a ranking has its points.
    public static final List<Double> CURVE_SHARES = List.of(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0);

    /// Keeps its own copy of the list.
    public StepGain {
        rankings = List.copyOf(rankings);
    }

    /// The gain of the tokens that a ranking chooses.
    ///
    /// @param ranking the order
    /// @param gain sum of their gains over the number of all decisions, nats
    /// @param gainWithFollowing the same with what the tokens after them gain
    /// @param capture gain capture; NaN if hindsight gains no more than chance
    /// @param area probability that a token which the step helps stands before one which it hurts, both weighted by
    ///     how much (area under the ROC curve): one half is chance
    /// @param curve the gain if another share of the tokens is chosen, one entry for each of {@link #CURVE_SHARES}
    public record RankedGain(
            GainRanking ranking,
            Interval gain,
            Interval gainWithFollowing,
            Interval capture,
            Interval area,
            List<Double> curve) {
        /// Keeps its own copy of the list.
        public RankedGain {
            curve = List.copyOf(curve);
        }
    }

    /// Finds the gain of a ranking.
    ///
    /// @param wanted the ranking
    /// @return what it gets; empty if the model has no such ranking
    public Optional<RankedGain> of(GainRanking wanted) {
        return rankings.stream().filter(one -> one.ranking() == wanted).findFirst();
    }
}
