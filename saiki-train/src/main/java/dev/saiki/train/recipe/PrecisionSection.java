package dev.saiki.train.recipe;

import dev.saiki.io.yaml.SectionReader;
import dev.saiki.model.Precision;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `precision`: the number format of computation. Weights and optimizer state are always float32.
///
/// @param compute the type of activations and matrix products
/// @param activationCheckpointing whether to recompute activations in the backward pass instead of keeping
///     them, which takes less memory and about a third more compute, with the same results
public record PrecisionSection(Precision compute, boolean activationCheckpointing) {

    /// The default: float32.
    public static final Precision DEFAULT_COMPUTE = Precision.FLOAT32;

    static PrecisionSection read(SectionReader reader) {
        return new PrecisionSection(
                reader.choice("compute", SectionReader.spellings(Precision.class), () -> DEFAULT_COMPUTE),
                reader.flag("activation_checkpointing", false));
    }

    void write(ObjectNode section) {
        section.put("compute", SectionReader.spelling(compute));
        section.put("activation_checkpointing", activationCheckpointing);
    }
}
