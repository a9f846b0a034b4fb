package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.plan.GatewayPlan;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a gateway remembers of the last commit that it knows of, apart from the database, so that an old backup is
/// noticed: a gateway keeps it as long as it runs, and beside a SQLite file for longer.
///
/// @param revision the revision; 0 if none is known
/// @param attempt the number of the candidate's attempt
/// @param position the position
record CourseMemory(long revision, int attempt, Position position) {

    /// More revisions than other gateways can have written since, so that they notice too that the state has changed.
    private static final long BEYOND = 1_000_000;

    /// The revision after that of an old backup was found.
    long next(long found) {
        return Math.max(revision, found) + BEYOND;
    }

    /// The remembered position in a new run.
    ///
    /// @param found the position in an old backup
    Position after(Position found, Instant now) {
        long run = Math.max(position.run(), found.run()) + 1;
        return position.inRun(run, now);
    }

    /// Serializes the memory.
    String toJson() {
        return Journal.text(
                Json.object().put("revision", revision).put("attempt", attempt).put("position", position.toJson()));
    }

    /// Parses the output of {@link #toJson}; empty if it is incomplete.
    static Optional<CourseMemory> read(String text, GatewayPlan plan) {
        try {
            JsonNode json = Journal.json(text);
            return Optional.of(new CourseMemory(
                    json.path("revision").asLong(0),
                    json.path("attempt").asInt(1),
                    Position.read(json.path("position").asString("{}"), plan)));
        } catch (JacksonException | DateTimeParseException incomplete) {
            return Optional.empty();
        }
    }
}
