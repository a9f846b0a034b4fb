/// What a model continues: texts, conversations, and the templates and functions in them.
///
/// {@link dev.saiki.server.prompt.ChatPrompts} turns a {@link dev.saiki.server.prompt.Conversation} into
/// what the model continues, with the checkpoint's own template if there is one. A
/// {@link dev.saiki.server.prompt.FunctionCall} is an answer that must or may be bound to a function's name
/// and schema.
package dev.saiki.server.prompt;
