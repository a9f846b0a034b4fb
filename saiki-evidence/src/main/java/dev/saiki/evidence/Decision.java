package dev.saiki.evidence;

/// The decision that the evidence supports.
public enum Decision {
    /// Not enough is known yet.
    CONTINUE,
    /// The candidate is worse than tolerated.
    RETREAT,
    /// The candidate is not worse than tolerated.
    PROMOTE;

    /// The decision for the logarithms of both kinds of evidence.
    static Decision of(GateSettings settings, double logRetreat, double logPromote) {
        if (logRetreat >= -Math.log(settings.retreatError())) {
            return RETREAT;
        }
        return logPromote >= -Math.log(settings.promoteError()) ? PROMOTE : CONTINUE;
    }
}
