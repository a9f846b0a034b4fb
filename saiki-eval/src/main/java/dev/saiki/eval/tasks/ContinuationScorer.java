package dev.saiki.eval.tasks;

import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.util.List;

/// A language model that scores continuations, as benchmarks need it.
@FunctionalInterface
public interface ContinuationScorer {

    /// Scores continuations, each on its own: the others make no difference.
    ///
    /// @param continuations in any order and of any lengths
    /// @return one result each, in the same order
    List<ScoredContinuation> score(List<Continuation> continuations);
}
