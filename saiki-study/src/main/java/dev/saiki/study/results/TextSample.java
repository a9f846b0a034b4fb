package dev.saiki.study.results;

/// A continuation of a prompt.
///
/// @param prompt what it begins with
/// @param text what the model wrote
/// @param meanDepth mean recursions per token
public record TextSample(String prompt, String text, double meanDepth) {}
