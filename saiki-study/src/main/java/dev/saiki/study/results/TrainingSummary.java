package dev.saiki.study.results;

import java.util.Optional;

/// The length and speed of a training.
///
/// @param steps optimizer steps of the whole training
/// @param tokens number of training tokens, including repeats
/// @param forwardFlops forward FLOPs of the whole training
/// @param branchedFrom the run whose stable phase this run shares; if there is one, this run is only a
///     cool-down from that run
/// @param ownSteps number of steps of this run alone; fewer than `steps` if the run branched off another run
/// @param ownSeconds duration of the run's own steps in seconds
/// @param tokensPerSecond median speed over the run's logged steps
public record TrainingSummary(
        long steps,
        long tokens,
        double forwardFlops,
        Optional<String> branchedFrom,
        long ownSteps,
        double ownSeconds,
        double tokensPerSecond) {}
