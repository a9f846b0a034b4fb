/// Evaluation of language models: {@link dev.saiki.eval.TextScorer} for text,
/// {@link dev.saiki.eval.PairedDifference} for comparing two models, {@link dev.saiki.eval.UnigramModel} for the
/// baseline.
package dev.saiki.eval;
