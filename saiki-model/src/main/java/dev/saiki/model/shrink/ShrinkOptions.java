package dev.saiki.model.shrink;

import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.io.InputException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The target shape of a shrunk model.
///
/// @param recursions the number of times that the shared block is applied, at least 2
/// @param entryLayers the number of kept layers before the block; 0 if, and only if, there are no exit layers
/// @param exitLayers the number of kept layers after the block
/// @param tying the source of the shared layers' matrices
/// @param rank the rank of the updates of steps after the first; 0 for none, {@link #FULL_RANK} for an exact
///     restoration
public record ShrinkOptions(int recursions, int entryLayers, int exitLayers, Tying tying, int rank) {

    /// The rank of updates that restore every matrix exactly.
    public static final int FULL_RANK = Integer.MAX_VALUE;

    /// Checks the numbers.
    ///
    /// @throws InputException if a value is out of range
    public ShrinkOptions {
        InputException.requireAtLeast("--recursions", recursions, 2);
        if (entryLayers < 0 || exitLayers < 0 || (entryLayers == 0) != (exitLayers == 0)) {
            throw new InputException("--entry-layers and --exit-layers must both be 0, or both at least 1, got "
                    + entryLayers + " and " + exitLayers);
        }
        InputException.require(rank >= 0, "--rank", "at least 0, or full", rank);
    }

    /// Checks that the layers between the kept ones can be divided into the given number of steps.
    ///
    /// @param where the name of the model in messages
    /// @param layers the number of the model's layers
    /// @throws InputException with the possible numbers of steps
    void requireDivides(String where, int layers) {
        int middle = layers - entryLayers - exitLayers;
        if (middle >= recursions && middle % recursions == 0) {
            return;
        }
        String possible = IntStream.rangeClosed(2, middle)
                .filter(steps -> middle % steps == 0)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" or "));
        throw new InputException(
                "%s: its %d layers leave %d middle layers with --entry-layers %d and --exit-layers %d, %s"
                        .formatted(
                                where,
                                layers,
                                Math.max(0, middle),
                                entryLayers,
                                exitLayers,
                                possible.isEmpty()
                                        ? "too few to tie; reduce --entry-layers and --exit-layers"
                                        : "so --recursions must be " + possible + ", got " + recursions));
    }

    /// The recursion, without any parameters for individual steps.
    Recursion recursion() {
        ParameterSharing sharing = entryLayers == 0 ? ParameterSharing.CYCLE : ParameterSharing.MIDDLE_CYCLE;
        return new Recursion(sharing, recursions, entryLayers, exitLayers);
    }
}
