package dev.saiki.study.statistics;

import dev.saiki.eval.format.Numbers;
import dev.saiki.study.results.ComputeOptimalCurve;
import dev.saiki.study.results.ComputeOptimum;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.Bootstrap.ResampledInterval;
import dev.saiki.study.statistics.LossSample.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.QRDecomposition;

/// Compute-optimal curves. At each budget, the best size is the minimum of a parabola of the loss over the
/// logarithm of the parameters. Over the budgets, power laws are fitted to the best size and to its loss.
///
/// A minimum counts only if it lies within the trained sizes, both in the data and in at least 95 % of the
/// resamples of documents and seeds: a parabola extrapolated beyond the data would be a guess.
///
/// @param results the runs
/// @param sample the losses of the runs
/// @param bootstrap the resamples of documents and seeds
record ComputeOptimalFit(StudyResults results, LossSample sample, Bootstrap bootstrap) {

    /// Minimum number of sizes for a parabola.
    private static final int MIN_SIZES = 3;

    /// The largest accepted share of resamples whose fit has no minimum within the trained sizes.
    private static final double MAX_FAILED = 0.05;

    private static final int PARABOLA = 2;
    private static final int LINE = 1;

    /// The minimum of a parabola.
    ///
    /// @param size log10 of the non-embedding parameters
    /// @param loss the loss at the minimum
    private record Minimum(double size, double loss) {}

    /// Fits a family.
    ComputeOptimalCurve of(String family) {
        List<ComputeOptimum> optima = new ArrayList<>();
        List<Double> located = new ArrayList<>();
        for (double budget : results.budgets()) {
            ComputeOptimum optimum = optimum(family, budget);
            optima.add(optimum);
            if (optimum.nonEmbeddingParameters().isPresent()) {
                located.add(budget);
            }
        }
        return new ComputeOptimalCurve(
                family,
                optima,
                exponent(family, located, Minimum::size, 1),
                exponent(family, located, minimum -> Math.log10(minimum.loss()), -1));
    }

    private ComputeOptimum optimum(String family, double budget) {
        List<Cell> cells = cells(family, budget);
        if (cells.size() < MIN_SIZES) {
            FittedValue none =
                    FittedValue.impossible("a parabola needs " + MIN_SIZES + " trained sizes, got " + cells.size());
            return new ComputeOptimum(budget, none, none, List.of());
        }
        double[] coefficients = parabola(cells, sample::loss);
        List<Double> kept = List.of(coefficients[0], coefficients[1], coefficients[2]);
        Optional<Minimum> minimum = minimum(cells, sample::loss);
        if (minimum.isEmpty()) {
            FittedValue none = FittedValue.impossible(problem(cells, coefficients));
            return new ComputeOptimum(budget, none, none, kept);
        }
        ResampledInterval sizes = interval(cells, Minimum::size);
        if (sizes.failed() > MAX_FAILED) {
            FittedValue none = FittedValue.impossible("the minimum lies outside the trained sizes in "
                    + Numbers.percent(sizes.failed(), 0) + " of the resamples");
            return new ComputeOptimum(budget, none, none, kept);
        }
        ResampledInterval losses = interval(cells, Minimum::loss);
        return new ComputeOptimum(
                budget,
                FittedValue.of(
                        Math.pow(10, minimum.get().size()), Math.pow(10, sizes.low()), Math.pow(10, sizes.high())),
                FittedValue.of(minimum.get().loss(), losses.low(), losses.high()),
                kept);
    }

    private ResampledInterval interval(List<Cell> cells, Function<Minimum, Double> part) {
        return bootstrap.interval(losses -> minimum(cells, losses).map(part));
    }

    private String problem(List<Cell> cells, double[] coefficients) {
        if (coefficients[PARABOLA] <= 0) {
            return "the losses do not curve upward over the sizes";
        }
        double at = -coefficients[1] / (2 * coefficients[PARABOLA]);
        double smallest = cells.stream().mapToDouble(this::logSize).min().orElseThrow();
        return at < smallest
                ? "the minimum lies below the smallest trained size"
                : "the minimum lies above the largest trained size";
    }

    /// The exponent of a power law, fitted over those budgets whose minimum is known.
    private FittedValue exponent(String family, List<Double> budgets, Function<Minimum, Double> ordinate, double sign) {
        if (budgets.size() < 2) {
            return FittedValue.impossible("a power law needs the minimum at two budgets, got " + budgets.size());
        }
        Function<ToDoubleFunction<Cell>, Optional<Double>> slope = losses -> {
            double[] x = new double[budgets.size()];
            double[] y = new double[budgets.size()];
            for (int i = 0; i < x.length; i++) {
                Optional<Minimum> minimum = minimum(cells(family, budgets.get(i)), losses);
                if (minimum.isEmpty()) {
                    return Optional.empty();
                }
                x[i] = Math.log10(budgets.get(i));
                y[i] = ordinate.apply(minimum.get());
            }
            return Optional.of(sign * polynomial(x, y, LINE)[1]);
        };
        ResampledInterval interval = bootstrap.interval(slope);
        return FittedValue.of(slope.apply(sample::loss).orElseThrow(), interval.low(), interval.high());
    }

    private List<Cell> cells(String family, double budget) {
        return results.sizes().stream()
                .map(size -> new Cell(family, size, budget))
                .filter(sample::has)
                .toList();
    }

    private double logSize(Cell cell) {
        return Math.log10((double) sample.runs(cell).getFirst().model().nonEmbeddingParameters());
    }

    private double[] parabola(List<Cell> cells, ToDoubleFunction<Cell> losses) {
        return polynomial(
                cells.stream().mapToDouble(this::logSize).toArray(),
                cells.stream().mapToDouble(losses).toArray(),
                PARABOLA);
    }

    /// The minimum, if it lies within the sizes.
    private Optional<Minimum> minimum(List<Cell> cells, ToDoubleFunction<Cell> losses) {
        double[] coefficients = parabola(cells, losses);
        double at = -coefficients[1] / (2 * coefficients[PARABOLA]);
        double smallest = cells.stream().mapToDouble(this::logSize).min().orElseThrow();
        double largest = cells.stream().mapToDouble(this::logSize).max().orElseThrow();
        if (coefficients[PARABOLA] <= 0 || at < smallest || at > largest) {
            return Optional.empty();
        }
        return Optional.of(new Minimum(at, coefficients[0] + at * (coefficients[1] + at * coefficients[PARABOLA])));
    }

    /// Least squares.
    ///
    /// @return coefficients, the constant first
    static double[] polynomial(double[] x, double[] y, int degree) {
        double[][] powers = new double[x.length][degree + 1];
        for (int i = 0; i < x.length; i++) {
            double power = 1;
            for (int j = 0; j <= degree; j++) {
                powers[i][j] = power;
                power *= x[i];
            }
        }
        return new QRDecomposition(new Array2DRowRealMatrix(powers, false))
                .getSolver()
                .solve(new ArrayRealVector(y, false))
                .toArray();
    }
}
