package dev.saiki.study.results;

/// A continuation of a prompt.
///
/// @param prompt what it begins with
/// @param text what the model wrote
/// @param meanDepth mean recursions of a token of it
public record TextSample(String prompt, String text, double meanDepth) {}
