package dev.saiki.text.template;

import dev.saiki.io.InputException;
import dev.saiki.text.template.Expression.CallArguments;
import dev.saiki.text.template.Expression.Comparand;
import dev.saiki.text.template.Statement.Branch;
import dev.saiki.text.template.Statement.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One rendering of a template.
final class Renderer {

    private final Budget budget;
    private final Comparisons comparisons;
    private final Arithmetic arithmetic;
    private final Methods methods;
    private Scope scope;
    private StringBuilder output = new StringBuilder();
    private int line = 1;

    /// The control flow after a statement.
    private enum Next {
        STATEMENT,
        ITEM,
        AFTER_LOOP
    }

    Renderer(Map<String, Value> globals, Budget budget) {
        this.scope = Scope.outermost(globals);
        this.budget = budget;
        this.comparisons = new Comparisons(budget);
        this.arithmetic = new Arithmetic(budget);
        this.methods = new Methods(budget);
    }

    Budget budget() {
        return budget;
    }

    Comparisons comparisons() {
        return comparisons;
    }

    Methods methods() {
        return methods;
    }

    /// Runs a template.
    ///
    /// @return the output of the template
    /// @throws InputException naming the line of the failure
    String render(List<Statement> template) {
        try {
            run(template);
            return output.toString();
        } catch (InputException failure) {
            throw new InputException("line " + line + ": " + failure.getMessage(), failure);
        }
    }

    private void write(String text) {
        output.append(budget.charged(text));
    }

    private Next run(List<Statement> statements) {
        budget.enter();
        Next next = Next.STATEMENT;
        for (int i = 0; i < statements.size() && next == Next.STATEMENT; i++) {
            next = run(statements.get(i));
        }
        budget.leave();
        return next;
    }

    private Next run(Statement statement) {
        switch (statement) {
            case Statement.Write(String text) -> write(text);
            case Statement.Print(int at, Expression expression) -> {
                line = at;
                write(PythonNotation.text(value(expression), budget));
            }
            case Statement.If(int at, List<Branch> branches, List<Statement> otherwise) -> {
                line = at;
                return run(branches.stream()
                        .filter(branch -> value(branch.condition()).isTrue())
                        .findFirst()
                        .map(Branch::body)
                        .orElse(otherwise));
            }
            case Statement.For loop -> {
                line = loop.line();
                return run(loop);
            }
            case Statement.Assign(int at, Target target, Expression expression) -> {
                line = at;
                assign(target, value(expression));
            }
            case Statement.AssignBlock(int at, Target target, List<Statement> body) -> {
                line = at;
                assign(target, new Value.Text(written(body)));
            }
            case Statement.Macro macro -> scope.put(macro.name(), macro(macro));
            case Statement.Break _ -> {
                return Next.AFTER_LOOP;
            }
            case Statement.Continue _ -> {
                return Next.ITEM;
            }
        }
        return Next.STATEMENT;
    }

    /// Runs statements in an inner scope and returns their output, which is not added to the output of the template.
    private String written(List<Statement> body) {
        StringBuilder outside = output;
        Scope outer = scope;
        output = new StringBuilder();
        scope = outer.inner();
        run(body);
        String written = output.toString();
        output = outside;
        scope = outer;
        return written;
    }

    private void assign(Target target, Value value) {
        if (target.namespace().isPresent()) {
            if (!(scope.find(target.namespace().get()) instanceof Value.Namespace(Map<String, Value> names))) {
                throw new InputException(
                        "'" + target.namespace().get() + "' is not a namespace, so it cannot be changed");
            }
            names.put(target.names().getFirst(), value);
            return;
        }
        bind(target.names(), value);
    }

    private void bind(List<String> names, Value value) {
        if (names.size() == 1) {
            scope.put(names.getFirst(), value);
            return;
        }
        List<Value> parts = items(value);
        if (parts.size() != names.size()) {
            throw new InputException("cannot assign " + parts.size() + " values to " + names.size() + " names");
        }
        for (int i = 0; i < parts.size(); i++) {
            scope.put(names.get(i), parts.get(i));
        }
    }

