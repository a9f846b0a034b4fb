/// Conversations with a model: prompts, tools and answers.
///
/// {@link dev.saiki.chat.ChatPrompts} writes a conversation in the model's chat format; a
/// {@link dev.saiki.chat.ChatPrompt} also says how its answer is to be read. Programs in the same JVM begin with
/// {@link dev.saiki.chat.ChatRequests}.
package dev.saiki.chat;
