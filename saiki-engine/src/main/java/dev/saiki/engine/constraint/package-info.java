/// Answers of a required form: a byte grammar, the automaton that follows it, and the mask of allowed next tokens.
///
/// The automaton is built only as far as the text goes, and in each new state the trie of all tokens
/// ({@link dev.saiki.engine.constraint.TokenTrie}) is walked once. Untrusted callers choose forms, so the
/// automaton counts its steps and memory for each token. An answer that exceeds a limit fails, and other answers
/// continue. {@link dev.saiki.engine.constraint.WholeUtf8} has a mask for each position within a character: the
/// mask allows a token if the text stays valid UTF-8 and the remaining tokens suffice to complete the character.
/// The masks are computed once for each tokenizer.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.constraint;
