package dev.saiki.model;

/// A model's distribution of the next token after a prefix.
///
/// @param logits unnormalised log-probability of every id
/// @param depth recursions of the prefix's last token, from 1
@SuppressWarnings("ArrayRecordComponent") // Results are not compared.
public record NextToken(float[] logits, int depth) {}
