package dev.saiki.rollout.pair;

import java.util.stream.Stream;

/// The outcomes of both sides for one request.
///
/// @param request the body, as JSON
/// @param baseline the baseline's outcome
/// @param candidate the candidate's outcome
public record Pair(String request, Outcome baseline, Outcome candidate) {

    /// Returns the length of all texts.
    ///
    /// @return the number of characters
    public long size() {
        return Stream.of(baseline, candidate)
                .mapToLong(outcome -> outcome instanceof Outcome.Answered answered
                        ? answered.text().length() + answered.toolCalls().length()
                        : 0)
                .reduce(request.length(), Long::sum);
    }
}