    private Next run(Statement.For loop) {
        Scope outside = scope;
        List<Value> items = new ArrayList<>();
        for (Value item : items(value(loop.items()))) {
            scope = outside.inner();
            bind(loop.names(), item);
            if (loop.only().map(condition -> value(condition).isTrue()).orElse(true)) {
                items.add(item);
            }
        }
        Next next = Next.STATEMENT;
        for (int i = 0; i < items.size() && next != Next.AFTER_LOOP; i++) {
            budget.enter();
            scope = outside.inner();
            bind(loop.names(), items.get(i));
            scope.put("loop", place(items, i));
            next = run(loop.body());
            budget.leave();
        }
        scope = outside;
        return items.isEmpty() ? run(loop.otherwise()) : Next.STATEMENT;
    }

    /// The loop variables of the current item.
    private static Value place(List<Value> items, int index) {
        Map<String, Value> place = new HashMap<>();
        int count = items.size();
        place.put("index", new Value.Int(index + 1L));
        place.put("index0", new Value.Int(index));
        place.put("revindex", new Value.Int(count - (long) index));
        place.put("revindex0", new Value.Int(count - index - 1L));
        place.put("first", Value.of(index == 0));
        place.put("last", Value.of(index == count - 1));
        place.put("length", new Value.Int(count));
        if (index > 0) {
            place.put("previtem", items.get(index - 1));
        }
        if (index < count - 1) {
            place.put("nextitem", items.get(index + 1));
        }
        return Value.Fields.named(place);
    }

    /// A macro with the scope in which it was defined.
    private Value macro(Statement.Macro macro) {
        Scope home = scope;
        return new Value.Function(macro.name(), arguments -> {
            Arguments.Bound bound =
                    arguments.bind(macro.name(), macro.parameters().toArray(String[]::new));
            Scope caller = scope;
            scope = home.inner();
            for (String parameter : macro.parameters()) {
                Value value = bound.find(parameter)
                        .or(() -> Optional.ofNullable(macro.defaults().get(parameter))
                                .map(this::value))
                        .orElseGet(() -> new Value.Undefined(parameter));
                scope.put(parameter, value);
            }
            String written = written(macro.body());
            scope = caller;
            return new Value.Text(written);
        });
    }

    /// The items of a list, the keys of a dictionary, or the characters of a text.
    List<Value> items(Value of) {
        List<Value> items = switch (of) {
            case Value.Items(List<Value> values) -> values;
            case Value.Fields(Map<Value, Value> fields) -> List.copyOf(fields.keySet());
            case Value.Text(String text) -> {
                budget.chargeItems(text.length());
                yield text.codePoints()
                        .mapToObj(Character::toString)
                        .<Value>map(Value.Text::new)
                        .toList();
            }
            case Value.Undefined _ -> List.of();
            default -> throw new InputException("cannot iterate over " + of.kind());
        };
        budget.chargeItems(items.size());
        return items;
    }

    /// Transforms the text of a value.
    Value text(Value of, UnaryOperator<String> change) {
        String text = PythonNotation.text(of, budget);
        budget.charge(text.length());
        return new Value.Text(budget.charged(change.apply(text)));
    }

    private Value value(Expression expression) {
        budget.enter();
        Value value = switch (expression) {
            case Expression.Literal(Value literal) -> literal;
            case Expression.Name(String name) -> scope.find(name);
            case Expression.ListOf(List<Expression> items) ->
                new Value.Items(items.stream().map(this::value).toList());
            case Expression.DictionaryOf(Map<Value, Expression> fields) -> {
                Map<Value, Value> values = new LinkedHashMap<>();
                fields.forEach((key, field) -> values.put(key, value(field)));
                yield new Value.Fields(values);
            }
            case Expression.Attribute(Expression of, String name) -> part(value(of), name);
            case Expression.Index(Expression of, Expression index) -> indexed(value(of), value(index));
            case Expression.Slice slice -> Slices.cut(value(slice.of()), bounds(slice), this);
            case Expression.Call(Expression callee, CallArguments arguments) -> call(value(callee), values(arguments));
            case Expression.Filter(Expression of, String name, CallArguments arguments) ->
                known(Filters.ALL.get(name)).apply(value(of), values(arguments), this);
            case Expression.Test(Expression of, String name, CallArguments arguments) ->
                Value.of(known(Tests.ALL.get(name)).holds(value(of), values(arguments), this));
            case Expression.Sign(boolean negative, Expression of) -> arithmetic.signed(negative, value(of));
            case Expression.Arithmetic(String operator, Expression left, Expression right) ->
                arithmetic.compute(operator, value(left), value(right));
            case Expression.Comparison(Expression first, List<Comparand> others) -> compared(first, others);
            case Expression.And(Expression left, Expression right) -> {
                Value first = value(left);
                yield first.isTrue() ? value(right) : first;
            }
            case Expression.Or(Expression left, Expression right) -> {
                Value first = value(left);
                yield first.isTrue() ? first : value(right);
            }
            case Expression.Not(Expression of) -> Value.of(!value(of).isTrue());
            case Expression.Choice(Expression test, Expression then, Optional<Expression> otherwise) ->
                value(test).isTrue()
                        ? value(then)
                        : otherwise.map(this::value).orElseGet(() -> new Value.Undefined("else"));
        };
        budget.leave();
        return value;
    }

