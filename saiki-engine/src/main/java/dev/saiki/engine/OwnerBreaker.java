package dev.saiki.engine;

import dev.saiki.engine.RouterHealth.Problem;
import dev.saiki.engine.RouterHealth.State;
import dev.saiki.engine.model.RoutingState;
import dev.saiki.engine.reference.ExpectedDepths;
import dev.saiki.engine.reference.RouterReference;
import dev.saiki.engine.settings.BreakerOptions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/// The circuit breaker of a router, for the requests of one owner only. Only the depths of these requests can
/// open it.
///
/// In a model with two recursions, a uniform workload can send nearly all tokens to one depth, which is almost the
/// greatest possible distance from the depths of training. Tests for drift and dead recursions are then
/// meaningless; the breaker opens only after a full window in which every token was sent to the same depth.
final class OwnerBreaker {

    /// A recursion that no token takes counts as a problem only if it had at least this share of tokens in
    /// training.
    private static final double LIVE_SHARE = 0.05;

    /// If a depth had at least this share of tokens in training, a collapse to that depth counts as normal.
    private static final double NEARLY_ALL = 0.95;

    private final String owner;
    private final int numRecursions;
    private final int referenceDepth;
    private final Optional<BreakerOptions> options;
    private final Optional<ExpectedDepths> training;
    private final BreakerSwitch circuit;
    private final DepthWindow window;

    /// A detected problem: its kind, and a description.
    private record DetectedProblem(Problem problem, String detail) {}

    /// Makes a closed breaker.
    ///
    /// @param owner the owner of the requests
    /// @param router reference values that the router's choices are compared with
    /// @param options conditions under which the breaker opens; empty if it never opens
    /// @param log the log of the state changes
    OwnerBreaker(String owner, RouterReference router, Optional<BreakerOptions> options, BreakerLog log) {
        this.owner = owner;
        this.numRecursions = router.numRecursions();
        this.referenceDepth = router.depth();
        this.training = router.training();
        this.options = options;
        this.circuit = new BreakerSwitch(Optional.of(owner), log);
        this.window = new DepthWindow(
                numRecursions, options.orElse(BreakerOptions.DEFAULT).windowTokens());
    }

    State state() {
        return circuit.state();
    }

    /// Updates the state for the current time: an open breaker becomes half-open after the cool-down.
    void tick(long now) {
        if (circuit.tick(now, options.orElse(BreakerOptions.DEFAULT).coolDown())) {
            window.clear();
        }
    }

    /// Adds the routing of a chunk whose tokens have all left the recursion to the drift window.
    ///
    /// @param sequence a sequence of the owner; its request leaves the depths to the router
    /// @param routing the routing of the chunk
    /// @param now the time
    void observe(Sequence sequence, RoutingState routing, long now) {
        boolean overruled = circuit.state() != State.CLOSED;
        if (routing.isOverruled() != overruled) {
            // The chunk entered the model before the state changed, so it does not count.
            return;
        }
        int deepest = overruled ? Math.min(numRecursions, referenceDepth + 1) : numRecursions;
        DepthWindow.Piece piece = new DepthWindow.Piece(
                sequence.promptKey(),
                sequence.number(),
                choices(routing, deepest),
                training.map(known -> folded(known.at(sequence.task().route().effort()), deepest)),
                routing.certainty(),
                routing.decisions());
        if (window.add(piece)) {
            judge(now);
        }
    }

    /// The router's choices. While the router is overruled, every choice beyond the reference depth counts as one
    /// step beyond it, because some routers are not evaluated for later steps.
    private static int[] choices(RoutingState routing, int deepest) {
        return IntStream.range(0, routing.count())
                .map(token -> Math.min(routing.choice(token), deepest))
                .toArray();
    }

    private static double[] folded(double[] shares, int deepest) {
        if (deepest == shares.length) {
            return shares;
        }
        double[] folded = Arrays.copyOf(shares, shares.length);
        for (int i = deepest; i < folded.length; i++) {
            folded[deepest - 1] += folded[i];
            folded[i] = 0;
        }
        return folded;
    }

    private void judge(long now) {
        boolean closed = circuit.state() == State.CLOSED;
        boolean tells = numRecursions > 2 ? window.isHalfFull() : window.isFull();
        if (circuit.state() == State.OPEN || (training.isEmpty() && closed) || !tells) {
            return;
        }
        Optional<DetectedProblem> found = finding();
        if (found.isPresent()) {
            circuit.open(found.get().problem(), found.get().detail(), now);
        } else if (!closed) {
            circuit.close("over " + window.numPrompts() + " prompts, the router's depths were as in training");
        }
    }

    private Optional<DetectedProblem> finding() {
        if (training.isEmpty() || options.isEmpty()) {
            return Optional.empty();
        }
        Optional<Integer> only = window.onlyDepth();
        if (only.isPresent() && window.expectedShare(only.get() - 1) < NEARLY_ALL) {
            return found(
                    Problem.COLLAPSE,
                    String.format(
                            Locale.ROOT,
                            "all tokens of %d prompts were sent to depth %d, which had a share of %.2f in training",
                            window.numPrompts(),
                            only.get(),
                            window.expectedShare(only.get() - 1)));
        }
        return numRecursions == 2 ? Optional.empty() : deadOrFar(options.get().driftLimit());
    }

    private Optional<DetectedProblem> deadOrFar(double limit) {
        for (int step = 1; step < numRecursions; step++) {
            if (!window.hasDeeperThan(step) && window.expectedDeeperThan(step) >= LIVE_SHARE) {
                return found(
                        Problem.DEAD_RECURSION,
                        String.format(
                                Locale.ROOT,
                                "no token of %d prompts took recursion step %d, which had a share of %.2f in training",
                                window.numPrompts(),
                                step,
                                window.expectedDeeperThan(step)));
            }
        }
        return window.drift() > limit
                ? found(
                        Problem.DRIFT,
                        String.format(
                                Locale.ROOT,
                                "depths of %d prompts differ from training by %.3f; the limit is %.3f",
                                window.numPrompts(),
                                window.drift(),
                                limit))
                : Optional.empty();
    }

    private static Optional<DetectedProblem> found(Problem problem, String detail) {
        return Optional.of(new DetectedProblem(problem, detail));
    }

    RouterHealth.Owner health() {
        return new RouterHealth.Owner(owner, circuit.state(), circuit.reason(), window.toHealth(training.isPresent()));
    }
}
