package dev.saiki.study.pilot;

import dev.saiki.eval.format.Numbers;
import dev.saiki.io.AtomicFiles;
import dev.saiki.model.Precision;
import dev.saiki.study.StudyEstimate;
import dev.saiki.study.StudyListener;
import dev.saiki.study.plan.StudyPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The choice of a pilot's size, number format and budget from the speed of this machine.
///
/// Steps of a vanilla model are timed at a middle size, in both number formats. The result shows roughly how many
/// FLOPs fit the time, which determines the size; timed steps of all models at that size then determine the
/// budget. Equal FLOPs do not take equal time, so the budget B solves: sum over all trainings of (the training's
/// seconds per FLOP × the fixed multiple of B that the training takes) = time for training.
record PilotCalibration(PilotOptions options, CorpusSize text, StudyListener listener, BooleanSupplier stop) {

    /// How much of the time that remains after fixed costs and evaluations is for training.
    private static final double TRAINING_SHARE = 0.95;

    /// Approximate time of the tokenizer, the data, this calibration and the report, independent of the pilot's
    /// length.
    private static final double FIXED_SECONDS = 60;

    /// Duration of evaluating a checkpoint, in seconds.
    private static final double SECONDS_PER_CHECKPOINT = 3;

    /// The share of a pilot's whole time that is always for training; it matters only in very short pilots.
    private static final double MIN_TRAINING_SHARE = 0.4;

    private static final double SECONDS_PER_MINUTE = 60;

    /// The size that is timed first.
    private static final String MIDDLE = "d96";

    /// The budget of plans of which only a few steps are timed.
    private static final double ANY_FLOPS = 1e12;

    /// The minimum number of tokens in a training: with fewer, a model has hardly seen its text.
    private static final double MIN_TOKENS = 1e6;

    private static final int MODELS = 6;

    /// Extra cost per model, as a multiple of a training's budget: trials of learning rates, and the longer time
    /// per FLOP of routed models.
    private static final double ABOUT_OVERHEAD = 0.4;

    /// Times steps and chooses the plan.
    ///
    /// @return the plan; empty if the pilot was stopped
    Optional<PilotPlan> calibrate() throws IOException {
        PilotSize probed = PilotSize.named(options.size().orElse(MIDDLE));
        Precision precision = Precision.FLOAT32;
        double min = Double.POSITIVE_INFINITY;
        for (Precision candidate : Precision.values()) {
            if (stop.getAsBoolean()) {
                return Optional.empty();
            }
            StudyEstimate.RunEstimate vanilla =
                    estimate(anyLength(probed, candidate).firstFamily()).runs().getLast();
            double secondsAFlop = vanilla.seconds() / vanilla.forwardFlops();
            precision = secondsAFlop < min ? candidate : precision;
            min = Math.min(min, secondsAFlop);
        }
        double budgets = MODELS * (options.numSeeds() + ABOUT_OVERHEAD);
        PilotSize shape = options.size().isPresent() ? probed : PilotSize.fitting(trainingSeconds() / (min * budgets));
        return Optional.of(plan(shape, precision));
    }

    /// The plan for a size, or for a smaller size if a model would be trained on too little text.
    private PilotPlan plan(PilotSize shape, Precision precision) throws IOException {
        StudyEstimate estimate = estimate(anyLength(shape, precision).toYaml());
        double flops = rounded(ANY_FLOPS * trainingSeconds() / estimate.seconds());
        double mostExpensive = estimate.runs().stream()
                .mapToDouble(run -> run.forwardFlops() / run.tokens())
                .max()
                .orElseThrow();
        int index = PilotSize.ALL.indexOf(shape);
        if (flops / mostExpensive < MIN_TOKENS && options.size().isEmpty() && index > 0) {
            return plan(PilotSize.ALL.get(index - 1), precision);
        }
        report(shape, precision, flops, mostExpensive);
        return new PilotPlan(options, text, shape, precision, flops);
    }

    private void report(PilotSize shape, Precision precision, double flops, double mostExpensive) {
        listener.onMessage(MODELS + " models of width " + shape.hiddenSize() + ", each trained with "
                + Numbers.metric(flops) + "FLOP in " + precision.name().toLowerCase(Locale.ROOT)
                + (options.numSeeds() == 1 ? "" : ", " + options.numSeeds() + " times")
                + "; the most expensive model is trained on " + Numbers.metric(Math.rint(flops / mostExpensive))
                + " tokens");
        if (flops / mostExpensive < MIN_TOKENS) {
            listener.onMessage("models trained on less than a million tokens say nothing about larger models; increase"
                    + " --minutes");
        }
    }

    /// A plan of which only a few steps are timed.
    private PilotPlan anyLength(PilotSize shape, Precision precision) {
        return new PilotPlan(options, text, shape, precision, ANY_FLOPS);
    }

    /// Estimates the duration of a plan.
    private StudyEstimate estimate(String plan) throws IOException {
        Path scratch = Files.createTempDirectory("saiki-pilot");
        try {
            Path file = scratch.resolve(Pilot.PLAN_FILE);
            AtomicFiles.writeString(file, plan);
            return StudyEstimate.of(StudyPlan.read(file), scratch.resolve("study"), listener);
        } finally {
            AtomicFiles.deleteRecursively(scratch);
        }
    }

    /// The seconds for training in this pilot.
    private double trainingSeconds() {
        return trainingSeconds(options.minutes(), options.numSeeds());
    }

    /// The time, in seconds, that a pilot has for training.
    ///
    /// @param minutes the duration of the whole pilot
    /// @param seeds number of trainings of each model
    static double trainingSeconds(double minutes, int seeds) {
        double seconds = minutes * SECONDS_PER_MINUTE;
        double measuring = SECONDS_PER_CHECKPOINT * MODELS * (seeds + 2);
        double left = seconds - FIXED_SECONDS - measuring - PilotPlan.secondsOfSpeed(minutes);
        return Math.max(MIN_TRAINING_SHARE * seconds, TRAINING_SHARE * left);
    }

    /// Rounds a number down to three significant digits, because more digits would be noise and a short number is
    /// easier to read.
    static double rounded(double flops) {
        double unit = Math.pow(10, Math.floor(Math.log10(flops)) - 2);
        return Math.floor(flops / unit) * unit;
    }
}
