package dev.saiki.engine.reference;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import java.util.Optional;
import java.util.OptionalInt;

/// The reference values of a checkpoint's router: the values that monitoring compares with, and the depth that
/// replaces the router if it fails.
///
/// @param numRecursions of the model
/// @param training the depths of tokens in training, if known
/// @param depth the reference depth, which every token takes when the router is overruled: the best uniform depth
///     measured in validation, or all recursions if none was measured
public record RouterReference(int numRecursions, Optional<ExpectedDepths> training, int depth) {

    /// Reads the reference values of a checkpoint.
    ///
    /// @param checkpoint a model, trained or not
    /// @return its reference values
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
