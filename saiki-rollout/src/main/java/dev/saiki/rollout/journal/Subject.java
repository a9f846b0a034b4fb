package dev.saiki.rollout.journal;

/// The originator of a request, for erasure: its tenant and user.
///
/// @param tenant name of the request's API key; empty if keys are off
/// @param user keyed hash of the request's `user`; empty if the request has none
public record Subject(String tenant, String user) {}
