/// Quality against compute: what a model loses as its tokens take fewer layers, by its own routing or
/// by exits that were added after training. {@link dev.saiki.eval.tradeoff.Tradeoff} measures it.
///
/// Measurements are {@link dev.saiki.eval.tradeoff.QualityPoint}s on a
/// {@link dev.saiki.eval.tradeoff.HeldOutSplit}. A {@link dev.saiki.eval.tradeoff.CostedScorer} scores
/// text and counts what that takes, here and for studies. Exits that a model was not trained with are
/// an {@link dev.saiki.model.EarlyExit} rule: {@link dev.saiki.model.EarlyExitPass} runs all layers and
/// gives tokens that left their old states back, {@link dev.saiki.checkpoint.accounting.EarlyExitCost}
/// counts what would have been computed, and {@link dev.saiki.eval.tradeoff.ExitCalibration} finds
/// thresholds on text set aside.
package dev.saiki.eval.tradeoff;
