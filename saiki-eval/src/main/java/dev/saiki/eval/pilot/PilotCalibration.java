package dev.saiki.eval.pilot;

import dev.saiki.eval.StepTimer;
import dev.saiki.model.Precision;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Finds how many FLOPs each of the three trainings can have so that together they take the time that there is.
///
/// Equal FLOPs do not take equal time: gathering tokens and small matrices cost the machine more than the count
/// says. So some steps of each family are timed, with the trainer that will do the work and in the number
/// format that turns out faster, and the budget B solves
/// sum over families of (seconds per FLOP x B) = time.
final class PilotCalibration {

    /// The share of the pilot's time that goes into training, less the fixed costs. The rest is for validations,
    /// saving, evaluation, samples and the report.
    static final double TRAINING_SHARE = 0.84;

    /// What the tokenizer, the data and this calibration take, about, however long the pilot is.
    static final double FIXED_SECONDS = 25;

    /// The share that training has at least, in very short pilots.
    static final double LEAST_SHARE = 0.5;

    /// The share of the pilot's time after which one family is not timed any longer, whatever was planned.
    private static final double LONGEST_SHARE = 0.04;

    private static final double SECONDS_A_MINUTE = 60;

    private final PilotRecipes recipes;
    private final StepTimer timer;

    PilotCalibration(PilotRecipes recipes, Path scratch, LongSupplier nanoTime) {
        this.recipes = recipes;
        this.timer = new StepTimer(scratch, nanoTime);
    }

    /// Measures and chooses.
    ///
    /// @param minutes minutes of the whole pilot
    /// @param timedSteps steps to time in each family, if that does not take too long
    /// @param stop tells whether to give up; asked between families
    PilotState.Calibration calibrate(double minutes, int timedSteps, BooleanSupplier stop) throws IOException {
        double longest = LONGEST_SHARE * minutes * SECONDS_A_MINUTE;
        Precision precision = fasterPrecision(timedSteps, longest);
        Map<String, Double> tokensPerSecond = new TreeMap<>();
        double secondsPerFlop = 0;
        for (PilotFamily family : PilotFamily.values()) {
            if (stop.getAsBoolean()) {
                break;
            }
            Recipe recipe = recipes.timing(family, precision, StepTimer.UNTIMED_STEPS + timedSteps);
            double speed = recipe.batch().tokens() / timer.secondsPerStep(recipe, longest);
            tokensPerSecond.put(family.title(), speed);
            secondsPerFlop += 1 / (speed * recipe.forwardFlopsPerToken());
        }
        return new PilotState.Calibration(
                budget(minutes, secondsPerFlop), PilotRecipes.spelling(precision), tokensPerSecond);
    }

    /// Finds the number format that this machine trains faster in: a processor that multiplies bfloat16 takes half
    /// the time in it, one that does not takes several times as long.
    private Precision fasterPrecision(int timedSteps, double longest) throws IOException {
        Precision fastest = Precision.FLOAT32;
        double least = Double.POSITIVE_INFINITY;
        for (Precision precision : Precision.values()) {
            Recipe recipe = recipes.timing(PilotFamily.VANILLA, precision, StepTimer.UNTIMED_STEPS + timedSteps / 2);
            double seconds = timer.secondsPerStep(recipe, longest / 2);
            if (seconds < least) {
                least = seconds;
                fastest = precision;
            }
        }
        return fastest;
    }

    /// Solves for the budget.
    ///
    /// @param secondsPerFlop seconds for one FLOP of every family
    static double budget(double minutes, double secondsPerFlop) {
        double seconds = minutes * SECONDS_A_MINUTE;
        double exact = Math.max(LEAST_SHARE * seconds, TRAINING_SHARE * seconds - FIXED_SECONDS) / secondsPerFlop;
        // Three digits: more would be noise, and a short number reads better wherever it is shown.
        double unit = Math.pow(10, Math.floor(Math.log10(exact)) - 2);
        return Math.floor(exact / unit) * unit;
    }
}
