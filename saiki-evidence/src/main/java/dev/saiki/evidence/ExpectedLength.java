package dev.saiki.evidence;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.DoubleSupplier;

/// The expected number of conversations until a gate decides, from simulated rollouts. In a given share of the
/// simulated conversations, one of the two models answers better than the other.
///
/// @param promotion number of conversations until a promotion, if both models are equally good
/// @param retreat number of conversations until a retreat, if the candidate is worse by the assumed harm
public record ExpectedLength(Length promotion, Length retreat) {

    private static final int RUNS = 200;
    private static final long SEED = 20_270_101;

    /// The maximum number of conversations in a simulated rollout.
    private static final int MAX_CONVERSATIONS = 20_000;

    /// The number of conversations until one kind of decision, as quantiles over many simulated rollouts.
    ///
    /// @param median number of conversations within which half of the rollouts reach that decision; empty if more
    ///     than 20,000
    /// @param ninety number of conversations within which nine of ten rollouts reach that decision; empty if more
    ///     than 20,000
    public record Length(OptionalInt median, OptionalInt ninety) {}

    /// Simulates rollouts.
    ///
    /// @param settings the settings of the gate
    /// @param differing share of the conversations whose answers differ in quality, in (0, 1]
    /// @param harm the candidate's mean loss minus the baseline's in rollouts that lead to a retreat, above the
    ///     tolerance and at most `differing`
    /// @return the expected length
    public static ExpectedLength of(GateSettings settings, double differing, double harm) {
        if (!(differing > 0 && differing <= 1)) {
            throw new IllegalArgumentException(
                    "the share of differing conversations must be above 0 and at most 1, got " + differing);
        }
        if (!(harm > settings.tolerance() && harm <= differing)) {
            throw new IllegalArgumentException("the harm must be above the tolerance of " + settings.tolerance()
                    + " and at most the share of differing conversations, got " + harm);
        }
        return new ExpectedLength(
                length(settings, differing, 0, Decision.PROMOTE), length(settings, differing, harm, Decision.RETREAT));
    }

    private static Length length(GateSettings settings, double differing, double mean, Decision wanted) {
        Random random = new Random(SEED);
        DoubleSupplier differences = () -> {
            double draw = random.nextDouble();
            return draw < (differing + mean) / 2 ? 1 : draw < differing ? -1 : 0;
        };
        int[] lengths = new int[RUNS];
        Arrays.setAll(lengths, run -> conversations(settings, differences, wanted));
        Arrays.sort(lengths);
        return new Length(known(lengths[RUNS / 2]), known(lengths[RUNS * 9 / 10]));
    }

    private static int conversations(GateSettings settings, DoubleSupplier differences, Decision wanted) {
        SequentialTest test = SequentialTest.begin(settings);
        for (int i = 1; i <= MAX_CONVERSATIONS; i++) {
            test.observe(differences.getAsDouble());
            if (test.decision() == wanted) {
                return i;
            }
        }
        return Integer.MAX_VALUE;
    }

    private static OptionalInt known(int length) {
        return length == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(length);
    }
}
