package dev.saiki.rollout.evidence;

/// A conclusion that evidence allows.
public enum Decision {
    /// Not enough is known yet.
    CONTINUE,
    /// The candidate is worse than is tolerated.
    RETREAT,
    /// The candidate is not worse than is tolerated.
    PROMOTE
}
