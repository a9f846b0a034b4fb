package dev.saiki.study;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.study.plan.PlanCopy;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.DatasetSummary;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.FamilySummary;
import dev.saiki.study.results.GeneratedSamples;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyEnvironment;
import dev.saiki.study.results.StudyProgress;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.results.UnigramLoss;
import dev.saiki.study.statistics.StudyAnalysis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The record of a study's finished runs, written to `study.json` after every run.
final class StudyLog {

    private final StudyPlan plan;
    private final Optional<PlanCopy> copy;
    private final Path json;
    private final Clock clock;
    private final Map<String, RunResult> finished = new LinkedHashMap<>();
    private final Map<String, DivergedRun> diverged = new LinkedHashMap<>();
    private Optional<DatasetSummary> data = Optional.empty();
    private Optional<UnigramLoss> floor = Optional.empty();
    private List<GeneratedSamples> samples = List.of();
    private String started;

    /// Creates a record that starts now.
    ///
    /// @param plan the plan
    /// @param copy the copy of the plan to write beside the results
    /// @param out the study's folder
    /// @param clock source of the time
    StudyLog(StudyPlan plan, Optional<PlanCopy> copy, Path out, Clock clock) {
        this.plan = plan;
        this.copy = copy;
        this.json = out.resolve(StudyResults.NAME);
        this.clock = clock;
        this.started = now();
    }

    /// Keeps the start time of an earlier session.
    void setStart(String time) {
        started = time;
    }

    /// Records what is the same for all runs, whether measured in this session or in an earlier one.
    ///
    /// @param rows the text, and the scored rows
    /// @param unigram the loss of a unigram model
    void setData(DatasetSummary rows, Optional<UnigramLoss> unigram) {
        data = Optional.of(rows);
        floor = unigram;
    }

    /// The summary of the text and the scored rows; empty before the first measurement.
    Optional<DatasetSummary> data() {
        return data;
    }

    /// The loss of a unigram model; empty before the first measurement.
    Optional<UnigramLoss> floor() {
        return floor;
    }

    /// The samples of one checkpoint of each family.
    List<GeneratedSamples> samples() {
        return samples;
    }

    void keep(List<GeneratedSamples> written) {
        samples = List.copyOf(written);
    }

    void finish(RunResult run) {
        finished.put(run.id(), run);
    }

    void giveUp(DivergedRun run) {
        diverged.put(run.id(), run);
    }

    /// Clears the record that a run was given up, so that the run is tried again.
    void retry(String id) {
        diverged.remove(id);
    }

    /// The finished runs, those of earlier sessions first.
    Collection<RunResult> finished() {
        return finished.values();
    }

    Optional<RunResult> finished(String id) {
        return Optional.ofNullable(finished.get(id));
    }

    Optional<DivergedRun> diverged(String id) {
        return Optional.ofNullable(diverged.get(id));
    }

    /// Whether a run is finished or given up.
    boolean isSettled(String id) {
        return finished.containsKey(id) || diverged.containsKey(id);
    }

    /// Returns those of the given runs that are finished, in their order.
    List<RunResult> finishedOf(List<PlannedRun> planned) {
        return planned.stream().flatMap(run -> finished(run.id()).stream()).toList();
    }

    /// Writes the results so far; must not be called before the first measurement.
    ///
    /// @param planned the runs of the plan, trials first
    /// @param rates the learning rate of each family, where known
    StudyResults write(List<PlannedRun> planned, Map<String, Double> rates) throws IOException {
        List<RunResult> done = finishedOf(planned);
        StudyResults bare = new StudyResults(
                StudyResults.FILE.version(),
                plan.name(),
                new StudyEnvironment(
                        Manifest.currentVersion(),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                        started,
                        now(),
                        plan.preset()),
                data.orElseThrow(),
                plan.families().stream().map(family -> describe(family, rates)).toList(),
                plan.sizes().stream().map(StudyPlan.Size::name).toList(),
                Optional.of(plan.budgets().unit()),
                plan.budgets().values(),
                plan.seeds(),
                progress(planned, done),
                done,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                floor,
                samples);
        StudyResults results = StudyAnalysis.of(bare, plan);
        StudyResults.FILE.write(results, json);
        if (copy.isPresent()) {
            copy.get().write();
        }
        return results;
    }

    private StudyProgress progress(List<PlannedRun> planned, List<RunResult> done) {
        List<PlannedRun> left =
                planned.stream().filter(run -> !isSettled(run.id())).toList();
        double seconds =
                done.stream().mapToDouble(run -> run.training().ownSeconds()).sum();
        return new StudyProgress(
                planned.size(),
                done.size(),
                planned.stream().flatMap(run -> diverged(run.id()).stream()).toList(),
                seconds,
                TrainingSpeeds.of(done).seconds(left));
    }

    private static FamilySummary describe(StudyPlan.Family family, Map<String, Double> rates) {
        return new FamilySummary(
                family.name(),
                family.recipe().spelling(),
                family.learningRates(),
                Optional.ofNullable(rates.get(family.name())));
    }

    /// The file of the results.
    Path json() {
        return json;
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
