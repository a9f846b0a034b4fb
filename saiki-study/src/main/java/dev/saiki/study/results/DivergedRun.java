package dev.saiki.study.results;

/// A training that was given up because its loss or gradient became infinite or NaN.
///
/// @param id its name
/// @param purpose what it was for
/// @param step the step that could not be taken; that of the run whose stable phase it shares, if that one
///     did not come as far
/// @param what what was not finite, such as `the cross-entropy loss`
public record DivergedRun(String id, RunPurpose purpose, long step, String what) {}
