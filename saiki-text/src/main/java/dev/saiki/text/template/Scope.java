package dev.saiki.text.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The variables visible at a point of a template. Loop variables exist only within their loop.
///
/// @param outer the enclosing scope
/// @param names the variables of this scope
record Scope(Optional<Scope> outer, Map<String, Value> names) {

    static Scope outermost(Map<String, Value> names) {
        return new Scope(Optional.empty(), new HashMap<>(names));
    }

    Scope inner() {
        return new Scope(Optional.of(this), new HashMap<>());
    }

    Value find(String name) {
        for (Optional<Scope> scope = Optional.of(this); scope.isPresent(); scope = scope.get().outer) {
            Optional<Value> known = Optional.ofNullable(scope.get().names.get(name));
            if (known.isPresent()) {
                return known.get();
            }
        }
        return new Value.Undefined(name);
    }

    void put(String name, Value value) {
        names.put(name, value);
    }
}
