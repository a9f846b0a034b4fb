package dev.saiki.engine;

import dev.saiki.engine.RouterHealth.Problem;
import dev.saiki.engine.RouterHealth.State;
import dev.saiki.engine.model.RoutingState;
import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.reference.RouterReference;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.DepthBounds;
import dev.saiki.engine.settings.RouteSettings;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The circuit breaker of a router: it overrules the router's decisions while they cannot be trusted.
///
/// Closed: the router's decisions are followed. A non-finite score opens the breaker for all requests. Three
/// problems open the breaker for one owner's requests only ({@link OwnerBreaker}): all tokens at one depth, a
/// recursion that no token takes any more, and depths far from those of training. So one owner's texts do not
/// affect other owners. Open: every token takes the reference depth, the uniform depth that was best in
/// validation, within the bounds of its request. Answers change, but none depends on a faulty router. After a
/// cool-down the breaker is half-open: the router is evaluated for each token but still not followed, so the test
/// puts no answer at risk. If the router's decisions are then as expected over half a window, or over a whole
/// window in an owner's breaker of a model with two recursions, the breaker closes.
///
/// Texts that are scored, embedded or inspected serve to measure the model. The depths of such texts are not
/// judged, and are overruled only after non-finite scores.
///
/// Resilience4j's circuit breaker was considered. That breaker counts failed calls and admits some calls as a
/// probe. Here the verdict concerns a distribution rather than calls, and no request may serve as a probe; only
/// the names of the three states could be reused.
///
/// Without options the breaker never opens and only counts events, and a request with a non-finite score fails.
/// For the engine's thread only.
final class RouterBreaker {

    /// If more owners than this have recorded depths, owners with a closed breaker are removed, the least
    /// recently active first.
    private static final int MAX_OWNERS = 1024;

    private final RouterReference router;
    private final Optional<BreakerOptions> options;
    private final BreakerLog log = new BreakerLog();
    private final BreakerSwitch all = new BreakerSwitch(Optional.empty(), log);
    private final Map<String, OwnerBreaker> owners = new LinkedHashMap<>(16, 0.75f, true);
    private long finiteTokens;
    private long scoresNotFinite;
    private long logitsNotFinite;
    private long overruledTokens;
    private Overruled overruled = Overruled.NONE;
    private long transitionsSeen;

    /// The requests whose tokens take the reference depth.
    ///
    /// @param all whether all requests are affected
    /// @param owners the affected owners, unless all requests are affected
    record Overruled(boolean all, Set<String> owners) {

        static final Overruled NONE = new Overruled(false, Set.of());

        boolean isEmpty() {
            return !all && owners.isEmpty();
        }

        /// Whether an owner's requests are affected.
        boolean has(String owner) {
            return all || owners.contains(owner);
        }
    }

    /// Makes a closed breaker.
    ///
    /// @param router reference values that the router's choices are compared with
    /// @param options conditions under which the breaker opens; empty if it never opens
    RouterBreaker(RouterReference router, Optional<BreakerOptions> options) {
        this.router = router;
        this.options = options;
    }

    /// The depth of a token when the router is overruled.
    int referenceDepth() {
        return router.depth();
    }

    /// Whether the tokens of a task would take the reference depth if they entered the model now.
    boolean overrules(SequenceTask task) {
        return task.isWatched() ? overruled().has(task.owner()) : overruled().all();
    }

    /// The requests whose tokens currently take the reference depth.
    Overruled overruled() {
        if (transitionsSeen != log.numTransitions()) {
            transitionsSeen = log.numTransitions();
            overruled = new Overruled(
                    all.state() != State.CLOSED,
                    owners.entrySet().stream()
                            .filter(owner -> owner.getValue().state() != State.CLOSED)
                            .map(Map.Entry::getKey)
                            .collect(Collectors.toUnmodifiableSet()));
        }
        return overruled;
    }

