package dev.saiki.eval.certificate;

import dev.saiki.model.ScoredContinuation;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The losses of an effort against the reference depth, as two numbers in \[0, 1\] for each conversation: the
/// increase of the loss, and the share of changed predictions. The expected value of each number is a risk.
///
/// The same text is scored at the effort and at the reference depth, so a changed prediction at one position does
/// not affect other positions.
///
/// @param effort the effort setting
/// @param meanDepth mean recursions per token read
/// @param lossIncreases increase of the loss in nats per token, clipped to the range from 0 to 1
/// @param flipped share of positions whose top prediction differs
@SuppressWarnings("ArrayRecordComponent") // Many instances, never compared.
public record EffortLosses(double effort, double meanDepth, double[] lossIncreases, double[] flipped) {

    /// Compares the scores at an effort with those at the reference depth.
    ///
    /// @param effort the effort setting
    /// @param conversations the scored conversations
    /// @param reference scores at the reference depth, of the parts of all conversations in order
    /// @param scored scores at the effort, in the same order
    /// @return the losses
    public static EffortLosses of(
            double effort,
            List<ScoredConversation> conversations,
            List<ScoredContinuation> reference,
            List<ScoredContinuation> scored) {
        double[] increases = new double[conversations.size()];
        double[] flipped = new double[conversations.size()];
        long recursions = 0;
        long read = 0;
        int at = 0;
        for (int i = 0; i < increases.length; i++) {
            int tokens = 0;
            for (int end = at + conversations.get(i).parts().size(); at < end; at++) {
                increases[i] +=
                        reference.get(at).logLikelihood() - scored.get(at).logLikelihood();
                flipped[i] +=
                        flips(reference.get(at).predicted(), scored.get(at).predicted());
                tokens += scored.get(at).predicted().length;
                recursions += IntStream.of(scored.get(at).depths()).sum();
                read += scored.get(at).depths().length;
            }
            increases[i] = Math.clamp(increases[i] / tokens, 0, 1);
            flipped[i] /= tokens;
        }
        return new EffortLosses(effort, (double) recursions / read, increases, flipped);
    }

    private static int flips(int[] reference, int[] predicted) {
        return (int) IntStream.range(0, predicted.length)
                .filter(i -> predicted[i] != reference[i])
                .count();
    }

    /// The p-value of the effort: the larger of the two risks' p-values, so that a small value means that
    /// both risks are below the limit.
    ///
    /// @param test the test of each risk
    /// @return the p-value
    public double pValue(RiskTest test) {
        return Math.max(test.pValue(lossIncreases), test.pValue(flipped));
    }

    /// The mean increase of the loss.
    ///
    /// @return the mean over conversations
    public double meanIncrease() {
        return mean(lossIncreases);
    }

    /// The mean share of flipped tokens.
    ///
    /// @return the mean over conversations
    public double meanFlipped() {
        return mean(flipped);
    }

    /// The larger of the mean increase of the loss and the mean share of flipped tokens.
    double risk() {
        return Math.max(meanIncrease(), meanFlipped());
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }
}
