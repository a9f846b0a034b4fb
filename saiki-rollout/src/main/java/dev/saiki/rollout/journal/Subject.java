package dev.saiki.rollout.journal;

/// A person or program whose request it was.
///
/// @param tenant name of its key; empty if keys are off
/// @param user keyed hash of the request's `user`; empty if it names none
public record Subject(String tenant, String user) {}
