package dev.saiki.text.template;

import dev.saiki.text.template.Expression.CallArguments;
import dev.saiki.text.template.Expression.Comparand;
import dev.saiki.text.template.Lexer.Kind;
import dev.saiki.text.template.Lexer.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// A parser of expressions with Jinja's precedence; from the loosest to the tightest, the operations are:
/// choice, or, and, not, comparisons, sums, concatenations, products, signs, and finally attributes, indices,
/// calls, filters and tests.
record ExpressionParser(Tokens tokens) {

    private static final String ESCAPE = "escape";
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> WORDS = Set.of("and", "or", "not", "in", "is", "if", "else", "for");

    /// Parses an expression, or a tuple of several.
    Expression tuple() {
        Expression first = expression();
        if (!tokens.isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.takeOperator(",") && beginsExpression()) {
            items.add(expression());
        }
        return new Expression.ListOf(items);
    }

    private boolean beginsExpression() {
        return switch (tokens.peek().kind()) {
            case NAME, STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> !Set.of(")", "]", "}", "=").contains(tokens.peek().text());
            case TEXT, PRINT, PRINT_END, BLOCK, BLOCK_END, END -> false;
        };
    }

    /// Reads an expression.
    Expression expression() {
        tokens.enter();
        Expression then = withoutChoice();
        while (tokens.takeName("if")) {
            Expression test = withoutChoice();
            Optional<Expression> otherwise = tokens.takeName("else") ? Optional.of(expression()) : Optional.empty();
            then = new Expression.Choice(test, then, otherwise);
        }
        tokens.leave();
        return then;
    }

