package dev.saiki.eval.audit;

import dev.saiki.eval.Interval;
import java.util.List;
import java.util.Optional;

/// The gain of a further recursion, and the share of that gain that each ranking captures.
///
/// The **gain** of a sampled token that reached a step is its loss without the step minus its loss with the step,
/// with all other tokens as routed; positive is good. Each ranking chooses an equal number of tokens, the first in
/// its order; tied tokens are chosen in equal parts. The **gain capture** of a ranking is (its gain − gain of
/// chance) ÷ (gain of hindsight − gain of chance): 0 is no better than chance, 1 perfect, below 0 worse than
/// chance. Intervals are bootstrapped over documents, or windows if there are few documents, without fitting any
/// ranking again.
///
/// @param step the step, from 1; 0 for all steps together, where each ranking chooses within each step
/// @param decisions number of sampled tokens that reached the step
/// @param share share of the sampled tokens that every ranking chooses: the router's own share, or the share
///     that the audit's options request
/// @param helped share of the sampled tokens whose gain is above 0
/// @param worth mean gain if all sampled tokens take the step, nats
/// @param worthWithFollowing mean gain that also counts the gains of the later tokens in the window, nats
/// @param rankings the gain of each ranking
public record StepGain(
        int step,
        int decisions,
        double share,
        Interval helped,
        Interval worth,
        Interval worthWithFollowing,
        List<RankedGain> rankings) {

    /// The shares of the tokens at which the curve of a ranking is evaluated.
    public static final List<Double> CURVE_SHARES = List.of(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0);

    /// Copies the list.
    public StepGain {
        rankings = List.copyOf(rankings);
    }

    /// The gain of the tokens that a ranking chooses.
    ///
    /// @param ranking the order
    /// @param gain sum of the chosen tokens' gains, divided by the number of all decisions, nats
    /// @param gainWithFollowing gain that also counts the gains of the later tokens in the window
    /// @param capture gain capture; NaN if hindsight gains no more than a random choice
    /// @param area probability that a token helped by the step ranks before a token hurt by it, where each
    ///     token is weighted by the size of the effect (area under the ROC curve); by chance, the probability
    ///     is one half
    /// @param curve the gain if other shares of the tokens are chosen, one entry for each of {@link #CURVE_SHARES}
    public record RankedGain(
            GainRanking ranking,
            Interval gain,
            Interval gainWithFollowing,
            Interval capture,
            Interval area,
            List<Double> curve) {
        /// Copies the list.
        public RankedGain {
            curve = List.copyOf(curve);
        }
    }

    /// Finds the gain of a ranking.
    ///
    /// @param wanted the ranking
    /// @return the ranking's gain; empty if the audit has no such ranking
    public Optional<RankedGain> of(GainRanking wanted) {
        return rankings.stream().filter(one -> one.ranking() == wanted).findFirst();
    }
}
