package dev.saiki.rollout.check;

/// A check by users' feedback. A user sees one answer, so feedback on one side is paired with feedback on the other
/// in order of arrival.
public record FeedbackCheck() implements UnpairedCheck {}
