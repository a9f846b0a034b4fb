package dev.saiki.rollout.plan;

import dev.saiki.rollout.pair.Word;

/// A state of a rollout, which decides who answers.
public enum RolloutState implements Word {
    /// The baseline answers all requests; a share is mirrored to the candidate.
    SHADOW,
    /// The candidate answers a share, at its reference depth.
    CANARY,
    /// The candidate answers a share, at its certified effort.
    CERTIFIED,
    /// The candidate answers all requests; a share is mirrored to the baseline.
    FULL,
    /// The candidate answers all requests; the baseline is no longer used.
    RETIRED,
    /// The baseline answers all requests, because the candidate was found worse or an operator aborted.
    ABORTED;
}
