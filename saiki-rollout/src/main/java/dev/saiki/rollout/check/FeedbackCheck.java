package dev.saiki.rollout.check;

/// A check by users' feedback. Each user sees an answer of one side only, so feedback on one side is paired with
/// feedback on the other side in order of arrival.
public record FeedbackCheck() implements UnpairedCheck {}
