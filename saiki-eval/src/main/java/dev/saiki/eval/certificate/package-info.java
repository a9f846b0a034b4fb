/// Certified efforts. {@link dev.saiki.eval.certificate.EffortCertifier} tests on conversations whether an effort
/// setting costs little against the reference depth, and {@link dev.saiki.eval.certificate.RiskTest} defines the
/// tests. {@link dev.saiki.eval.certificate.OnePassMeasurement} compares the loss of one pass of a deepened model
/// with its base's loss.
package dev.saiki.eval.certificate;
