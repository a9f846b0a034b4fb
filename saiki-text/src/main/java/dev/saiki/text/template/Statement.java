package dev.saiki.text.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A statement of a template.
sealed interface Statement {

    /// Literal text.
    record Write(String text) implements Statement {}

    /// An expression whose value is output.
    record Print(int line, Expression expression) implements Statement {}

    /// A conditional, which runs the first of several branches whose condition holds.
    record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {}

    /// A branch.
    record Branch(Expression condition, List<Statement> body) {}

    /// A loop over items.
    ///
    /// @param names the loop variables: one for the item, or several for its parts
    /// @param only the condition on items
    /// @param otherwise the statements executed if there are no items
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

    /// An assignment of rendered content to a name.
    record AssignBlock(int line, Target target, List<Statement> body) implements Statement {}

    /// The target of an assignment: one or several names, or a name in a namespace.
    ///
    /// @param namespace the namespace, if there is one
    /// @param names the names, at least one
    record Target(Optional<String> namespace, List<String> names) {}

    /// A macro definition.
    ///
    /// @param defaults the defaults of the last parameters
    record Macro(int line, String name, List<String> parameters, Map<String, Expression> defaults, List<Statement> body)
            implements Statement {}

    /// `break`: ends a loop.
    record Break(int line) implements Statement {}

    /// `continue`: skips to the next item of a loop.
    record Continue(int line) implements Statement {}
}
