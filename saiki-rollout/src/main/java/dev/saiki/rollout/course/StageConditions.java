package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.rollout.check.LevelReading;
import dev.saiki.rollout.check.LevelReading.Verdict;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.plan.LevelGate;
import dev.saiki.rollout.plan.OperationSettings;
import dev.saiki.rollout.plan.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What the next stage needs besides the evidence: the length of the stage, the levels of other systems, and the hours
/// in which the rollout may move. Confined to one thread.
final class StageConditions {

    private final OperationSettings settings;
    private final Map<String, Level> levels = new HashMap<>();
    private long run;

    /// The newest answer of a gate in the run, and the failures in a row up to it.
    private record Level(LevelReading reading, Instant at, int failures) {}

    StageConditions(OperationSettings settings) {
        this.settings = settings;
    }

    /// Begins a run, in which no answers of earlier ones count.
    private void begin(long current) {
        if (run != current) {
            levels.clear();
            run = current;
        }
    }

    /// Takes an answer about a level; one that was taken before, in a round that failed, is ignored. A missing answer
    /// is no failure, and does not end a row of failures either.
    void accept(RolloutEvent.LevelRead read, long current) {
        begin(current);
        @Nullable Level before = levels.get(read.gate());
        if (read.run() != current || (before != null && !read.at().isAfter(before.at()))) {
            return;
        }
        int failures = before == null ? 0 : before.failures();
        int more = switch (read.reading().verdict()) {
            case PASSES -> 0;
            case FAILS -> failures + 1;
            case MISSING -> failures;
        };
        levels.put(read.gate(), new Level(read.reading(), read.at(), more));
    }

    /// The reason for a retreat, if a level failed too often in a row.
    Optional<String> retreating(long current) {
        begin(current);
        for (LevelGate gate : settings.levels()) {
            @Nullable Level level = levels.get(gate.name());
            if (gate.retreats() && level != null && level.failures() >= gate.failures()) {
                return Optional.of("gate " + gate.name() + ": " + level.failures() + " failures in a row, "
                        + level.reading().words());
            }
        }
        return Optional.empty();
    }

    /// Lists what the next stage waits for, in words.
    ///
    /// @param conversations the conversations of the run that contributed evidence
    List<String> awaited(Position current, long conversations, Instant now) {
        begin(current.run());
        List<String> awaited = new ArrayList<>();
        Stage stage = current.stage();
        if (conversations < stage.conversations()) {
            awaited.add(stage.conversations() - conversations + " more conversations of the stage");
        }
        if (now.isBefore(current.since().plus(stage.duration()))) {
            awaited.add("the end of the stage's duration, " + current.since().plus(stage.duration()));
        }
        for (LevelGate gate : settings.levels()) {
            @Nullable Level level = levels.get(gate.name());
            if (gate.promotes() && !(level != null && holds(gate, level, now))) {
                awaited.add("gate " + gate.name() + ": " + (level == null ? "no answer yet" : words(gate, level, now)));
            }
        }
        closed(now).ifPresent(awaited::add);
        return awaited;
    }

    private static boolean holds(LevelGate gate, Level level, Instant now) {
        return level.reading().verdict() == Verdict.PASSES && isNew(gate, level, now);
    }

    private static boolean isNew(LevelGate gate, Level level, Instant now) {
        return Duration.between(level.at(), now).compareTo(gate.longestValid()) <= 0;
    }

    private static String words(LevelGate gate, Level level, Instant now) {
        return level.reading().words() + (isNew(gate, level, now) ? "" : ", too old");
    }

    /// Why the rollout may not move forward at this time; empty if it may.
    Optional<String> closed(Instant now) {
        return settings.hours()
                .filter(hours -> !hours.areOpen(now))
                .map(hours -> "the hours for promotions (" + hours + "), which begin at "
                        + hours.nextOpening(now).toOffsetDateTime());
    }

    /// When the hours for promotions begin; empty if they have begun.
    Optional<Instant> opening(Instant now) {
        return settings.hours()
                .filter(hours -> !hours.areOpen(now))
                .map(hours -> hours.nextOpening(now).toInstant());
    }

    /// The newest answer about each level in this run, for display.
    ArrayNode toJson(long current) {
        begin(current);
        ArrayNode shown = Json.array();
        for (LevelGate gate : settings.levels()) {
            ObjectNode json = shown.addObject().put("gate", gate.name());
            @Nullable Level level = levels.get(gate.name());
            if (level != null) {
                json.put("at", level.at().toString())
                        .put("verdict", level.reading().verdict().word())
                        .put("says", level.reading().words())
                        .put("failures", level.failures());
            }
            json.put("retreats_at", gate.retreats() ? gate.failures() : 0);
        }
        return shown;
    }
}
