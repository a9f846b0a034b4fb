package dev.saiki.study.statistics;

import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresBuilder;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresOptimizer.Optimum;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresProblem;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LevenbergMarquardtOptimizer;
import org.hipparchus.util.Pair;

/// The iso-depth law: a model with N_once parameters that a token passes once and N_rec parameters that a token
/// passes r times has the loss
///
/// L = E + A · (N_eff / N0)^-alpha + B · (D / D0)^-beta, with N_eff = N_once + r^phi · N_rec,
///
/// for D training tokens. N0 and D0 are the geometric means of N_once + N_rec and of D over the fitted models, so
/// that A and B are losses. Constants other than phi are positive and fitted by their logarithms, by Levenberg and
/// Marquardt's method from several starts.
///
/// @param phi the exponent of the worth of a recursion
/// @param constants logarithms of E, A, alpha, B, beta, then phi
/// @param residual root mean square of the residuals, nats
@SuppressWarnings("ArrayRecordComponent") // The array only starts the next fit; records are not compared.
record IsoDepthLaw(double phi, double[] constants, double residual) {

    private static final int LOG_E = 0;
    private static final int LOG_A = 1;
    private static final int LOG_ALPHA = 2;
    private static final int LOG_B = 3;
    private static final int LOG_BETA = 4;
    private static final int PHI = 5;
    private static final int CONSTANTS = 6;

    private static final double[] PHI_STARTS = {-0.5, 0, 0.5, 1};
    private static final double[] SHARE_STARTS = {0.5, 0.8};
    private static final double EXPONENT_START = 0.3;
    private static final int MAX_ITERATIONS = 500;

    /// A trained model.
    ///
    /// @param once number of parameters that a token passes once
    /// @param recurrent number of parameters that a token passes in each recursion
    /// @param depth the number of recursions, from 1; a mean, which need not be an integer
    /// @param tokens training tokens
    /// @param loss the model's loss
    record TrainedModel(double once, double recurrent, double depth, double tokens, double loss) {}

    /// Fits the law from several starting points.
    ///
    /// @return the best fit; empty if none converges
    static Optional<IsoDepthLaw> fit(List<TrainedModel> points) {
        double least = points.stream().mapToDouble(TrainedModel::loss).min().orElseThrow();
        Optional<IsoDepthLaw> best = Optional.empty();
        for (double phi : PHI_STARTS) {
            for (double share : SHARE_STARTS) {
                double[] start = new double[CONSTANTS];
                start[LOG_E] = Math.log(share * least);
                start[LOG_A] = Math.log((1 - share) * least / 2);
                start[LOG_ALPHA] = Math.log(EXPONENT_START);
                start[LOG_B] = start[LOG_A];
                start[LOG_BETA] = start[LOG_ALPHA];
                start[PHI] = phi;
                Optional<IsoDepthLaw> next = solve(points, start);
                if (next.isPresent()
                        && (best.isEmpty() || next.get().residual() < best.get().residual())) {
                    best = next;
                }
            }
        }
        return best;
    }

    /// Fits the law to similar data, starting from the constants of an earlier fit.
    static Optional<IsoDepthLaw> fitFrom(IsoDepthLaw other, List<TrainedModel> points) {
        return solve(points, other.constants());
    }

    private static Optional<IsoDepthLaw> solve(List<TrainedModel> points, double[] start) {
        double size = geometricMean(points.stream().mapToDouble(point -> point.once() + point.recurrent()));
        double tokens = geometricMean(points.stream().mapToDouble(TrainedModel::tokens));
        double[] losses = points.stream().mapToDouble(TrainedModel::loss).toArray();
        LeastSquaresProblem problem = new LeastSquaresBuilder()
                .start(start)
                .target(losses)
                .model(constants -> model(points, constants, size, tokens))
                .maxEvaluations(MAX_ITERATIONS)
                .maxIterations(MAX_ITERATIONS)
                .build();
        try {
            Optimum optimum = new LevenbergMarquardtOptimizer().optimize(problem);
            double[] constants = optimum.getPoint().toArray();
            return Double.isFinite(optimum.getRMS())
                    ? Optional.of(new IsoDepthLaw(constants[PHI], constants, optimum.getRMS()))
                    : Optional.empty();
        } catch (MathRuntimeException didNotConverge) {
            return Optional.empty();
        }
    }

    /// The law's losses and their derivatives with respect to the constants.
    private static Pair<RealVector, RealMatrix> model(
            List<TrainedModel> points, RealVector at, double size, double tokens) {
        double a = Math.exp(at.getEntry(LOG_A));
        double alpha = Math.exp(at.getEntry(LOG_ALPHA));
        double b = Math.exp(at.getEntry(LOG_B));
        double beta = Math.exp(at.getEntry(LOG_BETA));
        double e = Math.exp(at.getEntry(LOG_E));
        double[] losses = new double[points.size()];
        double[][] slopes = new double[points.size()][CONSTANTS];
        for (int i = 0; i < losses.length; i++) {
            TrainedModel point = points.get(i);
            double worth = point.recurrent() * Math.pow(point.depth(), at.getEntry(PHI));
            double effective = point.once() + worth;
            double ofSize = a * Math.pow(effective / size, -alpha);
            double ofTokens = b * Math.pow(point.tokens() / tokens, -beta);
            losses[i] = e + ofSize + ofTokens;
            slopes[i][LOG_E] = e;
            slopes[i][LOG_A] = ofSize;
            slopes[i][LOG_ALPHA] = -ofSize * alpha * Math.log(effective / size);
            slopes[i][LOG_B] = ofTokens;
            slopes[i][LOG_BETA] = -ofTokens * beta * Math.log(point.tokens() / tokens);
            slopes[i][PHI] = -ofSize * alpha / effective * worth * Math.log(point.depth());
        }
        return new Pair<>(new ArrayRealVector(losses, false), new Array2DRowRealMatrix(slopes, false));
    }

    private static double geometricMean(DoubleStream values) {
        return Math.exp(values.map(Math::log).average().orElseThrow());
    }
}
