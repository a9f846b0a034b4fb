package dev.saiki.eval.audit;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TracedSequence;
import java.util.List;

/// A model that an audit can score with forced depths, and whose router decisions the audit can read.
@FunctionalInterface
public interface SequenceTracer {

    /// Scores sequences independently of each other.
    ///
    /// @param sequences token ids, at least one per sequence
    /// @param options routing options, including forced depths
    /// @return the traces, in order
    List<TracedSequence> trace(List<int[]> sequences, ScoreOptions options);
}
