package dev.saiki.eval.audit;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TracedSequence;
import java.util.List;

/// A model that an audit can score with forced depths and whose router decisions it can read.
@FunctionalInterface
public interface SequenceTracer {

    /// Scores sequences, each on its own.
    ///
    /// @param sequences token ids, at least one each
    /// @param options how to route, forced depths included
    /// @return what is known of each, in order
    List<TracedSequence> trace(List<int[]> sequences, ScoreOptions options);
}
