package dev.saiki.study.results;

import dev.saiki.study.plan.StudyPlan;
import java.util.Optional;

/// The program and the machine that a study runs on.
///
/// @param version version of Saiki
/// @param processors processors that the program could use
/// @param platform operating system and architecture
/// @param started when the study began, in UTC, as ISO 8601 writes it
/// @param updated when this was written, likewise
/// @param preset what a pilot was asked for that made the plan; absent if a person wrote it
public record StudyEnvironment(
        String version,
        int processors,
        String platform,
        String started,
        String updated,
        Optional<StudyPlan.Preset> preset) {}
