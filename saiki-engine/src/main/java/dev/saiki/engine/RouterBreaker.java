package dev.saiki.engine;

import dev.saiki.engine.RouterHealth.Problem;
import dev.saiki.engine.RouterHealth.State;
import dev.saiki.engine.RouterHealth.Transition;
import dev.saiki.engine.model.RoutingState;
import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.DepthBounds;
import dev.saiki.engine.settings.RouteSettings;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The circuit breaker of a router: watches what it decides, and takes the decisions away from it when it can no
/// longer be trusted.
///
/// Closed, its decisions are followed. A score that is not finite, tokens that all go to one depth, a recursion
/// that nobody takes any more, or depths far from those of training open it: every token then takes all
/// recursions, as far as its request lets it. That costs time and changes texts, but no token depends on a
/// router that fails. After a while it is half open: tokens still take all recursions, but the router is asked
/// about each, and if it decides as it should over half a window it is closed again. So a probe risks nobody's
/// answer.
///
/// Resilience4j's circuit breaker was weighed: it counts calls that fail and lets some calls through to probe. Here
/// nothing is called, what is judged is a distribution, and nothing should be let through; what would be left of it
/// is the three names.
///
/// Without options it only counts: a request with a score that is not finite then fails. Used by the engine's
/// thread.
final class RouterBreaker {

    private static final int MOST_TRANSITIONS = 16;

    /// The share of tokens that a recursion takes in training, for its death to be noticed.
    private static final double LIVE_SHARE = 0.05;

    /// The share of tokens at one depth in training, from which on all tokens may be there.
    private static final double NEARLY_ALL = 0.95;

    private final int numRecursions;
    private final Optional<BreakerOptions> options;
    private final Optional<ExpectedDepths> reference;
    private final DepthWindow window;
    private final Map<Problem, Long> trips = new EnumMap<>(Problem.class);
    private final Deque<Transition> transitions = new ArrayDeque<>();
    private State state = State.CLOSED;
    private Optional<Problem> reason = Optional.empty();
    private long openedNanos;
    private long numTransitions;
    private long scoresNotFinite;
    private long logitsNotFinite;
    private long overruledTokens;

    /// A problem that was found, in a word and for people.
    private record DetectedProblem(Problem problem, String detail) {}

    /// Makes a closed one.
    ///
    /// @param numRecursions of the model
    /// @param options when to open; empty for never
    /// @param reference what to expect of the router, if anything is known
    RouterBreaker(int numRecursions, Optional<BreakerOptions> options, Optional<ExpectedDepths> reference) {
        this.numRecursions = numRecursions;
        this.options = options;
        this.reference = reference;
        this.window = new DepthWindow(
                numRecursions, options.orElse(BreakerOptions.DEFAULT).windowTokens());
    }

    /// Whether tokens that are sent now take all recursions.
    boolean overrules() {
        return state != State.CLOSED;
    }

    /// Whether answers go on behind a router's score that is not finite.
    boolean toleratesNonFinite() {
        return options.isPresent();
    }

    /// Lets time pass.
    void tick(long now) {
        if (state == State.OPEN
                && now - openedNanos >= options.orElseThrow().coolDown().toNanos()) {
            window.clear();
            enter(State.HALF_OPEN, reason, "the router is asked again, and not followed yet");
        }
    }

    /// Takes a chunk that has left the recursion.
    ///
    /// @param chunk that is through
    /// @param route what its request says about depth
    /// @param now the time
    void observe(TokenChunk chunk, RouteSettings route, long now) {
        RoutingState routing = chunk.routing();
        overruledTokens += routing.overruledTokens();
        if (routing.nonFiniteScores() > 0) {
            scoresNotFinite += routing.nonFiniteScores();
            if (state != State.OPEN) {
                open(new DetectedProblem(Problem.NOT_FINITE, "a router's score was not finite"), now);
            }
        }
        DepthBounds bounds = route.bounds();
        boolean free = bounds.min() == 1
                && bounds.deepest(numRecursions) == numRecursions
                && route.forced().isEmpty();
        if (!free) {
            return;
        }
        window.addCertainty(routing.certainty(), routing.decisions());
        Optional<double[]> expected = reference.map(known -> known.at(route.effort()));
        for (int token = 0; token < chunk.count(); token++) {
            int choice = routing.choice(token);
            if (choice > 0 && window.add(choice, expected)) {
                judge(now);
            }
        }
    }

    /// Counts logits that were not finite.
    void logitsNotFinite() {
        logitsNotFinite++;
    }

    private void judge(long now) {
        if (state == State.OPEN || (reference.isEmpty() && state == State.CLOSED) || !window.isTelling()) {
            return;
        }
        Optional<DetectedProblem> finding = finding();
        if (finding.isPresent()) {
            open(finding.get(), now);
        } else if (state == State.HALF_OPEN) {
            reason = Optional.empty();
            enter(State.CLOSED, reason, "the router decides as it should over " + window.tokens() + " tokens");
        }
    }

    private Optional<DetectedProblem> finding() {
        if (reference.isEmpty() || options.isEmpty()) {
            return Optional.empty();
        }
        Optional<Integer> only = window.onlyDepth();
        if (only.isPresent() && window.expectedShare(only.get() - 1) < NEARLY_ALL) {
            return Optional.of(new DetectedProblem(
                    Problem.COLLAPSE,
                    String.format(
                            Locale.ROOT,
                            "all %d tokens were sent to depth %d, where training had a share of %.2f",
                            window.tokens(),
                            only.get(),
                            window.expectedShare(only.get() - 1))));
        }
        for (int step = 1; step < numRecursions; step++) {
            if (window.deeperThan(step) == 0 && window.expectedDeeperThan(step) >= LIVE_SHARE) {
                return Optional.of(new DetectedProblem(
                        Problem.DEAD_RECURSION,
                        String.format(
                                Locale.ROOT,
                                "none of %d tokens took recursion step %d, which a share of %.2f took in training",
                                window.tokens(),
                                step,
                                window.expectedDeeperThan(step))));
            }
        }
        double limit = options.get().driftLimit();
        return window.drift() > limit
                ? Optional.of(new DetectedProblem(
                        Problem.DRIFT,
                        String.format(
                                Locale.ROOT,
                                "depths are %.3f away from those of training, over the limit of %.3f",
                                window.drift(),
                                limit)))
                : Optional.empty();
    }

    private void open(DetectedProblem finding, long now) {
        if (options.isEmpty()) {
            return;
        }
        openedNanos = now;
        reason = Optional.of(finding.problem());
        trips.merge(finding.problem(), 1L, Long::sum);
        enter(State.OPEN, reason, finding.detail());
    }

    private void enter(State next, Optional<Problem> why, String detail) {
        state = next;
        numTransitions++;
        transitions.addLast(new Transition(numTransitions, next, why, detail));
        if (transitions.size() > MOST_TRANSITIONS) {
            transitions.removeFirst();
        }
    }

    RouterHealth health() {
        return new RouterHealth(
                state,
                reason,
                trips,
                List.copyOf(transitions),
                scoresNotFinite,
                logitsNotFinite,
                overruledTokens,
                window.toHealth(reference.isPresent()));
    }
}
