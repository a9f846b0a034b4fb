/// The parts of an answer: thoughts, text, and calls of functions, in the form in which a model writes them.
///
/// {@link dev.saiki.chat.tool.ToolChoice} is what a request allows or demands. A
/// {@link dev.saiki.chat.answer.CallForm} is how the model writes calls, and an
/// {@link dev.saiki.chat.answer.AnswerSyntax} combines both: its parsers split an answer into pieces as it is
/// written.
package dev.saiki.chat.answer;
