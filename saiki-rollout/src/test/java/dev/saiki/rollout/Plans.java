package dev.saiki.rollout;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.rollout.check.AgreementCheck;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.plan.CandidateFields;
import dev.saiki.rollout.plan.DatabaseLocation;
import dev.saiki.rollout.plan.EvidenceSettings;
import dev.saiki.rollout.plan.FallbackRules;
import dev.saiki.rollout.plan.ForwardedRoute;
import dev.saiki.rollout.plan.GatewayAccess;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.plan.OperationSettings;
import dev.saiki.rollout.plan.PairRetention;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.rollout.plan.TrafficLimits;
import dev.saiki.rollout.router.RouterWatch;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.DoubleNode;

/// Plans for tests, which decide quickly and can begin in any state.
public final class Plans {

    static final List<RolloutGate> ERRORS =
            List.of(new RolloutGate("errors", new ErrorCheck(true, true), 0.5, true, true));
    static final List<RolloutGate> AGREEMENT = List.of(
            new RolloutGate("errors", new ErrorCheck(true, true), 0.5, true, true),
            new RolloutGate("agreement", new AgreementCheck(true), 0.5, true, true));

    private final List<Stage> stages = new ArrayList<>();
    private URI baseline = URI.create("http://127.0.0.1:1/v1");
    private URI candidate = URI.create("http://127.0.0.1:1/v1");
    private List<RolloutGate> gates = ERRORS;
    private boolean automatic = true;
    private Optional<RouterWatch> router = Optional.empty();
    private Duration firstByte = Duration.ofSeconds(5);
    private OperationSettings operations = OperationSettings.NONE;
    private Duration answer = Duration.ofSeconds(20);
    private Optional<Duration> time = Optional.empty();
    private TrafficLimits limits = TrafficLimits.DEFAULT;
    private FallbackRules fallback = FallbackRules.DEFAULT;
    private GatewayAccess access = new GatewayAccess(
            ScriptedEndpoint.local(),
            ForwardedRoute.DEFAULTS,
            Optional.empty(),
            Set.of(),
            Set.of(),
            false,
            PairRetention.DEFAULT);

    private Plans() {}

    /// Plans for sides that nobody asks.
    public static Plans anywhere() {
        return new Plans();
    }

    static Plans between(ScriptedEndpoint baseline, URI candidate) {
        Plans plans = new Plans();
        plans.baseline = baseline.url();
        plans.candidate = candidate;
        return plans;
    }

    public Plans stage(RolloutState state, double share) {
        return stage(state, share, 5);
    }

    Plans stage(RolloutState state, double share, int conversations) {
        stages.add(new Stage(state, share, 1, Duration.ZERO, conversations));
        return this;
    }

    public Plans gates(List<RolloutGate> changed) {
        gates = changed;
        return this;
    }

    Plans manual() {
        automatic = false;
        return this;
    }

    Plans router(RouterWatch changed) {
        router = Optional.of(changed);
        return this;
    }

    Plans firstByte(Duration changed) {
        firstByte = changed;
        return this;
    }

    /// The longest time for a pair, by default twice that of an answer.
    Plans time(Duration changed) {
        time = Optional.of(changed);
        return this;
    }

    Plans answer(Duration changed) {
        answer = changed;
        return this;
    }

    Plans limits(TrafficLimits changed) {
        limits = changed;
        return this;
    }

    /// Callers need one of the keys.
    Plans keys(ApiKeys keys) {
        return access(new GatewayAccess(
                ScriptedEndpoint.local(),
                ForwardedRoute.DEFAULTS,
                Optional.of(keys),
                Set.of(),
                Set.of(),
                false,
                PairRetention.DEFAULT));
    }

    Plans operations(OperationSettings changed) {
        operations = changed;
        return this;
    }

    Plans fallback(FallbackRules changed) {
        fallback = changed;
        return this;
    }

    Plans access(GatewayAccess changed) {
        access = changed;
        return this;
    }

    public GatewayPlan in(Path folder) {
        return over(new DatabaseLocation.SqliteFile(folder.resolve("rollout.db")));
    }

    GatewayPlan over(DatabaseLocation database) {
        return new GatewayPlan(
                "assistant",
                new ModelEndpoint(baseline, "old", Optional.of("baseline-key"), firstByte, firstByte, answer),
                new ModelEndpoint(candidate, "new", Optional.of("candidate-key"), firstByte, firstByte, answer),
                new CandidateFields(Map.of("effort", DoubleNode.valueOf(1)), Map.of("effort", DoubleNode.valueOf(0.5))),
                stages,
                gates,
                new EvidenceSettings(
                        0.05, 0.05, 0.25, List.of(), time.orElse(answer.multipliedBy(2)), automatic, router),
                limits,
                fallback,
                access,
                operations,
                database);
    }
}
