package dev.saiki.engine.sampling;

/// One of the likeliest tokens at a position.
///
/// @param id the token
/// @param logprob natural-log probability under the model's own distribution, before any sampling setting
public record TokenLogprob(int id, double logprob) {}
