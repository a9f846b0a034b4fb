package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// The texts that a checkpoint wrote with the engine.
///
/// @param run id of the run
/// @param speed how fast; absent if it was not measured
/// @param samples continuations, one a prompt, the same prompts for every run
public record GeneratedSamples(String run, Optional<DecodeSpeed> speed, List<TextSample> samples) {
    /// Keeps its own copy of the list.
    public GeneratedSamples {
        samples = List.copyOf(samples);
    }
}
