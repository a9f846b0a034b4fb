package dev.saiki.cli.training;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.train.CheckpointReport;
import dev.saiki.train.StepReport;
import dev.saiki.train.TrainingListener;
import dev.saiki.train.TrainingOutcome;
import dev.saiki.train.TrainingStart;
import dev.saiki.train.ValidationReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// The display of a training on standard error: a progress bar on a terminal, otherwise a line from time to time.
public final class TrainingDisplay implements TrainingListener, AutoCloseable {

    /// Time between two plain lines, long enough to keep the log of a night readable.
    public static final Duration PAUSE = Duration.ofSeconds(10);

    /// Moves to the start of the line and clears it, so that a message does not follow the bar on the same line.
    private static final String CLEAR_LINE = "\r\u001b[2K";

    private final Console console;
    private final InstantSource clock;
    private final String name;
    private Optional<ProgressBar> bar = Optional.empty();
    private long nextLineMillis;

    /// Makes a display.
    ///
    /// @param console the console for the output
    /// @param clock the clock that decides when the next plain line is due
    public TrainingDisplay(Console console, InstantSource clock) {
        this(console, clock, "train");
    }

    /// Makes a display of one training among several.
    ///
    /// @param console the console for the output
    /// @param clock the clock that decides when the next plain line is due
    /// @param name the name of the training
    public TrainingDisplay(Console console, InstantSource clock, String name) {
        this.console = console;
        this.clock = clock;
        this.name = name;
    }

    @Override
    public void onStart(TrainingStart start) {
        if (start.firstStep() >= start.totalSteps()) {
            print("all " + NumberFormats.count(start.totalSteps()) + " steps have been trained");
            return;
        }
        print(NumberFormats.text(
                "%s parameters, %s training tokens, steps %s to %s of %s tokens each, %s forward FLOPs per token",
                NumberFormats.count(start.parameters()),
                NumberFormats.count(start.trainingTokens()),
                NumberFormats.count(start.firstStep() + 1),
                NumberFormats.count(start.totalSteps()),
                NumberFormats.count(start.tokensPerStep()),
                NumberFormats.count(Math.round(start.forwardFlopsPerToken()))));
        if (console.errIsTerminal()) {
            bar = Optional.of(new ProgressBarBuilder()
                    .setTaskName(name)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setInitialMax(start.totalSteps())
                    .startsFrom(start.firstStep(), Duration.ZERO)
                    .setUpdateIntervalMillis(500)
                    .setConsumer(new ConsoleProgressBarConsumer(console.err(), console.columns() - 1))
                    .build());
        }
    }

    @Override
    public void onWarning(String message) {
        print("warning: " + message);
    }

    @Override
    public void onDepth(long step, int depth) {
        print("step " + NumberFormats.count(step) + "  depth " + depth + " from here on; the loss may jump");
    }

    @Override
    public void onPromotion(long step, int stage) {
        print("step " + NumberFormats.count(step) + "  dataset " + stage
                + " of the curriculum is learnt; the next one follows");
    }

    @Override
    public void onStep(StepReport report) {
        String numbers = NumberFormats.text(
                "loss %.4f  %s tokens/s  depth %.2f",
                report.crossEntropyLoss(),
                Double.isFinite(report.tokensPerSecond())
                        ? NumberFormats.count(Math.round(report.tokensPerSecond()))
                        : "-",
                report.meanRecursionDepth());
        if (bar.isPresent()) {
            bar.get().stepTo(report.step()).setExtraMessage(" " + numbers);
            return;
        }
        long now = clock.millis();
        if (now >= nextLineMillis || report.step() == report.totalSteps()) {
            nextLineMillis = now + PAUSE.toMillis();
            print(NumberFormats.text(
                    "step %s/%s  %s  lr %.2e  %s left",
                    NumberFormats.count(report.step()),
                    NumberFormats.count(report.totalSteps()),
                    numbers,
                    report.learningRate(),
                    NumberFormats.duration(report.remaining().toSeconds())));
        }
    }

    @Override
    public void onValidation(ValidationReport report) {
        String remark = report.isBest() ? " (best so far)" : "";
        print(validation(report) + (report.step() == 0 ? " (the model before training)" : remark));
    }

    /// A validation in one line. After a validation on a single row of tokens, the line has no ±, since one row
    /// has no standard error of the loss.
    public static String validation(ValidationReport report) {
        String error =
                Double.isFinite(report.standardError()) ? NumberFormats.text(" ± %.4f", report.standardError()) : "";
        String sides = report.sides()
                .map(apart ->
                        NumberFormats.text(" (prompts %.3f, answers %.3f)", apart.promptDepth(), apart.answerDepth()))
                .orElse("");
        String text = report.text()
                .map(beside -> NumberFormats.text("; text NLL %.4f", beside.crossEntropyLoss()))
                .orElse("");
        return NumberFormats.text(
                "step %s  held-out: NLL %.4f%s nats per token, %.4f bits per byte, mean depth %.3f%s%s",
                NumberFormats.count(report.step()),
                report.crossEntropyLoss(),
                error,
                report.bitsPerByte(),
                report.meanRecursionDepth(),
                sides,
                text);
    }

    @Override
    public void onCheckpoint(CheckpointReport report) {
        print("step " + NumberFormats.count(report.step()) + "  saved " + report.state());
    }

    @Override
    public void onStop(TrainingOutcome outcome) {
        close();
    }

    private void print(String message) {
        console.err().print((bar.isPresent() ? CLEAR_LINE : "") + message + System.lineSeparator());
        console.err().flush();
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
