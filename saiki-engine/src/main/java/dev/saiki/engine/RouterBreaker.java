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

/// The circuit breaker of a router, which replaces its decisions when they can no longer be trusted.
///
/// Closed, its decisions are followed. A score that is not finite opens it for all. Tokens that all go to one depth,
/// a recursion that nobody takes any more, or depths far from those of training open it for the requests of the owner
/// whose texts they are: what one sends changes nothing for others ({@link OwnerBreaker}). Every token then takes the
/// reference depth, as far as its request lets it: the uniform depth that was best in validation. That changes texts,
/// but no token depends on a router that fails. After a while it is half open: the router is asked about each token,
/// and still not followed, and if it decides as it should over half a window it is closed again. So a probe risks
/// nobody's answer.
///
/// Texts that are scored, embedded or inspected measure the model. Their depths are judged for nobody, and overruled
/// only if scores are not finite.
///
/// Resilience4j's circuit breaker was weighed: it counts calls that fail and lets some calls through to probe. Here
/// nothing is called, what is judged is a distribution, and nothing should be let through; what would be left of it
/// is the three names.
///
/// Without options it only counts: a request with a score that is not finite then fails. Used by the engine's
/// thread.
final class RouterBreaker {

    /// Owners that are remembered; those that were quiet longest are forgotten first.
    private static final int MOST_OWNERS = 1024;

    private final RouterReference router;
    private final Optional<BreakerOptions> options;
    private final BreakerLog log = new BreakerLog();
    private final BreakerSwitch all = new BreakerSwitch(Optional.empty(), log);
    private final Map<String, OwnerBreaker> owners = new LinkedHashMap<>(16, 0.75f, true);
    private long finiteTokens;
    private long scoresNotFinite;
    private long logitsNotFinite;
    private long overruledTokens;
    private Overruled overruled = Overruled.NOBODY;
    private long transitionsSeen;

    /// The requests whose tokens take the reference depth.
    ///
    /// @param all whether all do
    /// @param owners those that do, if not all
    record Overruled(boolean all, Set<String> owners) {

        static final Overruled NOBODY = new Overruled(false, Set.of());

        boolean isNobody() {
            return !all && owners.isEmpty();
        }

        /// Whether an owner's tokens do.
        boolean has(String owner) {
            return all || owners.contains(owner);
        }
    }

    /// Makes a closed one.
    ///
    /// @param router what is known of it
    /// @param options when to open; empty for never
    RouterBreaker(RouterReference router, Optional<BreakerOptions> options) {
        this.router = router;
        this.options = options;
    }

    /// The depth of tokens about which the router is not followed.
    int referenceDepth() {
        return router.depth();
    }

    /// Whether tokens of a task that are sent now take the reference depth.
    boolean overrules(SequenceTask task) {
        return task.isWatched() ? overruled().has(task.owner()) : overruled().all();
    }

    /// Those whose tokens take the reference depth now.
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

    /// Whether answers go on behind a router's score that is not finite.
    boolean toleratesNonFinite() {
        return options.isPresent();
    }

    /// Lets time pass.
    void tick(long now) {
        if (options.isEmpty() || overruled().isNobody()) {
            return;
        }
        if (all.tick(now, options.get().coolDown())) {
            finiteTokens = 0;
        }
        owners.values().forEach(owner -> owner.tick(now));
    }

    /// Takes a chunk that has left the recursion.
    ///
    /// @param sequence of the chunk
    /// @param chunk that is through
    /// @param now the time
    void observe(Sequence sequence, TokenChunk chunk, long now) {
        RoutingState routing = chunk.routing();
        overruledTokens += routing.overruledTokens();
        if (routing.nonFiniteScores() > 0) {
            scoresNotFinite += routing.nonFiniteScores();
            if (options.isPresent() && all.state() != State.OPEN) {
                all.open(Problem.NOT_FINITE, "a router's score was not finite", now);
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

    /// Closes what was opened for all when the router has computed numbers for a while.
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
        if (owners.size() > MOST_OWNERS) {
            Iterator<OwnerBreaker> quietest = owners.values().iterator();
            while (owners.size() > MOST_OWNERS && quietest.hasNext()) {
                if (quietest.next().state() == State.CLOSED) {
                    quietest.remove();
                }
            }
        }
        return known;
    }

    /// Forgets what an owner sent.
    void forget(String owner) {
        if (owners.remove(owner) != null) {
            transitionsSeen = -1;
        }
    }

    /// Counts logits that were not finite.
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
