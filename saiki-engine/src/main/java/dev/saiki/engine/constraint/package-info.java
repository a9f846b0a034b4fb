/// Answers that must have a form: a grammar of bytes, the automaton that follows it, and which tokens may come next.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.constraint;
