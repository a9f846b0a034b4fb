package dev.saiki.eval.tasks;

import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.util.List;

/// A language model, as far as benchmarks can see it: something that says how likely texts go on as they do.
@FunctionalInterface
public interface ContinuationScorer {

    /// Scores continuations, each on its own: the others make no difference.
    ///
    /// @param continuations in any order and of any lengths
    /// @return one result each, in the same order
    List<ScoredContinuation> score(List<Continuation> continuations);
}
