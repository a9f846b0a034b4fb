package dev.saiki.text.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a template does.
sealed interface Statement {

    /// Writes text as it stands.
    record Write(String text) implements Statement {}

    /// Writes what an expression is worth.
    record Print(int line, Expression expression) implements Statement {}

    /// Does the first of several things whose condition holds.
    record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {}

    /// One of them.
    record Branch(Expression condition, List<Statement> body) {}

    /// Does something for each item.
    ///
    /// @param names that the item, or its parts, are given
    /// @param only items for which it holds
    /// @param otherwise what is done if there are none
    record For(
            int line,
            List<String> names,
            Expression items,
            Optional<Expression> only,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {}

    /// Gives a value a name.
    record Assign(int line, Target target, Expression value) implements Statement {}

    /// Gives what is written inside a name.
    record AssignBlock(int line, Target target, List<Statement> body) implements Statement {}

    /// What gets a value: names, several if the value has as many parts; or a name in a namespace.
    ///
    /// @param namespace if it is one
    /// @param names at least one
    record Target(Optional<String> namespace, List<String> names) {}

    /// Makes something that can be called.
    ///
    /// @param defaults of the last parameters
    record Macro(int line, String name, List<String> parameters, Map<String, Expression> defaults, List<Statement> body)
            implements Statement {}

    /// Leaves a loop.
    record Break(int line) implements Statement {}

    /// Goes on with a loop's next item.
    record Continue(int line) implements Statement {}
}
