package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;
import java.util.OptionalDouble;

/// The routing state of a chunk: the depths chosen and the tokens still going on.
///
/// Routers say what they think of a token and a step; {@link #apply} alone turns that into a depth, with the
/// request's bounds, with depths that are forced, and with the breaker that overrules the router.
public final class RoutingState {

    /// A token that the router has not let go yet.
    private static final int GOES_ON = -1;

    /// A token of which the router says nothing that is a number.
    private static final int NO_CHOICE = -2;

    private final int numRecursions;
    private final int shallowest;
    private final int deepest;
    private final OptionalDouble effort;
    private final int[] forced;
    private final int[] choices;

    /// Factors on the outputs of the coming step, by token.
    final float[] gates;

    /// The states before the first step, of routers that add them at the end.
    float[] inputs = new float[0];

    /// `[tokens, N]` distribution over depths, of routers that have one.
    float[] distribution = new float[0];

    /// The least score of each step, of routers that compare with one.
    double[] thresholds = new double[0];

    private int fallback;
    private boolean overruled;
    private int overruledTokens;
    private int nonFiniteScores;
    private int decisions;
    private double certainty;

    RoutingState(RouteSettings route, int firstPosition, int count, ModelConfig config) {
        this.numRecursions = config.numRecursions();
        this.fallback = numRecursions;
        this.shallowest = route.bounds().min();
        this.deepest = route.bounds().deepest(numRecursions);
        this.effort = route.effort();
        // Where no router decides, there is no decision to force.
        boolean forces = route.forced().isPresent() && !(config.routing() instanceof Routing.None);
        this.forced = forces ? forcedDepths(route.forced().get(), firstPosition, count) : new int[0];
        this.choices = new int[count];
        this.gates = new float[count];
    }

    private static int[] forcedDepths(ForcedDepths depths, int firstPosition, int count) {
        int[] forced = new int[count];
        Arrays.setAll(forced, token -> depths.depthOf(firstPosition + token));
        return forced;
    }

    /// Sets the depth of tokens about which the router is not followed, or says nothing that is a number; all
    /// recursions otherwise.
    ///
    /// @param depth from 1
    public void fallBackTo(int depth) {
        fallback = depth;
    }

    /// Lets every token take the depth that was set for that, as far as the request lets it. The router is asked all
    /// the same, so that one can see what it would have decided.
    public void overrule() {
        overruled = true;
        overruledTokens = choices.length;
    }

    /// Tells whether the router is not followed.
    ///
    /// @return whether {@link #overrule} was called
    public boolean isOverruled() {
        return overruled;
    }

    /// Counts the tokens.
    ///
    /// @return how many
    public int count() {
        return choices.length;
    }

    /// Counts the tokens about which the router was not followed: all of them, or those of which it said nothing that
    /// is a number.
    ///
    /// @return how many
    public int overruledTokens() {
        return overruledTokens;
    }

    /// Counts scores of the router that were NaN or infinite.
    ///
    /// @return how many
    public int nonFiniteScores() {
        return nonFiniteScores;
    }

    /// Returns the depth that the router chose for a token, whether it was followed or not.
    ///
    /// @param token index in the chunk
    /// @return depth, from 1; 0 if it chose nothing
    public int choice(int token) {
        return choices[token] == GOES_ON ? numRecursions : Math.max(0, choices[token]);
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

    /// The effort that the request asks for.
    OptionalDouble effort() {
        return effort;
    }

    /// The most recursions that a token may take.
    int deepest() {
        return deepest;
    }

    /// Whether nobody but the router decides if a token takes a step.
    boolean isLeftToRouter(int token, int step) {
        return forcedDepth(token) == ForcedDepths.AS_ROUTED && step >= shallowest;
    }

    private int forcedDepth(int token) {
        return forced.length == 0 ? ForcedDepths.AS_ROUTED : forced[token];
    }

    /// The depth that a token takes.
    ///
    /// @param chosen by the router
    int depthOf(int token, int chosen) {
        int depth = forcedDepth(token);
        if (depth == ForcedDepths.AS_ROUTED) {
            boolean unchosen = overruled || choices[token] == NO_CHOICE;
            depth = Math.max(unchosen ? fallback : chosen, shallowest);
        }
        return Math.min(depth, deepest);
    }

    /// Notes what a router says of a token before a step, and applies it.
    ///
    /// @return whether the token takes the step
    boolean apply(int token, int step, StepDecision decision) {
        int chosen = numRecursions;
        switch (decision) {
            case StepDecision.Chosen(int depth) -> chosen = depth;
            case StepDecision.Unasked(float gate) -> gates[token] = gate;
            case StepDecision.NonFinite(float gate) -> {
                gates[token] = gate;
                noteNotFinite(token);
            }
            case StepDecision.Scored scored -> {
                gates[token] = scored.gate();
                if (scored.isProbability()) {
                    noteCertainty(scored.goesOn() ? scored.score() : 1 - scored.score());
                }
                chosen = scored.goesOn() ? numRecursions : step;
                // Only the first no counts, for whoever leaves does not come back.
                if (choices[token] == 0 || choices[token] == GOES_ON) {
                    choices[token] = scored.goesOn() ? GOES_ON : step;
                }
            }
        }
        return step < depthOf(token, chosen);
    }

    /// The router chooses a token's depth before the first step.
    void choose(int token, int depth, double probability) {
        choices[token] = depth;
        noteCertainty(probability);
    }

    private void noteCertainty(double probability) {
        decisions++;
        certainty += probability;
    }

    /// The router's score of a token is no number: the token goes no deeper than without a router.
    void noteNotFinite(int token) {
        nonFiniteScores++;
        if (!overruled && choices[token] != NO_CHOICE) {
            overruledTokens++;
        }
        choices[token] = NO_CHOICE;
    }
}
