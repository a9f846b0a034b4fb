package dev.saiki.rollout.check;

/// A check of the share of requests whose clients leave before the answer ends, of conversations that the candidate
/// answers, beside the baseline's share. There is no pair: the client of a request is with one side only.
public record DepartureCheck() implements Check {}
