package dev.saiki.server.api;

/// What is to be continued.
///
/// @param ids its tokens, not empty
/// @param text the same as text
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares prompts.
record Prompt(int[] ids, String text) {}
