package dev.saiki.evidence;

/// The conclusion that the evidence supports.
public enum Decision {
    /// Not enough is known yet.
    CONTINUE,
    /// The candidate is worse than is tolerated.
    RETREAT,
    /// The candidate is not worse than is tolerated.
    PROMOTE;

    /// What follows from both kinds of evidence, given as logarithms.
    static Decision of(GateSettings settings, double logRetreat, double logPromote) {
        if (logRetreat >= -Math.log(settings.retreatError())) {
            return RETREAT;
        }
        return logPromote >= -Math.log(settings.promoteError()) ? PROMOTE : CONTINUE;
    }
}
