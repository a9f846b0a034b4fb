package dev.saiki.study;

import dev.saiki.io.InputException;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.MeasuredGains;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The check of which results of an earlier session are still valid.
///
/// @param plan the current plan
/// @param runs the folders of the plan's runs
/// @param evaluator evaluator with the current rows
/// @param dataHash hash of the current text
/// @param listener receives messages about invalid results
record StudyResumption(
        StudyPlan plan, RunPlanner runs, StudyEvaluator evaluator, String dataHash, StudyListener listener) {

    /// Reuses the runs of earlier results. If the scored rows have changed since, the checkpoints of these runs
    /// are measured again.
    ///
    /// @param earlier the results
    /// @param planned the runs of the plan
    /// @param log receives the valid results
    /// @throws InputException if the text differs, or a missing measurement can no longer be made
    void restore(StudyResults earlier, List<PlannedRun> planned, StudyLog log) {
        log.setStart(earlier.setting().started());
        if (!earlier.data().dataHash().equals(dataHash)) {
            throw new InputException(log.json() + ": the data changed since this file was written (hash "
                    + earlier.data().dataHash() + ", now " + dataHash
                    + "); use another folder for the changed plan");
        }
        boolean isElsewhere = !Files.isDirectory(runs.folder());
        earlier.progress().givenUp().stream()
                .filter(run -> isElsewhere || Files.isDirectory(runs.runFolder(run.id())))
                .forEach(log::giveUp);
        boolean sameRows = earlier.data().tuningTokens() == evaluator.tuningTokens()
                && earlier.data().scoredTokens() == evaluator.scoredTokens();
        if (sameRows) {
            log.setData(earlier.data(), earlier.floor());
            log.keep(earlier.written());
        } else {
            listener.onMessage("the scored rows changed: measuring finished checkpoints again");
        }
        Map<String, PlannedRun> byId =
                planned.stream().collect(Collectors.toMap(PlannedRun::id, Function.identity(), (_, last) -> last));
        for (RunResult run : earlier.runs()) {
            PlannedRun wanted = byId.get(run.id());
            if (wanted != null) {
                restore(run, wanted, sameRows, log);
            }
        }
    }

    /// Reuses a run that has all measurements of the plan. If some are missing, the run's checkpoint is measured
    /// again, so it must exist: training the run again only to evaluate it would take more time than requested.
    private void restore(RunResult run, PlannedRun planned, boolean sameRows, StudyLog log) {
        List<StudyEvaluation> wanted = planned.evaluations(plan.evaluation());
        List<Measurement> measured = wanted.stream()
                .flatMap(evaluation -> run.measurement(evaluation.name()).stream()
                        .filter(measurement -> measurement.kind().equals(evaluation.kind())))
                .toList();
        Optional<Integer> samples = planned.gains(plan.evaluation()).map(StudyPlan.GainSettings::samples);
        Optional<MeasuredGains> gains = run.gains().filter(known -> samples.equals(Optional.of(known.samples())));
        if (sameRows && measured.size() == wanted.size() && gains.isPresent() == samples.isPresent()) {
            log.finish(run.measured(run.tuningNll(), measured, gains));
        } else if (!Files.isDirectory(new StudyRunDirectory(planned, runs.runFolder(run.id())).checkpoint())) {
            throw new InputException(log.json() + ": the plan changed the rows or evaluations of " + run.id()
                    + ", and its checkpoint no longer exists; restore " + run.checkpoint()
                    + ", or use another folder for the changed plan");
        }
    }
}
