/// What a model continues: texts, conversations, and the templates that write them down.
///
/// {@link dev.saiki.server.prompt.ChatPrompts} turns a {@link dev.saiki.server.prompt.Conversation} into
/// what the model continues, with the checkpoint's own template if there is one. A
/// {@link dev.saiki.server.prompt.ChatPrompt} says too how the answer is to be read.
package dev.saiki.server.prompt;
