package dev.saiki.rollout.course;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.evidence.RateBounds;
import dev.saiki.http.Json;
import dev.saiki.rollout.journal.Journal;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The first requests of conversations that the baseline answered, and those of them whose clients left before the end.
/// A client is with one side only, so a departure from the candidate is held against bounds on the baseline's rate.
/// Confined to one thread.
final class Departures {

    /// The requests to the baseline after which its rate is known well enough.
    private static final long KNOWN = 100;

    private static final double ERROR = 0.01;

    private final boolean hasBaseline;
    private long count;
    private long left;

    /// @param hasBaseline whether the plan ever lets the baseline answer clients; without it, its rate counts as 0
    Departures(boolean hasBaseline) {
        this.hasBaseline = hasBaseline;
    }

    /// What a candidate's answer shows: the least values for the candidate, and the greatest.
    record Shown(Sides least, Sides most) {}

    /// Counts a request of the baseline.
    void count(boolean isLeft) {
        count++;
        left += isLeft ? 1 : 0;
    }

    /// Holds a candidate's answer against the baseline's rate.
    ///
    /// @param isLeft whether the client left before the answer ended
    /// @return the values for a test; empty as long as the baseline's rate is not known
    Optional<Shown> shown(boolean isLeft) {
        double value = isLeft ? 1 : 0;
        if (!hasBaseline) {
            return Optional.of(new Shown(new Sides(0, value), new Sides(0, value)));
        }
        if (count < KNOWN) {
            return Optional.empty();
        }
        RateBounds usual = new RateBounds(count, left, ERROR);
        return Optional.of(new Shown(new Sides(usual.upper(), value), new Sides(usual.lower(), value)));
    }

    /// Serializes the counts.
    String toJson() {
        return Journal.text(Json.object().put("count", count).put("left", left));
    }

    /// Replaces the counts by what {@link #toJson} wrote.
    void read(String text) {
        JsonNode json = Journal.json(text);
        count = json.path("count").asLong(0);
        left = json.path("left").asLong(0);
    }
}
