package dev.saiki.eval.certificate;

import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.util.List;

/// A model that scores texts at a given effort or depth.
@FunctionalInterface
public interface DepthScorer {

    /// Scores texts.
    ///
    /// @param texts the texts to score
    /// @param effort the effort setting
    /// @param maxDepth maximum number of recursions of a token
    /// @return one result per text, in order
    List<ScoredContinuation> score(List<Continuation> texts, double effort, int maxDepth);
}
