/// Quality against compute: the loss of a model when its tokens take fewer layers, through its own routing or
/// through early exits. {@link dev.saiki.eval.tradeoff.Tradeoff} measures it.
///
/// Measurements are {@link dev.saiki.eval.tradeoff.QualityPoint}s on a
/// {@link dev.saiki.eval.tradeoff.HeldOutSplit}. A {@link dev.saiki.eval.tradeoff.CostedScorer} scores text and
/// counts the cost, here and for studies. Exits added after training follow a {@link dev.saiki.model.EarlyExit}
/// rule: {@link dev.saiki.model.EarlyExitPass} runs all layers and restores the states of tokens that exited,
/// {@link dev.saiki.checkpoint.accounting.EarlyExitCost} counts only the layers before the exits, and
/// {@link dev.saiki.eval.tradeoff.ExitCalibration} finds thresholds on calibration text.
package dev.saiki.eval.tradeoff;
