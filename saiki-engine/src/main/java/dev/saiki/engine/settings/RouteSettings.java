package dev.saiki.engine.settings;

import java.util.Optional;

/// What a request says about the depth of its tokens.
///
/// @param bounds on the depth
/// @param effort the compute dial of a model with expert-threshold routing; NaN for the model's default, and
///     for others
/// @param forced depths that are taken whatever the router says
public record RouteSettings(DepthBounds bounds, double effort, Optional<ForcedDepths> forced) {

    /// The router alone decides, at the model's default effort.
    public static final RouteSettings MODEL = new RouteSettings(DepthBounds.NONE, Double.NaN, Optional.empty());

    /// Sets bounds.
    ///
    /// @param min no token takes fewer recursions
    /// @param max no token takes more
    /// @return the settings
    /// @throws dev.saiki.io.InputException if the bounds are impossible
    public static RouteSettings within(int min, int max) {
        return new RouteSettings(new DepthBounds(min, max), Double.NaN, Optional.empty());
    }

    /// Sets the compute dial.
    ///
    /// @param effort in (0, 1]; NaN for the model's default
    /// @return changed settings
    public RouteSettings withEffort(double effort) {
        return new RouteSettings(bounds, effort, forced);
    }

    /// Forces depths.
    ///
    /// @param depths that are taken
    /// @return changed settings
    public RouteSettings withForced(ForcedDepths depths) {
        return new RouteSettings(bounds, effort, Optional.of(depths));
    }
}
