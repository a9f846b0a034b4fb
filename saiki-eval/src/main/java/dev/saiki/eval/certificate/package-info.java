/// Certified efforts: tests, on conversations, that a setting of the dial costs little against the
/// reference depth ({@link dev.saiki.eval.certificate.EffortCertifier}), and what they need to be possible
/// ({@link dev.saiki.eval.certificate.RiskTest}); and what one pass of a deepened model lost against its base
/// ({@link dev.saiki.eval.certificate.OnePassMeasurement}).
package dev.saiki.eval.certificate;
