package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// The texts that a checkpoint generated with the engine.
///
/// @param run id of the run
/// @param speed decoding speed; absent if not measured
/// @param samples one continuation per prompt, with the same prompts for every run
public record GeneratedSamples(String run, Optional<DecodeSpeed> speed, List<TextSample> samples) {
    /// Copies the list.
    public GeneratedSamples {
        samples = List.copyOf(samples);
    }
}
