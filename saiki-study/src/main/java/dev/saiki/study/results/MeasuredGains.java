package dev.saiki.study.results;

import dev.saiki.eval.audit.StepGain;
import java.util.List;

/// The gain of further recursions for sampled tokens, and the share of that gain that each ranking of the tokens
/// captures.
///
/// @param samples maximum number of sampled tokens
/// @param steps the gains of all steps together, then of each step
public record MeasuredGains(int samples, List<StepGain> steps) {
    /// Copies the list.
    public MeasuredGains {
        steps = List.copyOf(steps);
    }
}
