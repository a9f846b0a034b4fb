package dev.saiki.engine.reference;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import java.util.Optional;
import java.util.OptionalInt;

/// The reference values of a checkpoint's router: the expected depths, with which monitoring compares actual
/// depths, and the reference depth, which replaces the router's choices if the router fails.
///
/// @param numRecursions the number of recursions of the model
/// @param training the depths of tokens in training, if known
/// @param depth the reference depth, which every token takes while the router is overruled: the uniform depth that
///     was best in validation, or all recursions if none was measured
public record RouterReference(int numRecursions, Optional<ExpectedDepths> training, int depth) {

    /// Reads the reference values of a checkpoint.
    ///
    /// @param checkpoint checkpoint of a trained or untrained model
    /// @return the reference values
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
