package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.RouterDecision;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A chunk of consecutive tokens of one sequence in flight through the model: a piece of a prompt, or the single
/// token of a decode step.
///
/// The tokens enter together, exit the recursion at different steps, and go through the last layers together. A
/// sequence has at most one chunk in flight, so the keys and values of all earlier tokens are complete. The
/// router's decisions are in the chunk's {@link RoutingState}. Only a chunk whose token is inspected has a
/// {@link TokenTrace}.
public final class TokenChunk {

    private final SequenceCache cache;
    private final int[] ids;
    private final int firstPosition;
    private final RoutingState routing;
    private final int hidden;
    final float[] states;
    final int[] depths;
    private int[] active = new int[0];
    private int step;
    private @Nullable TokenTrace trace;
    private @Nullable AdapterWeights adapter;
    private float @Nullable [] entryStates;

    /// Makes a chunk that has not entered the model yet.
    ///
    /// @param cache keys and values of the sequence
    /// @param ids the tokens, not empty
    /// @param firstPosition position of the first token
    /// @param route depth settings of the request
    /// @param config the configuration of the model
    public TokenChunk(SequenceCache cache, int[] ids, int firstPosition, RouteSettings route, ModelConfig config) {
        this.cache = cache;
        this.ids = ids.clone();
        this.firstPosition = firstPosition;
        this.routing = new RoutingState(route, firstPosition, ids.length, config);
        this.hidden = config.hiddenSize();
        this.states = new float[ids.length * hidden];
        this.depths = new int[ids.length];
    }

    /// Sets the adapter whose updates are applied to the tokens.
    ///
    /// @param updates the adapter; null for none
    /// @return this chunk
    public TokenChunk with(@Nullable AdapterWeights updates) {
        adapter = updates;
        return this;
    }

    @Nullable
    AdapterWeights adapter() {
        return adapter;
    }

    /// Traces the token: records the router's decisions and, for each step before the exit, the next-token
    /// prediction of an exit after that step.
    ///
    /// @return this chunk
    /// @throws IllegalStateException if the chunk has more than one token
    public TokenChunk traced() {
        if (ids.length != 1) {
            throw new IllegalStateException("a traced chunk must have 1 token, got " + ids.length);
        }
        trace = new TokenTrace();
        return this;
    }

    /// Returns the trace of the token.
    ///
    /// @return the trace
    /// @throws IllegalStateException if the chunk is not traced
    public TokenTrace trace() {
        if (trace == null) {
            throw new IllegalStateException("the chunk is not traced");
        }
        return trace;
    }

    boolean isTraced() {
        return trace != null;
    }

    /// Returns the routing state of the tokens.
    ///
    /// @return the routing state
    public RoutingState routing() {
        return routing;
    }

    /// Counts the tokens.
    ///
    /// @return the number of tokens
    public int count() {
        return ids.length;
    }

    /// Counts the tokens that take the next step.
    ///
    /// @return the number of tokens; 0 when all have exited the recursion
    public int activeCount() {
        return active.length;
    }

    /// Returns the next recursion step.
    ///
    /// @return step, from 0
    public int step() {
        return step;
    }

    /// Returns the number of recursions that a token has taken.
    ///
    /// @param token index in the chunk
    /// @return the token's depth, from 1
    public int depth(int token) {
        return depths[token];
    }

    /// Copies the depths of all tokens.
    ///
    /// @param target array that receives the depths
    /// @param from index of the first depth in the target
    public void copyDepths(int[] target, int from) {
        System.arraycopy(depths, 0, target, from, depths.length);
    }

    SequenceCache cache() {
        return cache;
    }

    int id(int token) {
        return ids[token];
    }

    int position(int token) {
        return firstPosition + token;
    }

    int active(int index) {
        return active[index];
    }

    int stateOf(int token) {
        return token * hidden;
    }

    /// A copy of a token's state.
    float[] state(int token) {
        return Arrays.copyOfRange(states, stateOf(token), stateOf(token) + hidden);
    }

    /// Records the states with which the tokens enter the recursion.
    void keepEntryStates() {
        entryStates = states.clone();
    }

    /// The states with which the tokens entered the recursion, in the layout of {@link #states}.
    float[] entryStates() {
        if (entryStates == null) {
            throw new IllegalStateException("the entry states were not kept");
        }
        return entryStates;
    }

    /// Makes all tokens active.
    void beginRecursion() {
        active = new int[ids.length];
        Arrays.setAll(active, token -> token);
        step = 0;
    }

    /// Advances to a step; only the given tokens stay active.
    void advanceTo(int nextStep, int[] next) {
        active = next;
        step = nextStep;
    }

    /// Whether the router must be evaluated for a token and a step, because its decision either counts or is
    /// recorded.
    boolean usesRouter(int token, int nextStep) {
        return trace != null || routing.isLeftToRouter(token, nextStep);
    }

    /// Applies a router's decision about a token.
    ///
    /// @return whether the token takes the step
    boolean apply(int token, int nextStep, StepDecision decision) {
        if (trace != null && decision instanceof StepDecision.Scored scored) {
            trace.decide(new RouterDecision(nextStep, scored.score(), scored.threshold(), scored.continues()));
        }
        return routing.apply(token, nextStep, decision);
    }
}
