package dev.saiki.train;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// A reporter of steps: it writes a line of metrics at each logged step and calls the listener at every step.
final class StepReporter implements AutoCloseable {

    private final TrainingRun run;
    private final Stopwatch training;
    private final long startNanos = System.nanoTime();
    private RunLog log;
    private long loggedTokens;
    private double loggedSeconds;
    private double tokensPerSecond = Double.NaN;

    private StepReporter(TrainingRun run, Stopwatch training, RunLog log) {
        this.run = run;
        this.training = training;
        this.log = log;
        this.loggedTokens = run.plan().first().tokensSeen();
    }

    static StepReporter open(TrainingRun run, Stopwatch training) throws IOException {
        // With -1 the log of a new run starts without any line; even that of step 0 is written later.
        long step = run.plan().continues() ? run.plan().first().step() : -1;
        return new StepReporter(run, training, openLog(run, step));
    }

    private static RunLog openLog(TrainingRun run, long step) throws IOException {
        return RunLog.open(run.folder(), step, run.recipe(), run.group());
    }

    /// Writes the line of step 0.
    void logBase(ValidationReport report) throws IOException {
        TrainingRun.write(run.folder().metrics(), report.step(), () -> log.appendBase(report));
    }

    /// Reports a step that was taken, or skipped as a spike.
    void report(RunState state, StepResult result, Optional<ValidationReport> validated) throws IOException {
        double learningRate = run.plan().schedule().at(state.step() - 1);
        if (state.step() % run.recipe().metrics().logEvery() == 0 || validated.isPresent()) {
            double seconds = training.seconds();
            tokensPerSecond = (state.tokensSeen() - loggedTokens) / (seconds - loggedSeconds);
            loggedTokens = state.tokensSeen();
            loggedSeconds = seconds;
            TrainingRun.write(
                    run.folder().metrics(),
                    state.step(),
                    () -> log.append(state, result, learningRate, tokensPerSecond, validated));
        }
        run.listener()
                .onStep(new StepReport(
                        state.step(),
                        run.totalSteps(),
                        result.crossEntropyLoss(),
                        tokensPerSecond,
                        result.routing().meanDepth(),
                        learningRate,
                        remaining(state)));
    }

    private Duration remaining(RunState state) {
        // A rollback may have gone back beyond the first step of this session.
        long done = Math.max(1, state.step() - run.plan().first().step());
        double perStep = (double) (System.nanoTime() - startNanos) / done;
        return Duration.ofSeconds(Math.round(perStep * (run.totalSteps() - state.step()) / 1e9));
    }

    /// Flushes all logged lines to disk.
    void force() throws IOException {
        log.force();
    }

    /// Removes the lines of steps after the state to which training was rolled back.
    void rewind(RunState state) throws IOException {
        log.close();
        log = openLog(run, state.step());
        loggedTokens = state.tokensSeen();
        loggedSeconds = training.seconds();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
