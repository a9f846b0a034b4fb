package dev.saiki.io;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// The problems in one input, collected so that the user sees all problems at once.
public final class Problems {

    private final SequencedSet<String> found = new LinkedHashSet<>();

    /// Creates an empty collection.
    public Problems() {}

    /// Adds a problem, unless it is already present.
    ///
    /// @param problem message that says what is wrong and where, what is allowed, and what was found
    public void add(String problem) {
        found.add(problem);
    }

    /// Whether no problem has been found so far.
    ///
    /// @return true if nothing was added
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /// The number of problems so far.
    ///
    /// @return 0 or more
    public int size() {
        return found.size();
    }

    /// Returns the problems so far.
    ///
    /// @return complete messages, in the order in which the problems were found
    public List<String> all() {
        return List.copyOf(found);
    }

    /// Runs all checks and collects the {@link InputException}s that they throw.
    ///
    /// @param checks the checks, in order
    public void check(Runnable... checks) {
        for (Runnable check : checks) {
            try {
                check.run();
            } catch (InputException e) {
                e.problems().forEach(this::add);
            }
        }
    }

    /// A computation of a part of the result.
    ///
    /// @param <T> the type of the part
    /// @param <X> what the computation throws besides {@link InputException}
    @FunctionalInterface
    public interface Part<T, X extends Exception> {

        /// Computes the part.
        ///
        /// @return the part
        /// @throws X if the computation fails for another reason than a wrong input
        T compute() throws X;
    }

    /// Computes a result. If the computation throws an {@link InputException}, its problems are added and the
    /// result is empty.
    ///
    /// @param <T> the type of the result
    /// @param <X> what the computation throws besides {@link InputException}
    /// @param part computes the result
    /// @return the result
    /// @throws X if the computation throws it
    public <T, X extends Exception> Optional<T> attempt(Part<T, X> part) throws X {
        try {
            return Optional.of(part.compute());
        } catch (InputException e) {
            e.problems().forEach(this::add);
            return Optional.empty();
        }
    }

    /// Ends the collection.
    ///
    /// @throws InputException with all problems, if there are any
    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw InputException.of(List.copyOf(found));
        }
    }

    /// Ends the collection for one input.
    ///
    /// @param where the input, such as a file
    /// @throws InputException with all problems, if there are any
    public void throwIfAny(String where) {
        if (!found.isEmpty()) {
            throw InputException.of(where, List.copyOf(found));
        }
    }

    /// Runs checks and reports all failures.
    ///
    /// @param checks the checks, each of which throws an {@link InputException} if something is wrong
    /// @throws InputException with all problems, if there are any
    public static void requireAll(Runnable... checks) {
        Problems problems = new Problems();
        problems.check(checks);
        problems.throwIfAny();
    }
}
