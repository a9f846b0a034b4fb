package dev.saiki.eval.audit;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;

/// A ridge regression of the gain of a step on its input state, which estimates the gain that a linear router
/// could capture.
///
/// Losses have long tails, so gains are clipped at the 5th and the 95th percentile of the gains in the fitted
/// data. Each component of the state is first scaled to mean 0 and variance 1. The penalty is chosen from a small
/// set: one of the folds available for fitting is set aside, a fit with each penalty on the other available folds
/// predicts the gains in the fold set aside, and the penalty with the smallest error is used.
///
/// Hipparchus solves the equations; its own regressions have no penalty, and Smile's licence is incompatible with
/// this project's.
///
/// @param means mean of each component of the state
/// @param scales standard deviation of each component
/// @param coefficients the coefficients of the scaled components
/// @param intercept the predicted gain of the mean state
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record StateRegression(double[] means, double[] scales, double[] coefficients, double intercept) {

    /// Candidate penalties on a squared coefficient, per fitted decision.
    private static final double[] PENALTIES = {0.1, 1, 10, 100};

    private static final double USUAL_PENALTY = 10;
    private static final double CLIPPED = 0.05;
    private static final int MIN_DECISIONS = 10;
    private static final double MIN_VARIATION = 1e-6;

    /// Predicts the gain of each decision from a fit that excludes its fold.
    ///
    /// @param decisions decisions of one step
    /// @param folds the fold of each decision
    /// @param numFolds number of folds
    /// @return the predictions; 0 where the other folds contain too little data for a fit
    static double[] outOfFold(List<DecidedStep> decisions, int[] folds, int numFolds) {
        double[] predictions = new double[decisions.size()];
        for (int fold = 0; fold < numFolds; fold++) {
            int own = fold;
            List<DecidedStep> others = where(decisions, folds, other -> other != own);
            if (others.size() < MIN_DECISIONS) {
                continue;
            }
            StateRegression fit = new Equations(others).solve(penalty(decisions, folds, fold, numFolds));
            for (int i = 0; i < predictions.length; i++) {
                if (folds[i] == fold) {
                    predictions[i] = fit.predict(decisions.get(i).view().state());
                }
            }
        }
        return predictions;
    }

    private static List<DecidedStep> where(List<DecidedStep> decisions, int[] folds, IntPredicate wanted) {
        return IntStream.range(0, folds.length)
                .filter(i -> wanted.test(folds[i]))
                .mapToObj(decisions::get)
                .toList();
    }

    /// The penalty with which a fit on the remaining folds best predicts the fold after the excluded one, which is
    /// left out of the fit too.
    private static double penalty(List<DecidedStep> decisions, int[] folds, int left, int numFolds) {
        int tried = (left + 1) % numFolds;
        List<DecidedStep> fitted = where(decisions, folds, fold -> fold != left && fold != tried);
        List<DecidedStep> predicted = where(decisions, folds, fold -> fold == tried);
        if (numFolds < 3 || fitted.size() < MIN_DECISIONS || predicted.isEmpty()) {
            return USUAL_PENALTY;
        }
        Equations equations = new Equations(fitted);
        double best = USUAL_PENALTY;
        double least = Double.POSITIVE_INFINITY;
        for (double penalty : PENALTIES) {
            StateRegression fit = equations.solve(penalty);
            double squares = 0;
            for (DecidedStep decision : predicted) {
                double error = fit.predict(decision.view().state()) - equations.clipped(decision.gain());
                squares += error * error;
            }
            if (squares < least) {
                least = squares;
                best = penalty;
            }
        }
        return best;
    }

    private double predict(float[] state) {
        double sum = intercept;
        for (int i = 0; i < state.length; i++) {
            sum += coefficients[i] * (state[i] - means[i]) / scales[i];
        }
        return sum;
    }

    /// The normal equations of some decisions.
    private static final class Equations {

        private final int count;
        private final double low;
        private final double high;
        private final double[] means;
        private final double[] scales;
        private final double[][] products;
        private final double[] right;
        private final double intercept;

        Equations(List<DecidedStep> decisions) {
            count = decisions.size();
            double[] sorted =
                    decisions.stream().mapToDouble(DecidedStep::gain).sorted().toArray();
            low = sorted[(int) (CLIPPED * (count - 1))];
            high = sorted[(int) Math.ceil((1 - CLIPPED) * (count - 1))];
            intercept = decisions.stream()
                    .mapToDouble(decision -> clipped(decision.gain()))
                    .average()
                    .orElseThrow();
            int width = decisions.getFirst().view().state().length;
            means = new double[width];
            scales = new double[width];
            measure(decisions);
            products = new double[width][width];
            right = new double[width];
            decisions.forEach(this::add);
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < i; j++) {
                    products[i][j] = products[j][i];
                }
            }
        }

        private double clipped(double gain) {
            return Math.clamp(gain, low, high);
        }

        private void measure(List<DecidedStep> decisions) {
            for (DecidedStep decision : decisions) {
                float[] state = decision.view().state();
                for (int i = 0; i < means.length; i++) {
                    means[i] += (double) state[i] / count;
                }
            }
            for (DecidedStep decision : decisions) {
                float[] state = decision.view().state();
                for (int i = 0; i < means.length; i++) {
                    scales[i] += (state[i] - means[i]) * (state[i] - means[i]) / count;
                }
            }
            for (int i = 0; i < means.length; i++) {
                // A constant component carries no information, and scaling it to variance 1 would amplify rounding
                // errors.
                double deviation = Math.sqrt(scales[i]);
                scales[i] = deviation > MIN_VARIATION * Math.abs(means[i]) ? deviation : 1;
            }
        }

        private void add(DecidedStep decision) {
            double[] row = new double[means.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = (decision.view().state()[i] - means[i]) / scales[i];
            }
            double target = clipped(decision.gain()) - intercept;
            for (int i = 0; i < row.length; i++) {
                right[i] += row[i] * target;
                for (int j = i; j < row.length; j++) {
                    products[i][j] += row[i] * row[j];
                }
            }
        }

        StateRegression solve(double penalty) {
            double[][] penalised = Arrays.stream(products).map(double[]::clone).toArray(double[][]::new);
            for (int i = 0; i < penalised.length; i++) {
                penalised[i][i] += penalty * count;
            }
            double[] coefficients = new CholeskyDecomposition(new Array2DRowRealMatrix(penalised, false))
                    .getSolver()
                    .solve(new ArrayRealVector(right, false))
                    .toArray();
            return new StateRegression(means, scales, coefficients, intercept);
        }
    }
}
