package dev.saiki.engine.model;

import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;

/// Consecutive tokens of one sequence on their way through the model: a piece of a prompt, or the one token that
/// decoding
/// is at.
///
/// The tokens enter together, leave the recursion each at its own step, and go through the last layer together. A
/// sequence
/// has at most one span on its way, so the tokens before it have left all their keys and values.
public final class Span {

    private final SequenceCache cache;
    private final int[] ids;
    private final int firstPosition;
    private final RouteSettings route;
    private final int hidden;
    final float[] states;
    final float[] gates;
    final int[] depths;
    float[] inputs = new float[0];
    float[] distribution = new float[0];
    private int[] active;
    private int step;

    /// Makes a span that has not entered yet.
    ///
    /// @param cache the sequence's past
    /// @param ids the tokens, not empty
    /// @param firstPosition of the first of them
    /// @param route what the request says about depth
    /// @param hidden width of the model
    public Span(SequenceCache cache, int[] ids, int firstPosition, RouteSettings route, int hidden) {
        this.cache = cache;
        this.ids = ids.clone();
        this.firstPosition = firstPosition;
        this.route = route;
        this.hidden = hidden;
        this.states = new float[ids.length * hidden];
        this.gates = new float[ids.length];
        this.depths = new int[ids.length];
        this.active = new int[0];
    }

    /// Counts the tokens.
    ///
    /// @return how many
    public int count() {
        return ids.length;
    }

    /// Counts the tokens that take the coming step.
    ///
    /// @return how many; 0 when all have left the recursion
    public int activeCount() {
        return active.length;
    }

    /// Returns the recursion step that comes next.
    ///
    /// @return step, from 0
    public int step() {
        return step;
    }

    /// Returns how many recursions each token has taken.
    ///
    /// @return depths, from 1
    public int[] depths() {
        return depths.clone();
    }

    SequenceCache cache() {
        return cache;
    }

    RouteSettings route() {
        return route;
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

    void beginRecursion() {
        active = new int[ids.length];
        Arrays.setAll(active, token -> token);
        step = 0;
    }

    /// Goes on to a step with those of the active tokens that take it.
    void advanceTo(int nextStep, int[] next) {
        active = next;
        step = nextStep;
    }
}
