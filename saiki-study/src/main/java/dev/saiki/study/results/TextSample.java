package dev.saiki.study.results;

/// A continuation of a prompt.
///
/// @param prompt the prompt
/// @param text the generated text
/// @param meanDepth mean recursions per token
public record TextSample(String prompt, String text, double meanDepth) {}
