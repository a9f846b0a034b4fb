/// The trainable recursive transformer.
///
/// Start at {@link dev.saiki.model.RecursiveTransformer}; its weights are {@link dev.saiki.model.ModelWeights}, and
/// {@link dev.saiki.model.TeacherForcedScorer} is the way to ask it for probabilities without training it.
package dev.saiki.model;
