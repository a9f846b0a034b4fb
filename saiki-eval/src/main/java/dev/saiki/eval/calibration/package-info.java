/// The calibration of routers: thresholds are refitted to target shares of tokens, on text like that of the
/// intended use ({@link dev.saiki.eval.calibration.Calibrator}).
package dev.saiki.eval.calibration;
