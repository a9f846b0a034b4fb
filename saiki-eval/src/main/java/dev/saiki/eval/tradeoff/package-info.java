/// Quality against compute: what a model loses as its tokens take fewer layers, by its own routing or by exits that
/// were added after training. {@link dev.saiki.eval.tradeoff.Tradeoff} measures it.
///
/// Measurements are `QualityPoint`s on a `HeldOutSplit`. A `CostedScorer` scores text and counts what that
/// takes, here and for studies. Exits that a model was not trained with are an `EarlyExit` rule: `ExitPass`
/// runs all layers and gives tokens that left their old states back, `EarlyExitCost` counts what would have
/// been computed, and `ExitCalibration` finds thresholds on text set aside.
package dev.saiki.eval.tradeoff;
