package dev.saiki.train.recipe;

import java.util.OptionalInt;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Recipe section `parallelism`: how much of the machine a run takes. It changes the speed, never the numbers.
///
/// @param workers micro-batches that run side by side, each on one thread; empty (`auto`) means one for each processor
public record ParallelismSection(OptionalInt workers) {

    private static final String AUTO = "auto";

    /// Checks the range.
    ///
    /// @throws dev.saiki.io.InputException if it is out of range
    public ParallelismSection {
        workers.ifPresent(count -> RecipeChecks.that(
                count >= 1 && count <= 1024, "parallelism.workers", "auto or a number from 1 to 1024", count));
    }

    static ParallelismSection read(SectionReader reader) {
        boolean auto = reader.value("workers") instanceof StringNode text
                && text.stringValue().equals(AUTO);
        return new ParallelismSection(auto ? OptionalInt.empty() : reader.optionalSmallInteger("workers"));
    }

    void write(ObjectNode section) {
        if (workers.isPresent()) {
            section.put("workers", workers.getAsInt());
        } else {
            section.put("workers", AUTO);
        }
    }
}
