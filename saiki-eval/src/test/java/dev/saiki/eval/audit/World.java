package dev.saiki.eval.audit;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TracedSequence;
import dev.saiki.model.WatchedToken;
import dev.saiki.model.routing.DepthOverrides;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntBinaryOperator;

/// An invented model of three recursions whose properties are known: each token needs a certain depth, and
/// loses {@value #MISS} nats for each recursion more or fewer; each recursion of a token costs every later
/// token {@value #CROWD} nats. A token's state contains the depth that it needs, and the step that reads the
/// state.
final class World implements SequenceTracer {

    static final int DEPTHS = 3;
    static final double LEAST = 2;
    static final double MISS = 0.2;
    static final double CROWD = 0.001;
    private static final int VOCABULARY = 300;

    private final IntBinaryOperator need;
    private final IntBinaryOperator router;
    private final List<int[]> forcedRows = new ArrayList<>();
    private final List<int[]> freeRows = new ArrayList<>();

    /// Makes a world.
    ///
    /// @param need the depth that a token needs, by its id and position
    /// @param router the depth that the router gives the token, by its id and position
    World(IntBinaryOperator need, IntBinaryOperator router) {
        this.need = need;
        this.router = router;
    }

    /// All depths of sequences with forced tokens; {@link #freeRows} returns the depths that the router would
    /// have given.
    List<int[]> forcedRows() {
        return forcedRows;
    }

    List<int[]> freeRows() {
        return freeRows;
    }

    @Override
    public List<TracedSequence> trace(List<int[]> sequences, ScoreOptions options) {
        List<TracedSequence> traced = new ArrayList<>();
        for (int b = 0; b < sequences.size(); b++) {
            int[] watched =
                    options.watched().isEmpty() ? new int[0] : options.watched().get(b);
            traced.add(trace(sequences.get(b), b, options.forced(), watched));
        }
        return traced;
    }

    private TracedSequence trace(int[] ids, int sequence, DepthOverrides forced, int[] watched) {
        int[] depths = new int[ids.length];
        int[] free = new int[ids.length];
        float[] logprobs = new float[ids.length];
        boolean[] likeliest = new boolean[ids.length];
        float[] entropies = new float[ids.length];
        float[][] confidences = new float[DEPTHS][ids.length];
        float[][] margins = new float[DEPTHS][ids.length];
        logprobs[0] = Float.NaN;
        int before = 0;
        for (int t = 0; t < ids.length; t++) {
            free[t] = router.applyAsInt(ids[t], t);
            int own = forced.at(sequence, t);
            depths[t] = own == DepthOverrides.AS_ROUTED ? free[t] : own;
            int needed = need.applyAsInt(ids[t], t);
            entropies[t] = needed;
            for (int step = 0; step < DEPTHS; step++) {
                boolean goesOn = free[t] > step;
                confidences[step][t] = step == 0 ? Float.NaN : goesOn ? 0.9f : 0.1f;
                margins[step][t] = step == 0 ? Float.NaN : goesOn ? 1 : -1;
            }
            if (t + 1 < ids.length) {
                logprobs[t + 1] = (float) -(LEAST + MISS * Math.abs(depths[t] - needed) + CROWD * before);
                likeliest[t + 1] = depths[t] == needed;
            }
            before += depths[t];
        }
        if (!forced.isEmpty()) {
            forcedRows.add(depths);
            freeRows.add(free);
        }
        return new TracedSequence(
                new ScoredSequence(logprobs, depths),
                likeliest,
                entropies,
                List.of(confidences),
                List.of(margins),
                Arrays.stream(watched)
                        .mapToObj(t -> watch(ids, t, depths[t], logprobs[t + 1]))
                        .toList());
    }

    /// The probability that remains after the next token is spread over all other ids.
    private WatchedToken watch(int[] ids, int position, int depth, float logprob) {
        List<float[]> inputs = new ArrayList<>();
        for (int step = 0; step < depth; step++) {
            inputs.add(new float[] {need.applyAsInt(ids[position], position), step, position % 5, 1});
        }
        float[] logprobs = new float[VOCABULARY];
        Arrays.fill(logprobs, (float) Math.log((1 - Math.exp(logprob)) / (VOCABULARY - 1)));
        logprobs[ids[position + 1]] = logprob;
        return new WatchedToken(position, inputs, logprobs);
    }
}
