package dev.saiki.engine.model;

import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.RouterDecision;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Consecutive tokens of one sequence on their way through the model: a piece of a prompt, or the one token that
/// decoding
/// is at.
///
/// The tokens enter together, leave the recursion each at its own step, and go through the last layer together. A
/// sequence
/// has at most one span on its way, so the tokens before it have left all their keys and values.
public final class Span {

    /// A token that the router has not let go yet.
    private static final int GOES_ON = -1;

    /// A token of which the router says nothing that is a number.
    private static final int NO_CHOICE = -2;

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
    private final int[] choices;
    private int[] active;
    private int step;
    private @Nullable SpanTrace trace;
    private boolean overruled;
    private int overruledTokens;
    private int scoresNotFinite;
    private int decisions;
    private double certainty;

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
        this.choices = new int[ids.length];
        this.active = new int[0];
    }

    /// Makes the model note what happens to the token: what the router says, and what would follow had the
    /// token left after each step.
    ///
    /// @return this span
    /// @throws IllegalStateException if it has more than one token
    public Span traced() {
        if (ids.length != 1) {
            throw new IllegalStateException("tokens are traced one at a time, and these are " + ids.length);
        }
        trace = new SpanTrace();
        return this;
    }

    /// Returns what was noted about the token.
    ///
    /// @return the trace
    /// @throws IllegalStateException if it is not traced
    public SpanTrace trace() {
        if (trace == null) {
            throw new IllegalStateException("not traced");
        }
        return trace;
    }

    boolean isTraced() {
        return trace != null;
    }

    /// Notes a decision, if someone wants to know.
    void note(RouterDecision decision) {
        if (trace != null) {
            trace.decide(decision);
        }
    }

    /// The depth that a token is made to take, or {@link ForcedDepths#AS_ROUTED}.
    int forcedDepth(int token) {
        return route.forced().isEmpty()
                ? ForcedDepths.AS_ROUTED
                : route.forced().get().depthOf(position(token));
    }

    /// A copy of a token's state.
    float[] state(int token) {
        return Arrays.copyOfRange(states, stateOf(token), stateOf(token) + hidden);
    }

    /// Lets every token take all recursions, as far as the request lets it. The router is asked all the same, so that
    /// one can see what it would have decided.
    public void overrule() {
        overruled = true;
        overruledTokens = ids.length;
    }

    /// Counts the tokens that took all recursions whatever the router said: all of them, or those of which it said
    /// nothing that is a number.
    ///
    /// @return how many
    public int overruledTokens() {
        return overruledTokens;
    }

    /// Counts scores of the router that were NaN or infinite.
    ///
    /// @return how many
    public int scoresNotFinite() {
        return scoresNotFinite;
    }

    /// Returns the depth that the router chose for a token, whether it was followed or not.
    ///
    /// @param token index in the span
    /// @param most if it never said that the token should leave
    /// @return depth, from 1; 0 if it chose nothing
    public int choice(int token, int most) {
        return choices[token] == GOES_ON ? most : Math.max(0, choices[token]);
    }

    /// Counts what the router decided.
    ///
    /// @return decisions that it gave a probability to
    public int decisions() {
        return decisions;
    }

    /// Adds up how sure the router was of its decisions.
    ///
    /// @return sum of the probabilities that it gave to what it decided
    public double certainty() {
        return certainty;
    }

    boolean isOverruled() {
        return overruled;
    }

    /// The router says whether a token takes a step; only the first no counts, for whoever leaves does not come back.
    void choose(int token, int step, boolean goesOn) {
        if (choices[token] == 0 || choices[token] == GOES_ON) {
            choices[token] = goesOn ? GOES_ON : step;
        }
    }

    /// The router was so sure of a decision.
    void noteCertainty(double probability) {
        decisions++;
        certainty += probability;
    }

    /// The router's score of a token is no number: the token takes all recursions.
    void noteNotFinite(int token) {
        scoresNotFinite++;
        if (!overruled && choices[token] != NO_CHOICE) {
            overruledTokens++;
        }
        choices[token] = NO_CHOICE;
    }

    /// Whether nothing can be decided about a token by the router.
    boolean hasNoChoice(int token) {
        return overruled || choices[token] == NO_CHOICE;
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
