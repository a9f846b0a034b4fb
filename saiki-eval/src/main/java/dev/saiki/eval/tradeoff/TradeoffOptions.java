package dev.saiki.eval.tradeoff;

import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import java.util.List;

/// The compute settings to measure.
///
/// @param shares target mean shares of the unrolled layers that tokens pass, in (0, 1], for early exits
/// @param depths bounds on the depth
/// @param efforts settings of expert-threshold routing; if empty: effort 0, the efforts of the model's grid, and
///     the model's default effort
/// @param confidence confidence measure by which tokens exit
/// @param every distance between used exit points: 1 to use all, 2 to use every second one, and so on
/// @param skipLastLayer whether tokens that exit also skip the unshared last layers, which they otherwise go through
public record TradeoffOptions(
        List<Double> shares,
        List<Integer> depths,
        List<Double> efforts,
        EarlyExit.Confidence confidence,
        int every,
        boolean skipLastLayer) {

    /// The defaults: early exits at three to nine tenths of the layers by softmax confidence, every depth bound,
    /// every effort.
    public static final TradeoffOptions DEFAULT =
            new TradeoffOptions(List.of(), List.of(), List.of(), EarlyExit.Confidence.SOFTMAX, 1, false);

    private static final List<Double> USUAL_SHARES = List.of(0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9);

    /// Copies and checks the lists.
    ///
    /// @throws InputException that names the error
    public TradeoffOptions {
        shares = List.copyOf(shares);
        depths = List.copyOf(depths);
        efforts = List.copyOf(efforts);
        for (double share : shares) {
            InputException.require(share > 0 && share <= 1, "shares of the layers", "in (0, 1]", share);
        }
        for (int depth : depths) {
            InputException.requireAtLeast("depths", depth, 1);
        }
    }

    /// Whether an option is set that applies only to early exits.
    boolean setsEarlyExits() {
        return !shares.isEmpty() || every != 1 || skipLastLayer;
    }

    List<Double> sharesOrUsual() {
        return shares.isEmpty() ? USUAL_SHARES : shares;
    }
}
