package dev.saiki.eval.audit;

import dev.saiki.eval.audit.DecidedStep.StepView;
import dev.saiki.model.TracedSequence;
import dev.saiki.model.WatchedToken;
import java.util.ArrayList;
import java.util.List;

/// A token that was intervened on, with its results at each depth.
///
/// The arrays have one entry per depth, entry 0 for depth 1; all other tokens keep the router's depths.
///
/// @param token the token as routed
/// @param losses the token's loss at each depth, nats
/// @param lossesOfFollowing sum of the losses of the later tokens in the window, at each depth, nats
/// @param likeliest whether the next token is the top prediction, at each depth
/// @param views the observations at each step that do not depend on the next token; the first entry is for step 1
@SuppressWarnings("ArrayRecordComponent") // Many instances, never compared.
record SampledToken(
        RoutedToken token, double[] losses, double[] lossesOfFollowing, boolean[] likeliest, List<StepView> views)
        implements Observation {

    /// A token at one depth.
    ///
    /// @param window the token's window, with the token at that depth
    /// @param watched the model's outputs for the token in that window
    record DepthOutcome(TracedSequence window, WatchedToken watched) {}

    /// Reads the results of each depth.
    ///
    /// @param outcomes one outcome per depth, from 1
    static SampledToken of(RoutedToken token, List<DepthOutcome> outcomes) {
        int next = token.position() + 1;
        double[] losses = new double[outcomes.size()];
        double[] lossesOfFollowing = new double[outcomes.size()];
        boolean[] likeliest = new boolean[outcomes.size()];
        List<StepView> views = new ArrayList<>();
        for (int i = 0; i < losses.length; i++) {
            TracedSequence window = outcomes.get(i).window();
            float[] logprobs = window.scored().logprobs();
            losses[i] = -logprobs[next];
            likeliest[i] = window.likeliest()[next];
            for (int t = next + 1; t < logprobs.length; t++) {
                lossesOfFollowing[i] -= logprobs[t];
            }
            if (i > 0) {
                views.add(view(i, outcomes.get(i - 1).watched(), outcomes.get(i).watched()));
            }
        }
        return new SampledToken(token, losses, lossesOfFollowing, likeliest, views);
    }

    private static StepView view(int step, WatchedToken shallower, WatchedToken deeper) {
        float[] state = deeper.inputs().get(step);
        return new StepView(
                gapOfBestTwo(shallower.logprobs()),
                movement(deeper.inputs().get(step - 1), state),
                divergence(deeper.logprobs(), shallower.logprobs()),
                state);
    }

    private static double gapOfBestTwo(float[] logprobs) {
        float best = Float.NEGATIVE_INFINITY;
        float second = Float.NEGATIVE_INFINITY;
        for (float logprob : logprobs) {
            second = Math.max(second, Math.min(best, logprob));
            best = Math.max(best, logprob);
        }
        return Math.exp(best) - Math.exp(second);
    }

    /// The norm of the difference of the two states, relative to the norm of the later state.
    private static double movement(float[] before, float[] after) {
        double moved = 0;
        double length = 0;
        for (int i = 0; i < after.length; i++) {
            double difference = (double) after[i] - before[i];
            moved += difference * difference;
            length += (double) after[i] * after[i];
        }
        return length > 0 ? Math.sqrt(moved / length) : 0;
    }

    private static double divergence(float[] of, float[] from) {
        double sum = 0;
        for (int id = 0; id < of.length; id++) {
            double probability = Math.exp(of[id]);
            // 0 · log 0 is 0; a probability that underflows adds nothing.
            sum += probability > 0 ? probability * ((double) of[id] - from[id]) : 0;
        }
        return sum;
    }

    @Override
    public int cluster() {
        return token.cluster();
    }

    /// The depth that the router chose.
    int depth() {
        return token.depth();
    }

    double loss(int depth) {
        return losses[depth - 1];
    }

    double lossOfFollowing(int depth) {
        return lossesOfFollowing[depth - 1];
    }

    boolean isLikeliest(int depth) {
        return likeliest[depth - 1];
    }

    /// The observations of the token at a step that do not depend on the next token.
    StepView view(int step) {
        return views.get(step - 1);
    }
}
