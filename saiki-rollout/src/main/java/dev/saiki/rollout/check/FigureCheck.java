package dev.saiki.rollout.check;

import dev.saiki.evidence.FigureTest;
import dev.saiki.evidence.GateSettings;
import dev.saiki.rollout.pair.Outcome;
import java.util.Optional;

/// A check of one figure per side, such as the error rate, against a fixed limit or the baseline's figure.
public sealed interface FigureCheck extends UnpairedCheck permits ErrorRateCheck, LatencyQuantileCheck {

    /// Measures one side.
    ///
    /// @param outcome the outcome of a request
    /// @return the figure for the gate's test
    double measured(Outcome outcome);

    /// Begins a test or resumes one.
    ///
    /// @param settings the settings of the gate
    /// @param state the state from which to resume a test; empty to begin one
    /// @return the test
    FigureTest test(GateSettings settings, Optional<String> state);
}
