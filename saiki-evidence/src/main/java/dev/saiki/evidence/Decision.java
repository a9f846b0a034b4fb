package dev.saiki.evidence;

/// The decision that the evidence supports.
public enum Decision {
    /// The evidence is not yet sufficient for either of the decisions below.
    CONTINUE,
    /// There is sufficient evidence that the candidate is worse than tolerated.
    RETREAT,
    /// There is sufficient evidence that the candidate is not worse than tolerated.
    PROMOTE;

    /// Returns the decision for given logarithms of the two kinds of evidence.
    static Decision of(GateSettings settings, double logRetreat, double logPromote) {
        if (logRetreat >= -Math.log(settings.retreatError())) {
            return RETREAT;
        }
        return logPromote >= -Math.log(settings.promoteError()) ? PROMOTE : CONTINUE;
    }
}
