package dev.saiki.cli.load;

/// One request of a load.
///
/// @param prompt the prompt's tokens
/// @param tokens exact number of tokens to generate
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares requests.
public record LoadRequest(int[] prompt, int tokens) {}
