/// The trainable recursive transformer.
///
/// Start with {@link dev.saiki.model.RecursiveTransformer}; its weights are {@link dev.saiki.model.ModelWeights},
/// and {@link dev.saiki.model.TeacherForcedScorer} computes probabilities without training.
package dev.saiki.model;
