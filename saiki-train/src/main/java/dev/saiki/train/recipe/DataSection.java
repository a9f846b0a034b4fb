package dev.saiki.train.recipe;

import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `data`: what is trained on, and the seed of everything random in the run.
///
/// @param dataset the folder that `saiki data prepare` wrote; a run cannot start without one, a description can.
///     Relative paths start at the working directory
/// @param seed decides the initial weights, the order of the rows and random routing
public record DataSection(Optional<Path> dataset, long seed) {

    /// The seed of a run that does not name one.
    public static final long DEFAULT_SEED = 0;

    static DataSection read(SectionReader reader) {
        return new DataSection(reader.path("dataset"), reader.integer("seed", DEFAULT_SEED));
    }

    void write(ObjectNode section) {
        dataset.ifPresent(path -> section.put("dataset", path.toString()));
        section.put("seed", seed);
    }
}
