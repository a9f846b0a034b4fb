package dev.saiki.study.results;

/// The loss of a unigram model on the reported rows.
///
/// @param nll nats per token
/// @param standardError its standard error over held-out documents
/// @param bitsPerByte the same in bits per byte of text
public record UnigramLoss(double nll, double standardError, double bitsPerByte) {}
