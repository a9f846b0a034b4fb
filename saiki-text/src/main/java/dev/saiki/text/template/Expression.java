package dev.saiki.text.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An expression in a template.
sealed interface Expression {

    /// A literal.
    record Literal(Value value) implements Expression {}

    /// A variable.
    record Name(String name) implements Expression {}

    /// A list or a tuple.
    record ListOf(List<Expression> items) implements Expression {}

    /// A dictionary.
    record DictionaryOf(Map<Value, Expression> fields) implements Expression {}

    /// An attribute by name: `of.name`.
    record Attribute(Expression of, String name) implements Expression {}

    /// An item by a computed index: `of[index]`.
    record Index(Expression of, Expression index) implements Expression {}

    /// A slice: `of[from:to:step]`.
    record Slice(Expression of, Optional<Expression> from, Optional<Expression> to, Optional<Expression> step)
            implements Expression {}

    /// A call.
    record Call(Expression callee, CallArguments arguments) implements Expression {}

    /// A filter: `of | name(arguments)`.
    record Filter(Expression of, String name, CallArguments arguments) implements Expression {}

    /// A test: `of is name(arguments)`.
    record Test(Expression of, String name, CallArguments arguments) implements Expression {}

    /// `-of` or `+of`.
    record Sign(boolean negative, Expression of) implements Expression {}

    /// Arithmetic, and concatenation of strings.
    record Arithmetic(String operator, Expression left, Expression right) implements Expression {}

    /// A chain of comparisons.
    record Comparison(Expression first, List<Comparand> others) implements Expression {}

    /// One comparison of a chain.
    record Comparand(String operator, Expression expression) {}

    /// `left and right`; the result is one of the two values, as in Python.
    record And(Expression left, Expression right) implements Expression {}

    /// `left or right`; the result is one of the two values, as in Python.
    record Or(Expression left, Expression right) implements Expression {}

    /// `not of`.
    record Not(Expression of) implements Expression {}

    /// `then if test else otherwise`.
    record Choice(Expression test, Expression then, Optional<Expression> otherwise) implements Expression {}

    /// Unevaluated arguments.
    record CallArguments(List<Expression> positional, Map<String, Expression> named) {
        static final CallArguments NONE = new CallArguments(List.of(), Map.of());
    }
}
