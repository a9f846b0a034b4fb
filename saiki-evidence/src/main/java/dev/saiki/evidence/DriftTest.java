package dev.saiki.evidence;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;

/// A sequential test of whether the mean of numbers in \[0, 1\] has risen above a limit, now or at any time before.
///
/// Unlike the bound of a {@link ChangeDetector}, this test's error is for all time. The products of bets that begin
/// with the observations share one initial stake, of which 1 / log₂(n + 2) still waits after n observations. The
/// evidence is the sum of all products and of what waits. If no number's conditional mean exceeds the limit, that sum
/// is a nonnegative supermartingale, so that it ever reaches 1/α with a probability of at most α (Ville's inequality).
/// A single product from the first number on would lose a share of its evidence with every good number, so that n good
/// numbers delay the detection of a later drift in proportion to n; here the delay is proportional to log n.
public final class DriftTest {

    /// The number of simulated streams.
    private static final int RUNS = 200;

    private static final long SEED = 20_270_102;

    /// The maximum length of a simulated drift.
    private static final int MAX_OBSERVATIONS = 100_000;

    private final double limit;
    private final ChangeDetector products;
    private long count;
    private double sum;

    /// The stored state: the number and the sum of the observations, and the products' wealth, one for each stake.
    private record State(long count, double sum, List<Double> wealth) {

        State {
            wealth = List.copyOf(wealth);
        }
    }

    private DriftTest(double limit, State state) {
        this.limit = limit;
        this.products = new ChangeDetector(1 / limit, state.wealth());
        this.count = state.count();
        this.sum = state.sum();
    }

    /// Begins a test.
    ///
    /// @param limit the allowed mean, in (0, 1)
    /// @return a test without observations
    public static DriftTest begin(double limit) {
        return new DriftTest(limit, new State(0, 0, ChangeDetector.NONE));
    }

    /// Resumes a stored test.
    ///
    /// @param limit the allowed mean, unchanged
    /// @param state the result of {@link #state}
    /// @return a test with all observations of the stored test
    /// @throws IllegalArgumentException if the state is malformed
    public static DriftTest resume(double limit, String state) {
        return new DriftTest(limit, StateJson.read(state, State.class));
    }

    /// Adds the next number.
    ///
    /// @param number from 0 to 1
    public void observe(double number) {
        if (!(number >= 0 && number <= 1)) {
            throw new IllegalArgumentException("a number must be from 0 to 1, got " + number);
        }
        count++;
        sum += number;
        products.observe(number - limit, waiting(count - 1) - waiting(count));
    }

    /// The share of the initial stake that still waits after a number of observations.
    private static double waiting(long observed) {
        return Math.log(2) / Math.log(observed + 2.0);
    }

    /// Returns the number of observations.
    ///
    /// @return the number of observations
    public long observed() {
        return count;
    }

    /// Returns the mean of all observations.
    ///
    /// @return the mean; 0 without observations
    public double mean() {
        return count == 0 ? 0 : sum / count;
    }

    /// Returns the evidence that the mean has exceeded the limit.
    ///
    /// @return natural logarithm
    public double logEvidence() {
        return Math.log(products.evidence() + waiting(count));
    }

    /// Returns the state for resuming.
    ///
    /// @return JSON on one line
    public String state() {
        return StateJson.write(new State(count, sum, products.state()));
    }

    /// Simulates how soon a drift is detected. Before the drift every number is 0, and from then on each number is 0
    /// or 1: of all numbers with the drifted mean, these give evidence most slowly.
    ///
    /// @param limit the allowed mean, in (0, 1)
    /// @param error the allowed probability of a false detection
    /// @param before number of observations before the drift
    /// @param drifted mean after the drift, above the limit
    /// @return number of observations after the drift within which nine of ten drifts are detected; empty if above
    ///     100,000
    public static OptionalInt delay(double limit, double error, int before, double drifted) {
        DriftTest good = begin(limit);
        for (int i = 0; i < before; i++) {
            good.observe(0);
        }
        String state = good.state();
        Random random = new Random(SEED);
        int[] delays = new int[RUNS];
        Arrays.setAll(delays, run -> resume(limit, state).detects(-Math.log(error), drifted, random));
        Arrays.sort(delays);
        int ninety = delays[RUNS * 9 / 10];
        return ninety > MAX_OBSERVATIONS ? OptionalInt.empty() : OptionalInt.of(ninety);
    }

    private int detects(double logNeeded, double mean, Random random) {
        int observations = 0;
        while (observations <= MAX_OBSERVATIONS && logEvidence() < logNeeded) {
            observe(random.nextDouble() < mean ? 1 : 0);
            observations++;
        }
        return observations;
    }
}
