package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import java.util.Map;

/// Forced depths at individual positions; the router decides at all other positions.
///
/// @param depths forced depth at each position; depths start at 1
public record PositionDepths(Map<Integer, Integer> depths) implements ForcedDepths {

    /// Checks the depths and makes a defensive copy.
    ///
    /// @throws InputException if a position is negative or a depth is below 1
    public PositionDepths {
        depths = Map.copyOf(depths);
        depths.forEach((position, depth) -> {
            if (position < 0 || depth < 1) {
                throw new InputException(
                        "depths start at 1 and positions at 0, got depth " + depth + " at position " + position);
            }
        });
    }

    @Override
    public int depthOf(int position) {
        return depths.getOrDefault(position, AS_ROUTED);
    }
}
