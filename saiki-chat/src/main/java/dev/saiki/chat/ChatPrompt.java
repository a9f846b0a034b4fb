package dev.saiki.chat;

import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.text.chat.EncodedPrompt;

/// The prompt of a conversation, and the syntax of its answer.
///
/// @param prompt the prompt, up to the beginning of the model's answer
/// @param syntax the syntax of the answer
public record ChatPrompt(EncodedPrompt prompt, AnswerSyntax syntax) {}
