package dev.saiki.study.results;

import dev.saiki.eval.audit.StepGain;
import java.util.List;

/// The gain of further recursions for sampled tokens, and the share that each ranking captures.
///
/// @param samples maximum number of sampled tokens
/// @param steps all steps together, then each
public record MeasuredGains(int samples, List<StepGain> steps) {
    /// Copies the list.
    public MeasuredGains {
        steps = List.copyOf(steps);
    }
}
