package dev.saiki.server.prompt;

import dev.saiki.server.answer.AnswerSyntax;

/// A conversation as a model continues it, and how its answer is to be read.
///
/// @param prompt up to where the model goes on
/// @param syntax of the answer
public record ChatPrompt(EncodedPrompt prompt, AnswerSyntax syntax) {}
