package dev.saiki.eval;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import java.util.List;

/// A model that gives the log-probability of each token after the ones before it.
@FunctionalInterface
public interface SequenceScorer {

    /// Scores sequences, each on its own.
    ///
    /// @param sequences token ids, at least one each
    /// @param options how to route
    /// @return log-probabilities and depths in the order of the sequences
    List<ScoredSequence> score(List<int[]> sequences, ScoreOptions options);
}
