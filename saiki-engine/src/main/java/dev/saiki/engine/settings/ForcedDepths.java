package dev.saiki.engine.settings;

/// An assignment of forced depths to tokens.
///
/// If a token continues against the router's decision, each further step uses the router's own gate for that step,
/// as if the router had decided to continue. The upper bound on the depth still applies; the lower bound does not.
public sealed interface ForcedDepths permits DepthHistogram, PositionDepths {

    /// The value for a token whose depth the router decides.
    int AS_ROUTED = 0;

    /// Returns the forced depth of a token.
    ///
    /// @param position the position of the token
    /// @return depth, from 1, or {@link #AS_ROUTED}
    int depthOf(int position);
}
