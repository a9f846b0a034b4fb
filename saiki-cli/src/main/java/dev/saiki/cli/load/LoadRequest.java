package dev.saiki.cli.load;

/// One request of a load.
///
/// @param prompt its tokens
/// @param tokens to be written, neither more nor fewer
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares requests.
public record LoadRequest(int[] prompt, int tokens) {}
