package dev.saiki.engine.reference;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import java.util.Optional;
import java.util.OptionalInt;

/// The facts about a checkpoint's router that monitoring compares with, and that replace it if it fails.
///
/// @param numRecursions of the model
/// @param training the depths that tokens took in training, if anything is known of it
/// @param depth the reference depth: what every token takes when the router is not followed; the best uniform depth as
///     validation measured it, or all recursions if it measured none
public record RouterReference(int numRecursions, Optional<ExpectedDepths> training, int depth) {

    /// Reads what is known.
    ///
    /// @param checkpoint a model, trained or not
    /// @return its facts
    public static RouterReference of(CheckpointDirectory checkpoint) {
        int numRecursions = checkpoint.config().numRecursions();
        OptionalInt measured =
                checkpoint.manifest().map(Manifest::referenceDepth).orElseGet(OptionalInt::empty);
        return new RouterReference(
                numRecursions,
                ExpectedDepths.of(checkpoint),
                Math.clamp(measured.orElse(numRecursions), 1, numRecursions));
    }
}
