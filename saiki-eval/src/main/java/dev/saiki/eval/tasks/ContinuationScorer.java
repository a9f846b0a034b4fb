package dev.saiki.eval.tasks;

import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.util.List;

/// A language model that scores continuations for benchmarks.
@FunctionalInterface
public interface ContinuationScorer {

    /// Scores continuations independently of each other.
    ///
    /// @param continuations the continuations, in any order and of any lengths
    /// @return one result per continuation, in the same order
    List<ScoredContinuation> score(List<Continuation> continuations);
}
