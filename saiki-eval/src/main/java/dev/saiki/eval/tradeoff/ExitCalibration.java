package dev.saiki.eval.tradeoff;

import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.ExitedContinuation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The search, on a calibration text, for the exit threshold at which tokens pass a target share of the
/// layers.
///
/// A token that exits changes the context of later tokens, so the share at a threshold is known only after a pass
/// with that threshold. A first pass without exits predicts the share at every threshold; each further pass
/// corrects the prediction by its error.
public final class ExitCalibration {

    private static final int MAX_PASSES = 5;
    private static final double CLOSE_ENOUGH = 0.0025;
    private static final int BISECTIONS = 48;

    private final Function<EarlyExit, List<ExitedContinuation>> pass;
    private final EarlyExit rule;
    private final int numLayers;
    private final List<ExitedContinuation> withoutExits;
    private final Map<Double, Double> shareAtThreshold = new HashMap<>();

    /// Runs the first pass.
    ///
    /// @param pass runs the text through the model with a rule
    /// @param rule the exit points and the confidence measure
    /// @param numLayers unrolled layers of the model
    ExitCalibration(Function<EarlyExit, List<ExitedContinuation>> pass, EarlyExit rule, int numLayers) {
        this.pass = pass;
        this.rule = rule;
        this.numLayers = numLayers;
        this.withoutExits = pass.apply(rule.withThreshold(EarlyExit.NEVER));
    }

    /// Rejects a target share below the minimum share of the layers that every token passes.
    ///
    /// @param points the exit points
    /// @param numLayers unrolled layers of the model
    /// @param share target mean share of the layers that tokens pass
    /// @throws InputException if no threshold can meet the share
    public static void requireReachable(ExitPoints points, int numLayers, double share) {
        int least = points.fewestLayers(numLayers);
        if (share * numLayers < least) {
            throw new InputException("early exits: a share of the layers must be at least "
                    + (double) least / numLayers + ", since every token passes " + least + " of " + numLayers
                    + ", got " + share);
        }
    }

    /// Chooses a threshold.
    ///
    /// @param share target mean share of the layers that tokens pass
    /// @return the tried threshold whose measured share came closest to the target
    public double thresholdFor(double share) {
        double asked = share;
        double best = EarlyExit.NEVER;
        double error = 1 - share;
        for (int i = 0; i < MAX_PASSES && error > CLOSE_ENOUGH; i++) {
            double threshold = predictedThreshold(asked);
            double got = shareAtThreshold.computeIfAbsent(
                    threshold, value -> meanShare(pass.apply(rule.withThreshold(value))));
            if (Math.abs(got - share) < error) {
                error = Math.abs(got - share);
                best = threshold;
            }
            asked += share - got;
        }
        return best;
    }

    private double passed(int leftAfter) {
        return (double) rule.points().layersPassed(leftAfter, numLayers) / numLayers;
    }

    private double meanShare(List<ExitedContinuation> exited) {
        long tokens = 0;
        double sum = 0;
        for (ExitedContinuation one : exited) {
            tokens += one.leftAfter().length;
            for (int leftAfter : one.leftAfter()) {
                sum += passed(leftAfter);
            }
        }
        return sum / tokens;
    }

    /// The threshold that would meet the target if exits did not affect later tokens.
    private double predictedThreshold(double share) {
        double low = -1;
        double high = EarlyExit.NEVER;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (predictedShare(middle) < share) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private double predictedShare(double threshold) {
        List<Integer> places = rule.points().afterLayers();
        long tokens = 0;
        double sum = 0;
        for (ExitedContinuation one : withoutExits) {
            tokens += one.leftAfter().length;
            for (int token = 0; token < one.leftAfter().length; token++) {
                int leftAfter = numLayers;
                for (int place = places.size() - 1; place >= 0; place--) {
                    leftAfter = one.confidences().get(place)[token] >= threshold ? places.get(place) : leftAfter;
                }
                sum += passed(leftAfter);
            }
        }
        return sum / tokens;
    }
}
