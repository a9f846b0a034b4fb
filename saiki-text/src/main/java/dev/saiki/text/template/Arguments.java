package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The arguments of a function, a filter or a test.
///
/// @param positional the positional arguments, in order
/// @param named the named arguments, by name
record Arguments(List<Value> positional, Map<String, Value> named) {

    /// Binds each argument to its parameter and refuses arguments without a supported parameter.
    ///
    /// @param called the callee's name, for messages
    /// @param names the names of the supported parameters, in order
    /// @throws InputException if an argument has no parameter, or a parameter has two arguments
    Bound bind(String called, String... names) {
        if (positional.size() > names.length) {
            throw new InputException(
                    called + " takes at most " + names.length + " arguments, got " + positional.size());
        }
        Map<String, Value> bound = new LinkedHashMap<>();
        for (int i = 0; i < positional.size(); i++) {
            bound.put(names[i], positional.get(i));
        }
        named.forEach((name, value) -> {
            if (!List.of(names).contains(name) || bound.put(name, value) != null) {
                throw new InputException(called + " takes no argument " + name);
            }
        });
        return new Bound(called, bound);
    }

    /// Returns the arguments, all of which must be named.
    ///
    /// @param called the callee's name, for messages
    /// @throws InputException if there are positional arguments
    Map<String, Value> onlyNamed(String called) {
        if (!positional.isEmpty()) {
            throw new InputException(called + " takes named arguments only");
        }
        return named;
    }

    /// Arguments by name.
    record Bound(String called, Map<String, Value> values) {

        Optional<Value> find(String name) {
            return Optional.ofNullable(values.get(name));
        }

        Value get(String name) {
            return find(name).orElseThrow(() -> new InputException(called + " needs an argument " + name));
        }

        String text(String name) {
            if (get(name) instanceof Value.Text(String text)) {
                return text;
            }
            throw new InputException(
                    called + " needs a string as " + name + ", got " + get(name).kind());
        }

        String text(String name, String otherwise) {
            return values.containsKey(name) ? text(name) : otherwise;
        }

        boolean flag(String name) {
            return find(name).map(Value::isTrue).orElse(false);
        }

        long integer(String name, long otherwise) {
            return find(name)
                    .map(value -> {
                        if (value instanceof Value.Int(long number)) {
                            return number;
                        }
                        throw new InputException(called + " needs an integer as " + name + ", got " + value.kind());
                    })
                    .orElse(otherwise);
        }
    }
}
