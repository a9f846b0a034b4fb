/// The calibration of routers: thresholds fitted again to the shares of tokens that are asked for, on a
/// text like the one that the model is for ({@link dev.saiki.eval.calibration.Calibrator}).
package dev.saiki.eval.calibration;
