package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The mistakes in a recipe, gathered so that the user sees all of it at once.
final class RecipeErrors {

    private final String where;
    private final List<String> found = new ArrayList<>();

    RecipeErrors(String where) {
        this.where = where;
    }

    void add(String problem) {
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /// Runs a part of the reading; its {@link InputException} becomes a problem, and the result is then empty.
    <T> Optional<T> attempt(Supplier<T> part) {
        try {
            return Optional.of(part.get());
        } catch (InputException e) {
            add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    void throwIfAny() {
        if (found.size() == 1) {
            throw new InputException(where + ": " + found.getFirst());
        }
        if (!found.isEmpty()) {
            throw new InputException(where + ": " + found.size() + " problems\n  - " + String.join("\n  - ", found));
        }
    }
}
