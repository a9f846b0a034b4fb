package dev.saiki.rollout.plan;

/// A gate of a plan, by evidence over conversations or by a level that another system knows.
public sealed interface PlannedGate permits RolloutGate, LevelGate {

    /// Returns the name of the gate.
    ///
    /// @return the name
    String name();
}
