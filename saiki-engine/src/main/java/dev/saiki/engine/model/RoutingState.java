package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;
import java.util.OptionalDouble;

/// The routing state of a chunk: the chosen depths and the data of the router.
///
/// Routers make decisions about tokens and steps. Only {@link #apply} turns decisions into depths, subject to the
/// request's bounds, forced depths, and the circuit breaker.
public final class RoutingState {

    /// The choice so far for a token that the router has let continue at every step.
    private static final int CONTINUES = -1;

    /// The choice of a token with a non-finite score.
    private static final int NO_CHOICE = -2;

    private final int numRecursions;
    private final int shallowest;
    private final int deepest;
    private final OptionalDouble effort;
    private final int[] forced;
    private final int[] choices;

    /// The gate of each token for the output of the next step.
    final float[] gates;

    /// The states before the first step, for routers that add them to the last output.
    float[] inputs = new float[0];

    /// The distribution over depths, `[tokens, depths]`, for routers that have one.
    float[] distribution = new float[0];

    /// The minimum score for each step, for routers with thresholds.
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
        // Without a router there is no decision that a forced depth could override.
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

    /// Sets the depth of tokens for which the router is overruled, or whose score is not finite. The default
    /// is all recursions.
    ///
    /// @param depth fallback depth, from 1
    public void fallBackTo(int depth) {
        fallback = depth;
    }

    /// Overrules the router: every token takes the fallback depth, within the request's bounds. The router is
    /// still evaluated, so that its choices are recorded.
    public void overrule() {
        overruled = true;
        overruledTokens = choices.length;
    }

    /// Tells whether the router is overruled.
    ///
    /// @return whether {@link #overrule} was called
    public boolean isOverruled() {
        return overruled;
    }

    /// Counts the tokens.
    ///
    /// @return the number of tokens
    public int count() {
        return choices.length;
    }

    /// Counts the tokens for which the router was overruled: in an overruled chunk all tokens, otherwise the
    /// tokens with a non-finite score.
    ///
    /// @return the number of tokens
    public int overruledTokens() {
        return overruledTokens;
    }

    /// Counts the router's non-finite scores.
    ///
    /// @return the number of scores
    public int nonFiniteScores() {
        return nonFiniteScores;
    }

    /// Returns the depth that the router chose for a token, whether or not it was overruled.
    ///
    /// @param token index in the chunk
    /// @return depth, from 1; 0 if the router chose none
    public int choice(int token) {
        return choices[token] == CONTINUES ? numRecursions : Math.max(0, choices[token]);
    }

    /// Counts the router's decisions.
    ///
    /// @return the number of decisions for which a probability is known
    public int decisions() {
        return decisions;
    }

    /// Returns the sum of the router's certainties.
    ///
    /// @return sum of the probabilities that the router assigned to its decisions
    public double certainty() {
        return certainty;
    }

    /// The effort of the request.
    OptionalDouble effort() {
        return effort;
    }

    /// The maximum number of recursions of a token.
    int deepest() {
        return deepest;
    }

    /// Whether the router alone decides if a token takes a step.
    boolean isLeftToRouter(int token, int step) {
        return forcedDepth(token) == ForcedDepths.AS_ROUTED && step >= shallowest;
    }

    private int forcedDepth(int token) {
        return forced.length == 0 ? ForcedDepths.AS_ROUTED : forced[token];
    }

    /// The depth of a token.
    ///
    /// @param chosen depth chosen by the router
    int depthOf(int token, int chosen) {
        int depth = forcedDepth(token);
        if (depth == ForcedDepths.AS_ROUTED) {
            boolean unchosen = overruled || choices[token] == NO_CHOICE;
            depth = Math.max(unchosen ? fallback : chosen, shallowest);
        }
        return Math.min(depth, deepest);
    }

    /// Records a router's decision about a token before a step, and applies it.
    ///
    /// @return whether the token takes the step
    boolean apply(int token, int step, StepDecision decision) {
        int chosen = numRecursions;
        switch (decision) {
            case StepDecision.Chosen(int depth) -> chosen = depth;
            case StepDecision.Unasked(float gate) -> gates[token] = gate;
            case StepDecision.NonFinite(float gate) -> {
                gates[token] = gate;
                countNonFinite(token);
            }
            case StepDecision.Scored scored -> {
                gates[token] = scored.gate();
                if (scored.isProbability()) {
                    addCertainty(scored.continues() ? scored.score() : 1 - scored.score());
                }
                chosen = scored.continues() ? numRecursions : step;
                // Only the first decision to exit counts, because a token that exits does not return.
                if (choices[token] == 0 || choices[token] == CONTINUES) {
                    choices[token] = scored.continues() ? CONTINUES : step;
                }
            }
        }
        return step < depthOf(token, chosen);
    }

    /// Records the depth that the router chose for a token before the first step.
    void choose(int token, int depth, double probability) {
        choices[token] = depth;
        addCertainty(probability);
    }

    private void addCertainty(double probability) {
        decisions++;
        certainty += probability;
    }

    /// Records a non-finite score of the router; the token takes the fallback depth.
    void countNonFinite(int token) {
        nonFiniteScores++;
        if (!overruled && choices[token] != NO_CHOICE) {
            overruledTokens++;
        }
        choices[token] = NO_CHOICE;
    }
}