    /// Parses an expression without a trailing `if`, which belongs to the enclosing construct.
    Expression withoutChoice() {
        Expression left = and();
        while (tokens.takeName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.takeName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.takeName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression negated = new Expression.Not(not());
        tokens.leave();
        return negated;
    }

    private Expression comparison() {
        Expression first = sum();
        List<Comparand> others = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                tokens.next();
                others.add(new Comparand(token.text(), sum()));
            } else if (tokens.takeName("in")) {
                others.add(new Comparand("in", sum()));
            } else if (tokens.isName("not") && tokens.peekSecond().is(Kind.NAME, "in")) {
                tokens.next();
                tokens.next();
                others.add(new Comparand("not in", sum()));
            } else {
                return others.isEmpty() ? first : new Expression.Comparison(first, others);
            }
        }
    }

    private Expression sum() {
        Supplier<Expression> product = () -> operation(Set.of("*", "/", "//", "%"), () -> signed(true));
        return operation(Set.of("+", "-"), () -> operation(Set.of("~"), product));
    }

    private Expression operation(Set<String> operators, Supplier<Expression> operand) {
        Expression left = operand.get();
        while (tokens.peek().kind() == Kind.OPERATOR
                && operators.contains(tokens.peek().text())) {
            String operator = tokens.next().text();
            Expression right = operand.get();
            left = operator.equals("+")
                    ? new Expression.Arithmetic(operator, beside(right, left), beside(left, right))
                    : new Expression.Arithmetic(operator, left, right);
        }
        return left;
    }

    /// A summand beside another one: as in Jinja, HTML is escaped in a text that is added to a safe one.
    private static Expression beside(Expression other, Expression operand) {
        return isSafe(other) && !isSafe(operand) ? new Expression.Filter(operand, ESCAPE, CallArguments.NONE) : operand;
    }

    private static boolean isSafe(Expression expression) {
        return switch (expression) {
            case Expression.Filter(Expression _, String name, CallArguments _) ->
                name.equals("safe") || name.equals(ESCAPE);
            case Expression.Arithmetic(String operator, Expression left, Expression right) ->
                operator.equals("+") && (isSafe(left) || isSafe(right));
            default -> false;
        };
    }

    private Expression signed(boolean withFilters) {
        boolean negative = tokens.isOperator("-");
        Expression read;
        if (negative || tokens.isOperator("+")) {
            tokens.next();
            tokens.enter();
            read = new Expression.Sign(negative, signed(false));
            tokens.leave();
        } else {
            read = parts(primary());
        }
        return withFilters ? filters(read) : read;
    }

    private Expression primary() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> name();
            case STRING -> string();
            case INTEGER -> {
                tokens.next();
                if (!token.text().matches("[0-9]{1,18}")) {
                    throw tokens.wrong("an integer is too large");
                }
                yield new Expression.Literal(new Value.Int(Long.parseLong(token.text())));
            }
            case FLOAT -> {
                tokens.next();
                yield new Expression.Literal(new Value.Real(Double.parseDouble(token.text())));
            }
            case OPERATOR -> bracketed();
            case TEXT, PRINT, PRINT_END, BLOCK, BLOCK_END, END -> throw tokens.unexpected("an expression");
        };
    }

    private Expression name() {
        Token token = tokens.peek();
        if (WORDS.contains(token.text())) {
            throw tokens.unexpected("an expression");
        }
        tokens.next();
        return switch (token.text()) {
            case "true", "True" -> new Expression.Literal(Value.Bool.TRUE);
            case "false", "False" -> new Expression.Literal(Value.Bool.FALSE);
            case "none", "None" -> new Expression.Literal(Value.None.NONE);
            default -> new Expression.Name(token.text());
        };
    }

    /// Adjacent strings are concatenated.
    private Expression string() {
        StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Kind.STRING) {
            text.append(tokens.next().text());
        }
        return new Expression.Literal(new Value.Text(text.toString()));
    }

    private Expression bracketed() {
        if (tokens.takeOperator("(")) {
            Expression inside = tokens.isOperator(")") ? new Expression.ListOf(List.of()) : tuple();
            tokens.requireOperator(")");
            return inside;
        }
        if (tokens.takeOperator("[")) {
            List<Expression> items = new ArrayList<>();
            tokens.readItems("]", () -> items.add(expression()));
            return new Expression.ListOf(items);
        }
        if (tokens.takeOperator("{")) {
            return dictionary();
        }
        throw tokens.unexpected("an expression");
    }

    private Expression dictionary() {
        Map<Value, Expression> fields = new LinkedHashMap<>();
        tokens.readItems("}", () -> {
            Kind kind = tokens.peek().kind();
            if (!((kind == Kind.STRING || kind == Kind.INTEGER)
                    && primary() instanceof Expression.Literal(Value key))) {
                throw tokens.unexpected("a string or an integer as key");
            }
            tokens.requireOperator(":");
            fields.put(key, expression());
        });
        return new Expression.DictionaryOf(fields);
    }

    private Expression parts(Expression whole) {
        Expression read = whole;
        while (true) {
            if (tokens.takeOperator(".")) {
                read = tokens.peek().kind() == Kind.INTEGER
                        ? new Expression.Index(read, primary())
                        : new Expression.Attribute(read, tokens.requireName());
            } else if (tokens.takeOperator("[")) {
                read = index(read);
            } else if (tokens.isOperator("(")) {
                read = new Expression.Call(read, arguments());
            } else {
                return read;
            }
        }
    }

    private Expression index(Expression of) {
        Optional<Expression> from = tokens.isOperator(":") ? Optional.empty() : Optional.of(expression());
        if (from.isPresent() && tokens.takeOperator("]")) {
            return new Expression.Index(of, from.get());
        }
        tokens.requireOperator(":");
        Optional<Expression> to = bound();
        Optional<Expression> step = tokens.takeOperator(":") ? bound() : Optional.empty();
        tokens.requireOperator("]");
        return new Expression.Slice(of, from, to, step);
    }

    private Optional<Expression> bound() {
        return tokens.isOperator(":") || tokens.isOperator("]") ? Optional.empty() : Optional.of(expression());
    }

    private CallArguments arguments() {
        tokens.requireOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        tokens.readItems(")", () -> {
            if (tokens.peek().kind() == Kind.NAME && tokens.peekSecond().is(Kind.OPERATOR, "=")) {
                String name = tokens.requireName();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.wrong("a positional argument follows a named one");
            }
        });
        return new CallArguments(positional, named);
    }

    /// Parses the filters of a block, of which the first is not preceded by a bar.
    Expression block(Expression of) {
        return filters(filter(of));
    }

    private Expression filters(Expression of) {
        Expression read = of;
        while (true) {
            if (tokens.takeOperator("|")) {
                read = filter(read);
            } else if (tokens.takeName("is")) {
                read = test(read);
            } else if (tokens.isOperator("(")) {
                read = new Expression.Call(read, arguments());
            } else {
                return read;
            }
        }
    }

    private Expression filter(Expression of) {
        String name = tokens.requireName();
        if (!Filters.ALL.containsKey(name)) {
            throw tokens.wrong("the filter " + name + " is not supported");
        }
        return new Expression.Filter(of, name, tokens.isOperator("(") ? arguments() : CallArguments.NONE);
    }

    private Expression test(Expression of) {
        boolean negated = tokens.takeName("not");
        String name = tokens.requireName();
        if (!Tests.ALL.containsKey(name)) {
            throw tokens.wrong("the test " + name + " is not supported");
        }
        CallArguments arguments = CallArguments.NONE;
        if (tokens.isOperator("(")) {
            arguments = arguments();
        } else if (hasBareArgument()) {
            arguments = new CallArguments(List.of(parts(primary())), Map.of());
        }
        Expression tested = new Expression.Test(of, name, arguments);
        return negated ? new Expression.Not(tested) : tested;
    }

    /// Whether an argument without brackets follows, as in `is divisibleby 3`.
    private boolean hasBareArgument() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> !WORDS.contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case TEXT, PRINT, PRINT_END, BLOCK, BLOCK_END, END -> false;
        };
    }
}