    /// Returns the code of a filter or a test; the parser has checked that the code exists.
    private static <T> T known(@Nullable T code) {
        return Optional.ofNullable(code).orElseThrow();
    }

    private Value compared(Expression first, List<Comparand> others) {
        Value left = value(first);
        for (Comparand other : others) {
            Value right = value(other.expression());
            if (!comparisons.holds(other.operator(), left, right)) {
                return Value.Bool.FALSE;
            }
            left = right;
        }
        return Value.Bool.TRUE;
    }

    private Arguments values(CallArguments arguments) {
        Map<String, Value> named = new LinkedHashMap<>();
        List<Value> positional =
                arguments.positional().stream().map(this::value).toList();
        arguments.named().forEach((name, expression) -> named.put(name, value(expression)));
        return new Arguments(positional, named);
    }

    private static Value call(Value callee, Arguments arguments) {
        if (callee instanceof Value.Function(String _, Value.Code code)) {
            return code.call(arguments);
        }
        throw new InputException("cannot call " + callee.kind());
    }

    /// A method, or a field by name.
    Value part(Value of, String name) {
        if (of instanceof Value.Undefined) {
            throw new InputException("cannot read '" + name + "' of " + of.kind());
        }
        return methods.find(of, name).orElseGet(() -> field(of, name));
    }

    private static Value field(Value of, String name) {
        return switch (of) {
            case Value.Fields fields -> fields.find(new Value.Text(name)).orElseGet(() -> new Value.Undefined(name));
            case Value.Namespace(Map<String, Value> fields) -> fields.getOrDefault(name, new Value.Undefined(name));
            default -> new Value.Undefined(name);
        };
    }

    /// The value at a path of names and numbers with dots between them, as filters take it.
    Value attribute(Value of, String path) {
        Value value = of;
        for (String name : path.split("\\.", -1)) {
            boolean isNumber = name.matches("[0-9]{1,9}");
            value = indexed(value, isNumber ? new Value.Int(Integer.parseInt(name)) : new Value.Text(name));
        }
        return value;
    }

    private Value indexed(Value of, Value index) {
        if (of instanceof Value.Undefined) {
            throw new InputException("cannot index " + of.kind());
        }
        if (index instanceof Value.Text(String name)) {
            Value field = field(of, name);
            return field instanceof Value.Undefined ? methods.find(of, name).orElse(field) : field;
        }
        if (of instanceof Value.Fields fields) {
            return fields.find(index).orElseGet(() -> new Value.Undefined("item"));
        }
        if (index instanceof Value.Int(long number) && (of instanceof Value.Items || of instanceof Value.Text)) {
            List<Value> items = of instanceof Value.Items(List<Value> values) ? values : items(of);
            long at = number < 0 ? number + items.size() : number;
            return at >= 0 && at < items.size() ? items.get((int) at) : new Value.Undefined("item " + number);
        }
        return new Value.Undefined("item");
    }

    private Slices.Bounds bounds(Expression.Slice slice) {
        return new Slices.Bounds(bound(slice.from()), bound(slice.to()), bound(slice.step()));
    }

    private Optional<Long> bound(Optional<Expression> expression) {
        return expression
                .map(this::value)
                .filter(value -> !(value instanceof Value.None))
                .map(value -> {
                    if (value instanceof Value.Int(long number)) {
                        return number;
                    }
                    throw new InputException("a slice needs integers, got " + value.kind());
                });
    }
}
