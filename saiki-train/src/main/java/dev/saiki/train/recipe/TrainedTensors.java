package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.Suggestions;
import dev.saiki.io.yaml.SectionReader;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The selection of the tensors that a run trains, by name patterns in which `*` stands for any characters.
/// The other tensors are frozen.
public sealed interface TrainedTensors {

    /// The key of {@link Matching} in the section `optimizer`.
    String TRAINED = "trained";

    /// The key of {@link AllBut} in the section `optimizer`.
    String FROZEN = "frozen";

    /// Every tensor.
    record All() implements TrainedTensors {
        @Override
        public Set<String> among(Collection<String> names) {
            return Set.copyOf(names);
        }
    }

    /// The tensors that match a pattern.
    ///
    /// @param patterns the patterns, at least one
    record Matching(List<String> patterns) implements TrainedTensors {

        /// Copies the list.
        public Matching {
            patterns = List.copyOf(patterns);
        }

        @Override
        public Set<String> among(Collection<String> names) {
            return matched(TRAINED, patterns, names);
        }
    }

    /// The tensors that match no pattern.
    ///
    /// @param patterns the patterns, at least one
    record AllBut(List<String> patterns) implements TrainedTensors {

        /// Copies the list.
        public AllBut {
            patterns = List.copyOf(patterns);
        }

        @Override
        public Set<String> among(Collection<String> names) {
            Set<String> left = new LinkedHashSet<>(names);
            left.removeAll(matched(FROZEN, patterns, names));
            InputException.require(
                    !left.isEmpty(), "optimizer." + FROZEN + " must leave a tensor to train, got " + patterns);
            return left;
        }
    }

    /// Selects the trained tensors.
    ///
    /// @param names the names of all tensors of a model
    /// @return the trained tensors, at least one
    /// @throws InputException if a pattern matches nothing, or no tensor remains to train
    Set<String> among(Collection<String> names);

    /// Reads the keys of the section `optimizer`.
    ///
    /// @param reader the reader of that section
    /// @return the selection; all tensors if neither key is present
    /// @throws InputException if both keys are present, or one has no pattern
    static TrainedTensors read(SectionReader reader) {
        List<String> trained = patterns(reader, TRAINED);
        List<String> frozen = patterns(reader, FROZEN);
        if (!trained.isEmpty() && !frozen.isEmpty()) {
            throw new InputException(reader.pathOf(FROZEN) + " must be left out with " + reader.pathOf(TRAINED)
                    + ", which freezes all other tensors, got " + frozen);
        }
        if (!trained.isEmpty()) {
            return new Matching(trained);
        }
        return frozen.isEmpty() ? new All() : new AllBut(frozen);
    }

    private static List<String> patterns(SectionReader reader, String key) {
        if (!reader.has(key)) {
            return List.of();
        }
        List<String> patterns = reader.isList(key)
                ? reader.texts(key)
                : reader.text(key).stream().toList();
        RecipeChecks.that(!patterns.isEmpty(), reader.pathOf(key), "a list of at least one pattern", "none");
        return patterns;
    }

    /// Writes the selection under its key, unless all tensors are trained.
    ///
    /// @param section `optimizer`
    default void write(ObjectNode section) {
        switch (this) {
            case All _ -> {
                // The default, which has no key.
            }
            case Matching(List<String> patterns) -> write(section.putArray(TRAINED), patterns);
            case AllBut(List<String> patterns) -> write(section.putArray(FROZEN), patterns);
        }
    }

    private static void write(ArrayNode list, List<String> patterns) {
        patterns.forEach(list::add);
    }

    private static Set<String> matched(String key, List<String> patterns, Collection<String> names) {
        Set<String> matched = new LinkedHashSet<>();
        Problems problems = new Problems();
        for (String pattern : patterns) {
            List<String> found = new NamePattern(pattern).among(names);
            if (found.isEmpty()) {
                String near = Suggestions.didYouMean(pattern, names);
                problems.add("optimizer." + key + " must have patterns of tensor names, got " + pattern
                        + ", which matches no tensor of this model"
                        + (near.isEmpty() ? "; use the names in model.safetensors" : near));
            }
            matched.addAll(found);
        }
        problems.throwIfAny();
        return matched;
    }
}
