package dev.saiki.engine.settings;

/// Depths that tokens are forced to take.
///
/// A token that is sent on against the router's decision passes each further step with the gate that the
/// router gives it there, as it would have, had the decision been another. A bound on the depth holds all
/// the same.
public sealed interface ForcedDepths permits DepthHistogram, PositionDepths {

    /// The depth of a token that the router decides about.
    int AS_ROUTED = 0;

    /// Returns the depth of a token.
    ///
    /// @param position of the token
    /// @return depth, from 1, or {@link #AS_ROUTED}
    int depthOf(int position);
}
