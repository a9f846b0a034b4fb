package dev.saiki.rollout.check;

/// A check by users' feedback. A user sees the answer of one side only, so feedback on an answer of one side is
/// paired with feedback on some answer of the other side, in order of arrival.
public record FeedbackCheck() implements Check {}
