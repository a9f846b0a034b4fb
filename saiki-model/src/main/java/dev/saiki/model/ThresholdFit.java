package dev.saiki.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A fit of a router's thresholds to target shares of tokens, on text.
///
/// The steps are fitted one after the other, because the candidates of a step depend on the thresholds before it.
/// The tokens that have continued so far are forced to their depth, their scores are computed at that depth, and
/// the threshold is placed between the last token that should continue and the first that should not. Forced
/// depths do not change the model, so one model serves all fits.
///
/// Equal scores are treated alike. With many equal scores the fit takes the nearest possible share, but always
/// lets a token continue.
public final class ThresholdFit {

    private final Router router;
    private final List<Continuation> text;
    private final List<float[]> firstScores;

    /// A router that can be evaluated at forced depths.
    @FunctionalInterface
    public interface Router {

        /// Computes the scores for a step.
        ///
        /// @param text the text to read
        /// @param depths the depth of each read token, one row per text
        /// @param step the recursion step, from 1
        /// @return scores in [0, 1], one row per text; NaN for tokens that do not reach the step
        List<float[]> confidences(List<Continuation> text, List<int[]> depths, int step);
    }

    /// Prepares a fit to a text.
    ///
    /// @param router the model's router
    /// @param text the texts to read; a token counts if it predicts a scored token
    public ThresholdFit(Router router, List<Continuation> text) {
        this.router = router;
        this.text = List.copyOf(text);
        // The scores of the first decision do not depend on the shares.
        this.firstScores = router.confidences(this.text, uniform(this.text), 1);
    }

    /// Fits one threshold per step.
    ///
    /// @param shares for each recursion step, the share of the previous step's tokens that should take the
    ///     step, in (0, 1]; the first entry is 1
    /// @return the minimum score to continue at each step; 0 for the first step, and for every step at which
    ///     all tokens continue
    public List<Double> thresholds(List<Double> shares) {
        List<int[]> depths = uniform(text);
        List<Double> thresholds = new ArrayList<>(List.of(0.0));
        for (int step = 1; step < shares.size(); step++) {
            List<float[]> scores = step == 1 ? firstScores : router.confidences(text, depths, step);
            float threshold = shares.get(step) == 1 ? 0 : between(counted(scores), shares.get(step));
            thresholds.add((double) threshold);
            for (int i = 0; i < depths.size(); i++) {
                deepen(depths.get(i), scores.get(i), threshold, step);
            }
        }
        return thresholds;
    }

    private static void deepen(int[] depths, float[] scores, float threshold, int step) {
        for (int t = 0; t < depths.length; t++) {
            if (scores[t] >= threshold) {
                depths[t] = step + 1;
            }
        }
    }

    private static List<int[]> uniform(List<Continuation> text) {
        return text.stream()
                .map(continuation -> {
                    int[] depths = new int[continuation.numRead()];
                    Arrays.fill(depths, 1);
                    return depths;
                })
                .toList();
    }

    /// The scores of the tokens that count, in ascending order.
    private float[] counted(List<float[]> scores) {
        int max = text.stream().mapToInt(Continuation::numScored).sum();
        float[] counted = new float[max];
        int count = 0;
        for (int i = 0; i < text.size(); i++) {
            float[] own = scores.get(i);
            for (int t = own.length - text.get(i).numScored(); t < own.length; t++) {
                if (!Float.isNaN(own[t])) {
                    counted[count++] = own[t];
                }
            }
        }
        float[] rising = Arrays.copyOf(counted, count);
        Arrays.sort(rising);
        return rising;
    }

    /// Finds the threshold for a share of the scores.
    ///
    /// @param rising scores in [0, 1], in ascending order
    /// @param share the share of the scores, in (0, 1)
    /// @return the threshold, in (0, 1)
    static float between(float[] rising, double share) {
        if (rising.length == 0) {
            return 0.5f;
        }
        int passing = Math.clamp(Math.round(share * rising.length), 1, rising.length);
        int at = rising.length - passing;
        // Equal scores are treated alike: the tokens with the score at the cut all continue, unless stopping
        // them all is nearer to the share and leaves tokens that continue.
        int firstEqual = at;
        while (firstEqual > 0 && rising[firstEqual - 1] == rising[at]) {
            firstEqual--;
        }
        int afterEqual = at;
        while (afterEqual < rising.length && rising[afterEqual] == rising[at]) {
            afterEqual++;
        }
        boolean withNone = afterEqual < rising.length && afterEqual - at < at - firstEqual;
        int first = withNone ? afterEqual : firstEqual;
        float min = rising[first];
        float middle = first == 0 ? min : middle(rising[first - 1], min);
        return Math.clamp(middle, Float.MIN_NORMAL, Math.nextDown(1f));
    }

    /// The midpoint of two scores on the scale of logits; the larger score if no number lies between them.
    private static float middle(float below, float min) {
        float middle = (float) sigmoid((logit(below) + logit(min)) / 2);
        return middle > below && middle <= min ? middle : min;
    }

    private static double logit(double score) {
        return Math.log(score) - Math.log1p(-score);
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}
