/// Conversations with a model: prompts, tools and answers.
///
/// {@link dev.saiki.chat.ChatPrompts} renders a conversation in the model's chat format; a
/// {@link dev.saiki.chat.ChatPrompt} also has the syntax for parsing its answer. Programs in the same JVM start
/// with {@link dev.saiki.chat.ChatRequests}.
package dev.saiki.chat;
