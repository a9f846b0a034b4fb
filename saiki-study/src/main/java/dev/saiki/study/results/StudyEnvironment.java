package dev.saiki.study.results;

import dev.saiki.study.plan.StudyPlan;
import java.util.Optional;

/// The program version and the machine of a study.
///
/// @param version version of Saiki
/// @param processors number of processors available to the program
/// @param platform operating system and architecture
/// @param started start of the study, UTC in ISO 8601
/// @param updated time of the last update, UTC in ISO 8601
/// @param preset options of the pilot that made the plan; absent if a person wrote it
public record StudyEnvironment(
        String version,
        int processors,
        String platform,
        String started,
        String updated,
        Optional<StudyPlan.Preset> preset) {}
