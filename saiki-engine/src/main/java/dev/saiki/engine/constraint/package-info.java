/// Answers that must have a form: a grammar of bytes, the automaton that follows it, and which tokens may
/// come next.
///
/// The automaton is made as far as the text goes, and the tree of all tokens
/// ({@link dev.saiki.engine.constraint.TokenTrie}) is walked through it once for each new state. Strangers
/// choose forms, so the automaton counts its steps and its memory for each token, and ends its own answer
/// when there are too many. {@link dev.saiki.engine.constraint.WholeUtf8} has, for each place within a
/// character, the tokens that keep a text valid UTF-8 and leave enough others to end the character:
/// computed once for a tokenizer.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.constraint;
