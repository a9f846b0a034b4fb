package dev.saiki.study.results;

/// A training that was given up because its loss or gradient became infinite or NaN, or because it had more
/// consecutive spikes than its recipe allows.
///
/// @param id the run's name
/// @param purpose purpose of the run
/// @param step the step that failed, or the trunk's step if the trunk failed before this run branched off
/// @param what the quantity that was not finite or spiked, such as `the cross-entropy loss`
public record DivergedRun(String id, RunPurpose purpose, long step, String what) {}
