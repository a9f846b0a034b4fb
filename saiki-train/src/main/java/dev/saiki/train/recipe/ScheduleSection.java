package dev.saiki.train.recipe;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.train.schedule.CosineWithWarmup;
import dev.saiki.train.schedule.DepthSchedule;
import dev.saiki.train.schedule.LearningRateSchedule;
import dev.saiki.train.schedule.WarmupStableDecay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `schedule`: the length of the run and its learning rate.
///
/// @param type the shape of the learning rate
/// @param length the length of the run, from one of the keys `steps`, `tokens` and `forward_flops`; only a
///     cool-down may omit the length, which then follows from the decay
/// @param warmup the linear warm-up, from `warmup_steps` or `warmup_fraction`
/// @param decay the linear decay of `warmup_stable_decay`, from `decay_steps` or `decay_fraction`; not used by
///     `cosine`
/// @param minLearningRateRatio the final learning rate as a share of the peak learning rate
/// @param cooldownFrom the folder of a state (`step-<n>`) on the plateau of another run; this run starts from
///     that state and only decays the learning rate
/// @param calibrateTokens the number of training tokens for fitting the thresholds of expert-threshold after the
///     last step; 0 for no fit
/// @param recursions the recursion depth over the run; empty if every recursion is enabled from the first step on
/// @param patience the number of consecutive validations without a lower loss after which the run ends early;
///     0 to never end early
/// @param openGatesFraction the share of the run's steps in which step gates follow a fixed ramp from 0 to 1,
///     before they are learned; 0 for gates that are learned from the first step on
public record ScheduleSection(
        Shape type,
        Optional<RunLength> length,
        RunPortion warmup,
        RunPortion decay,
        double minLearningRateRatio,
        Optional<Path> cooldownFrom,
        long calibrateTokens,
        List<ScheduledDepth> recursions,
        long patience,
        double openGatesFraction) {

    /// The default warm-up: 5% of the steps, as in the paper.
    public static final double DEFAULT_WARMUP_FRACTION = 0.05;

    /// The default decay: 20% of the steps, as in the paper.
    public static final double DEFAULT_DECAY_FRACTION = 0.2;

    /// The default final learning rate of `warmup_stable_decay` as a share of the peak: 0, as in the paper.
    public static final double DEFAULT_MIN_RATIO_STABLE = 0;

    /// The default final learning rate of `cosine` as a share of the peak: a tenth, as in the paper.
    public static final double DEFAULT_MIN_RATIO_COSINE = 0.1;

    /// The maximum of `calibrate_tokens`: sufficient for thresholds of any capacity; the fit then takes about
    /// half an hour for a small model on a CPU.
    private static final long MAX_CALIBRATE_TOKENS = 10_000_000;

    private static final String OPEN_GATES = "open_gates_fraction";
    private static final String STEPS = "steps";
    private static final String TOKENS = "tokens";
    private static final String FORWARD_FLOPS = "forward_flops";
    private static final List<String> LENGTHS = List.of(STEPS, TOKENS, FORWARD_FLOPS);

    /// The shape of the learning rate over the run.
    public enum Shape {
        /// {@link WarmupStableDecay}, the default.
        WARMUP_STABLE_DECAY,
        /// {@link CosineWithWarmup}.
        COSINE
    }

    /// Checks ranges and combinations.
    ///
    /// @throws InputException if a value is out of range, no length is given, a cool-down has a cosine schedule,
    ///     or depths do not increase
    public ScheduleSection {
        List<ScheduledDepth> depths = List.copyOf(recursions);
        Problems.requireAll(
                () -> check("warmup", warmup),
                () -> check("decay", decay),
                () -> RecipeChecks.fraction("schedule.min_learning_rate_ratio", minLearningRateRatio),
                () -> RecipeChecks.that(
                        length.isPresent() || cooldownFrom.isPresent(),
                        "schedule",
                        "given with one of steps, tokens and forward_flops",
                        "none of them"),
                () -> RecipeChecks.that(
                        cooldownFrom.isEmpty() || type == Shape.WARMUP_STABLE_DECAY,
                        "schedule.type",
                        "warmup_stable_decay with cooldown_from",
                        SectionReader.spelling(type)),
                () -> RecipeChecks.that(
                        cooldownFrom.isEmpty() || depths.isEmpty(),
                        "schedule.recursions",
                        "left out with cooldown_from, since a cool-down keeps the depth of its state",
                        depths),
                () -> checkRising(depths),
                () -> RecipeChecks.atLeast(0, "schedule.calibrate_tokens", calibrateTokens),
                () -> RecipeChecks.that(
                        calibrateTokens <= MAX_CALIBRATE_TOKENS,
                        "schedule.calibrate_tokens",
                        "at most " + MAX_CALIBRATE_TOKENS,
                        calibrateTokens),
                () -> RecipeChecks.atLeast(0, "schedule.patience", patience),
                () -> RecipeChecks.fraction("schedule." + OPEN_GATES, openGatesFraction));
        recursions = depths;
    }

    private static void checkRising(List<ScheduledDepth> depths) {
        boolean rises = depths.isEmpty()
                || (depths.getFirst().from() == 0 && depths.getFirst().depth() >= 1);
        for (int i = 0; i < depths.size(); i++) {
            rises &= depths.get(i).from() < 1;
            rises &= i == 0
                    || (depths.get(i).from() > depths.get(i - 1).from()
                            && depths.get(i).depth() > depths.get(i - 1).depth());
        }
        RecipeChecks.that(
                rises,
                "schedule.recursions",
                "a list in which `from` rises from 0 to below 1, and `depth` rises from at least 1",
                depths);
    }

    static ScheduleSection read(SectionReader reader) {
        Shape type = reader.choice("type", SectionReader.spellings(Shape.class), () -> Shape.WARMUP_STABLE_DECAY);
        double minRatio = reader.number(
                "min_learning_rate_ratio", type == Shape.COSINE ? DEFAULT_MIN_RATIO_COSINE : DEFAULT_MIN_RATIO_STABLE);
        return new ScheduleSection(
                type,
                readLength(reader),
                readSpan(reader, "warmup", DEFAULT_WARMUP_FRACTION),
                readSpan(reader, "decay", DEFAULT_DECAY_FRACTION),
                minRatio,
                reader.path("cooldown_from"),
                reader.integer("calibrate_tokens", 0),
                reader.sections("recursions", ScheduledDepth::read),
                reader.integer("patience", 0),
                reader.number(OPEN_GATES, 0));
    }

    void write(ObjectNode section) {
        section.put("type", SectionReader.spelling(type));
        length.ifPresent(given -> writeLength(section, given));
        writeSpan(section, "warmup", warmup);
        writeSpan(section, "decay", decay);
        section.put("min_learning_rate_ratio", minLearningRateRatio);
        cooldownFrom.ifPresent(path -> section.put("cooldown_from", path.toString()));
        if (calibrateTokens > 0) {
            section.put("calibrate_tokens", calibrateTokens);
        }
        if (!recursions.isEmpty()) {
            ArrayNode list = section.putArray("recursions");
            recursions.forEach(depth -> depth.write(list));
        }
        if (patience > 0) {
            section.put("patience", patience);
        }
        if (openGatesFraction > 0) {
            section.put(OPEN_GATES, openGatesFraction);
        }
    }

    /// Rejects settings that the model does not support.
    ///
    /// @param model the model of the run
    void requireFits(ModelConfig model) {
        RecipeChecks.that(
                openGatesFraction == 0 || model.hasStepGates(),
                "schedule." + OPEN_GATES,
                "0 without model.recursion.step_gates",
                openGatesFraction);
    }

    /// The number of steps in which the step gates follow the ramp.
    ///
    /// @param totalSteps the number of steps of the whole run, from {@link #totalSteps}
    /// @return the number of steps; 0 if the gates are learned from the first step on
    public long openGatesSteps(long totalSteps) {
        return Math.round(openGatesFraction * totalSteps);
    }

    /// The recursion depth over the run.
    ///
    /// @param totalSteps the number of steps of the whole run, from {@link #totalSteps}
    /// @return the schedule
    /// @throws InputException if the run is too short for one of the depths
    DepthSchedule depths(long totalSteps) {
        if (recursions.isEmpty()) {
            return DepthSchedule.UNBOUNDED;
        }
        List<DepthSchedule.Phase> phases = recursions.stream()
                .map(depth -> new DepthSchedule.Phase(Math.round(depth.from() * totalSteps), depth.depth()))
                .toList();
        boolean each = phases.getLast().start() < totalSteps;
        for (int i = 1; i < phases.size(); i++) {
            each &= phases.get(i - 1).start() < phases.get(i).start();
        }
        RecipeChecks.that(
                each,
                "schedule.recursions",
                "such that each depth gets at least one of the run's " + totalSteps + " steps",
                recursions);
        return new DepthSchedule(phases);
    }

    /// The number of steps of the whole run.
    ///
    /// @param forwardFlopsPerToken forward FLOPs per token, by the accounting of the model
    /// @param tokensPerStep training tokens in a global batch
    /// @param cooldownStart the step at which a cool-down starts; 0 without a cool-down
    /// @return the number of steps, at least 1
    /// @throws InputException if the length of a cool-down cannot be determined
    public long totalSteps(double forwardFlopsPerToken, long tokensPerStep, long cooldownStart) {
        if (length.isPresent()) {
            return length.get().steps(forwardFlopsPerToken, tokensPerStep);
        }
        return switch (decay) {
            case RunPortion.Steps steps -> cooldownStart + steps.count();
            case RunPortion.Fraction fraction -> {
                RecipeChecks.that(fraction.share() < 1, "schedule.decay_fraction", "below 1", fraction.share());
                yield Math.round(cooldownStart / (1 - fraction.share()));
            }
        };
    }

    /// The learning rate over the run.
    ///
    /// @param peak the highest learning rate
    /// @param totalSteps the number of steps of the whole run, from {@link #totalSteps}
    /// @param cooldownStart the step at which a cool-down starts; empty without a cool-down
    /// @return the schedule
    /// @throws InputException if warm-up and decay do not fit into the run
    public LearningRateSchedule learningRate(double peak, long totalSteps, OptionalLong cooldownStart) {
        long warmupSteps = warmup.of(totalSteps);
        return switch (type) {
            case COSINE -> {
                RecipeChecks.that(
                        warmupSteps <= totalSteps,
                        "schedule.warmup_steps",
                        "at most the run's " + totalSteps + " steps",
                        warmupSteps);
                yield new CosineWithWarmup(peak, totalSteps, warmupSteps, minLearningRateRatio);
            }
            case WARMUP_STABLE_DECAY -> {
                long decaySteps = cooldownStart.isPresent()
                        ? cooldownLength(totalSteps, warmupSteps, cooldownStart.getAsLong())
                        : decay.of(totalSteps);
                RecipeChecks.that(
                        warmupSteps + decaySteps <= totalSteps,
                        "schedule: warm-up and decay together",
                        "at most the run's " + totalSteps + " steps",
                        warmupSteps + " + " + decaySteps);
                yield new WarmupStableDecay(peak, totalSteps, warmupSteps, decaySteps, minLearningRateRatio);
            }
        };
    }

    private static long cooldownLength(long totalSteps, long warmupSteps, long start) {
        if (start < warmupSteps || start >= totalSteps) {
            throw new InputException("schedule.cooldown_from must name a state after the warm-up (step " + warmupSteps
                    + ") and before the end of the run (step " + totalSteps + "), got step " + start);
        }
        return totalSteps - start;
    }

    private static Optional<RunLength> readLength(SectionReader reader) {
        OptionalLong steps = reader.optionalInteger(STEPS);
        OptionalLong tokens = reader.optionalInteger(TOKENS);
        OptionalDouble flops = reader.optionalNumber(FORWARD_FLOPS);
        List<RunLength> given = new ArrayList<>();
        steps.ifPresent(
                count -> reader.attempt(() -> new RunLength.Steps(count)).ifPresent(given::add));
        tokens.ifPresent(
                count -> reader.attempt(() -> new RunLength.Tokens(count)).ifPresent(given::add));
        flops.ifPresent(
                count -> reader.attempt(() -> new RunLength.ForwardFlops(count)).ifPresent(given::add));
        RecipeChecks.that(
                given.size() <= 1, "schedule", "given with only one of steps, tokens and forward_flops", given.size());
        // An unreadable length is reported as such, not as missing.
        boolean isUnreadable = given.isEmpty() && LENGTHS.stream().anyMatch(reader::has);
        return isUnreadable
                ? Optional.of(new RunLength.Steps(1))
                : given.stream().findFirst();
    }

    private static void writeLength(ObjectNode section, RunLength length) {
        switch (length) {
            case RunLength.Steps steps -> section.put(STEPS, steps.count());
            case RunLength.Tokens tokens -> section.put(TOKENS, tokens.count());
            case RunLength.ForwardFlops flops -> section.put(FORWARD_FLOPS, flops.count());
        }
    }

    private static RunPortion readSpan(SectionReader reader, String name, double defaultFraction) {
        OptionalLong steps = reader.optionalInteger(name + "_steps");
        OptionalDouble fraction = reader.optionalNumber(name + "_fraction");
        RecipeChecks.that(
                steps.isEmpty() || fraction.isEmpty(),
                "schedule",
                "given with only one of " + name + "_steps and " + name + "_fraction",
                "both");
        return steps.isPresent()
                ? new RunPortion.Steps(steps.getAsLong())
                : new RunPortion.Fraction(fraction.orElse(defaultFraction));
    }

    private static void writeSpan(ObjectNode section, String name, RunPortion span) {
        switch (span) {
            case RunPortion.Steps steps -> section.put(name + "_steps", steps.count());
            case RunPortion.Fraction fraction -> section.put(name + "_fraction", fraction.share());
        }
    }

    private static void check(String name, RunPortion span) {
        switch (span) {
            case RunPortion.Steps steps -> RecipeChecks.atLeast(0, "schedule." + name + "_steps", steps.count());
            case RunPortion.Fraction fraction ->
                RecipeChecks.fraction("schedule." + name + "_fraction", fraction.share());
        }
    }
}
