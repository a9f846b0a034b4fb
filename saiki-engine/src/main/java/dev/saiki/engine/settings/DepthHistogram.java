package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import java.util.List;

/// Depths that tokens are made to take, whatever the router says: to measure shapes whose weights are random.
///
/// @param shares of the tokens, by depth from 1; they add up to 1
public record DepthHistogram(List<Double> shares) implements ForcedDepths {

    private static final double TOLERANCE = 1e-6;

    /// The fractional part of the golden ratio: its multiples spread over [0, 1) more evenly than random
    /// numbers, so that even a short text has the shares.
    private static final double STRIDE = (Math.sqrt(5) - 1) / 2;

    /// Checks the shares and keeps a copy.
    ///
    /// @throws InputException if one is negative or they do not add up to 1
    public DepthHistogram {
        shares = List.copyOf(shares);
        double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
        if (shares.stream().anyMatch(share -> !(share >= 0)) || !(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new InputException("depths must be shares of at least 0 that add up to 1, got " + shares);
        }
    }

    @Override
    public int depthOf(int position) {
        double place = (position + 1) * STRIDE;
        place -= Math.floor(place);
        double sum = 0;
        for (int depth = 1; depth < shares.size(); depth++) {
            sum += shares.get(depth - 1);
            if (place < sum) {
                return depth;
            }
        }
        return shares.size();
    }
}
