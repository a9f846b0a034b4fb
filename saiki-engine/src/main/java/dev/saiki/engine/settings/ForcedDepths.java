package dev.saiki.engine.settings;

/// An assignment of forced depths to tokens.
///
/// A token that continues against the router's decision passes each further step with the router's own gate for
/// that step, as if the router had decided so. A bound on the depth still applies.
public sealed interface ForcedDepths permits DepthHistogram, PositionDepths {

    /// The depth of a token whose depth the router decides.
    int AS_ROUTED = 0;

    /// Returns the depth of a token.
    ///
    /// @param position of the token
    /// @return depth, from 1, or {@link #AS_ROUTED}
    int depthOf(int position);
}
