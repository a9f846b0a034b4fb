/// Answers of a required form: a byte grammar, the automaton that follows it, and the allowed next tokens.
///
/// The automaton is built only as far as the text goes, and the trie of all tokens ({@link
/// dev.saiki.engine.constraint.TokenTrie}) is walked through it once for each new state. Untrusted callers choose
/// forms, so the automaton counts its steps and memory for each token, and ends its own answer when it exceeds a
/// limit. {@link dev.saiki.engine.constraint.WholeUtf8} has, for each position within a character, the tokens that
/// keep a text valid UTF-8 and leave enough tokens to complete the character: computed once for a tokenizer.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.constraint;
