package dev.saiki.eval;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import java.util.List;

/// A model that returns the log-probability of each token given the tokens before it.
@FunctionalInterface
public interface SequenceScorer {

    /// Scores sequences independently of each other.
    ///
    /// @param sequences token ids, at least one per sequence
    /// @param options the routing options
    /// @return log-probabilities and depths in the order of the sequences
    List<ScoredSequence> score(List<int[]> sequences, ScoreOptions options);
}
