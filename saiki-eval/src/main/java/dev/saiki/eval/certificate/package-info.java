/// Certified efforts: tests, on conversations, that an effort setting costs little against the reference depth
/// ({@link dev.saiki.eval.certificate.EffortCertifier}), and the conditions under which they can pass ({@link
/// dev.saiki.eval.certificate.RiskTest}); and the loss of one pass of a deepened model against its base ({@link
/// dev.saiki.eval.certificate.OnePassMeasurement}).
package dev.saiki.eval.certificate;
