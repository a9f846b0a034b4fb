package dev.saiki.study.results;

/// The loss of a unigram model on the reported rows.
///
/// @param nll the loss in nats per token
/// @param standardError standard error of the loss over held-out documents
/// @param bitsPerByte the loss in bits per byte of text
public record UnigramLoss(double nll, double standardError, double bitsPerByte) {}
