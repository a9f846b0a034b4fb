package dev.saiki.text.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A statement of a template.
sealed interface Statement {

    /// Text that is written as it stands.
    record Write(String text) implements Statement {}

    /// An expression whose value is written.
    record Print(int line, Expression expression) implements Statement {}

    /// A choice of the first of several branches whose condition holds.
    record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {}

    /// One of them.
    record Branch(Expression condition, List<Statement> body) {}

    /// A loop over items.
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

    /// An assignment of a value to a name.
    record Assign(int line, Target target, Expression value) implements Statement {}

    /// An assignment of what is written inside it to a name.
    record AssignBlock(int line, Target target, List<Statement> body) implements Statement {}

    /// The target of a value: names, several if the value has as many parts; or a name in a namespace.
    ///
    /// @param namespace if it is one
    /// @param names at least one
    record Target(Optional<String> namespace, List<String> names) {}

    /// A definition of something that can be called.
    ///
    /// @param defaults of the last parameters
    record Macro(int line, String name, List<String> parameters, Map<String, Expression> defaults, List<Statement> body)
            implements Statement {}

    /// The end of a loop before its last item.
    record Break(int line) implements Statement {}

    /// Goes on with a loop's next item.
    record Continue(int line) implements Statement {}
}
