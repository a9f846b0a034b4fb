/// What an answer is made of: thoughts, words, and calls of functions, in the form in which a model writes
/// them.
///
/// {@link dev.saiki.chat.tool.ToolChoice} is what a request allows or demands. A {@link
/// dev.saiki.chat.answer.CallForm} is how the model at hand writes calls, and an {@link
/// dev.saiki.chat.answer.AnswerSyntax} both together: its parsers tell the pieces apart while they are
/// written.
package dev.saiki.chat.answer;
