/// Measuring language models: {@link dev.saiki.eval.TextScorer} for text, {@link dev.saiki.eval.PairedDifference}
/// for comparing two models, {@link dev.saiki.eval.UnigramModel} for the floor, {@link dev.saiki.eval.Generator}
/// for text the model writes itself.
package dev.saiki.eval;
