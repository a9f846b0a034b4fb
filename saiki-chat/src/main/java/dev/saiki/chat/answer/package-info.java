/// The parts of an answer: thoughts, text, and calls of functions, in the form in which a model writes them.
///
/// A {@link dev.saiki.chat.tool.ToolChoice} states which tools a request allows or demands, and a
/// {@link dev.saiki.chat.answer.CallForm} is the notation in which the model writes calls. An
/// {@link dev.saiki.chat.answer.AnswerSyntax} combines a tool choice and a call form: its parsers split an answer
/// into pieces as it is written.
package dev.saiki.chat.answer;
