package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `data`: what is trained on, and the seed of everything random in the run.
///
/// @param dataset the folder that `saiki data prepare` wrote; a run cannot start without one or conversations, a
///     description can. Relative paths start at the working directory
/// @param conversations what is learnt from in its place
/// @param seed decides the initial weights, the order of the rows and random routing
public record DataSection(Optional<Path> dataset, Optional<ConversationSection> conversations, long seed) {

    /// The seed of a run that does not name one.
    public static final long DEFAULT_SEED = 0;

    /// Checks that only one of them is given.
    ///
    /// @throws dev.saiki.io.InputException if both are
    public DataSection {
        Problems.requireAll(() -> RecipeChecks.that(
                dataset.isEmpty() || conversations.isEmpty(),
                "data",
                "given only one of dataset and conversations",
                "both"));
    }

    static DataSection read(SectionReader reader) {
        return new DataSection(
                reader.path("dataset"),
                ConversationSection.read(reader.section("conversations")),
                reader.integer("seed", DEFAULT_SEED));
    }

    void write(ObjectNode section) {
        dataset.ifPresent(path -> section.put("dataset", path.toString()));
        conversations.ifPresent(given -> given.write(section.putObject("conversations")));
        section.put("seed", seed);
    }
}