    /// Whether answers continue after the router gives a non-finite score.
    boolean toleratesNonFinite() {
        return options.isPresent();
    }

    /// Updates the states for the current time: an open breaker becomes half-open after its cool-down.
    void tick(long now) {
        if (options.isEmpty() || overruled().isEmpty()) {
            return;
        }
        if (all.tick(now, options.get().coolDown())) {
            finiteTokens = 0;
        }
        owners.values().forEach(owner -> owner.tick(now));
    }

    /// Checks the routing of a processed chunk for non-finite scores, and the depths of its owner's tokens for
    /// drift.
    ///
    /// @param sequence the sequence of the chunk
    /// @param chunk the chunk whose tokens have all left the recursion
    /// @param now the time
    void observe(Sequence sequence, TokenChunk chunk, long now) {
        RoutingState routing = chunk.routing();
        overruledTokens += routing.overruledTokens();
        if (routing.nonFiniteScores() > 0) {
            scoresNotFinite += routing.nonFiniteScores();
            if (options.isPresent() && all.state() != State.OPEN) {
                all.open(Problem.NOT_FINITE, "a router score was not finite", now);
            }
        }
        if (!isFree(sequence.task().route())) {
            return;
        }
        if (all.state() != State.CLOSED) {
            probe(routing);
        } else if (sequence.task().isWatched()) {
            ofOwner(sequence.task().owner()).observe(sequence, routing, now);
        }
    }

    /// Whether a request leaves the depth of its tokens to the router.
    private boolean isFree(RouteSettings route) {
        DepthBounds bounds = route.bounds();
        return bounds.min() == 1
                && bounds.deepest(router.numRecursions()) == router.numRecursions()
                && route.forced().isEmpty();
    }

    /// Closes the breaker for all requests once the router's scores have been finite for long enough.
    private void probe(RoutingState routing) {
        if (all.state() != State.HALF_OPEN || routing.nonFiniteScores() > 0) {
            return;
        }
        finiteTokens += IntStream.range(0, routing.count())
                .filter(token -> routing.choice(token) > 0)
                .count();
        if (2 * finiteTokens >= options.orElse(BreakerOptions.DEFAULT).windowTokens()) {
            all.close("the router's scores of " + finiteTokens + " tokens were finite");
        }
    }

    private OwnerBreaker ofOwner(String name) {
        OwnerBreaker known = owners.computeIfAbsent(name, _ -> new OwnerBreaker(name, router, options, log));
        if (owners.size() > MAX_OWNERS) {
            Iterator<OwnerBreaker> quietest = owners.values().iterator();
            while (owners.size() > MAX_OWNERS && quietest.hasNext()) {
                if (quietest.next().state() == State.CLOSED) {
                    quietest.remove();
                }
            }
        }
        return known;
    }

    /// Removes an owner's data.
    void forget(String owner) {
        if (owners.remove(owner) != null) {
            transitionsSeen = -1;
        }
    }

    /// Counts non-finite logits.
    void logitsNotFinite() {
        logitsNotFinite++;
    }

    RouterHealth health() {
        List<RouterHealth.Owner> known = new ArrayList<>();
        owners.values().forEach(owner -> known.add(owner.health()));
        Optional<RouterHealth.Owner> worst = known.stream()
                .filter(owner -> owner.state() != State.CLOSED)
                .min((a, b) -> a.state().compareTo(b.state()));
        boolean forAll = all.state() != State.CLOSED;
        return new RouterHealth(
                forAll ? all.state() : worst.map(RouterHealth.Owner::state).orElse(State.CLOSED),
                forAll ? all.reason() : worst.flatMap(RouterHealth.Owner::reason),
                forAll,
                router.depth(),
                log.trips(),
                log.transitions(),
                new RouterHealth.Counts(scoresNotFinite, logitsNotFinite, overruledTokens),
                DepthWindow.together(
                        router.numRecursions(),
                        known.stream().map(RouterHealth.Owner::window).toList()),
                known);
    }
}
