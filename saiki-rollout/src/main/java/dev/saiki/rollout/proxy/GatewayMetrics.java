package dev.saiki.rollout.proxy;

import dev.saiki.http.Json;
import dev.saiki.rollout.check.FigureCheck;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.RequestKind;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.router.RouterAlarm;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// The Prometheus metrics of a gateway.
public final class GatewayMetrics implements AutoCloseable {

    private static final Duration[] BOUNDS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5)
    };

    private final TenantLabels tenants = new TenantLabels();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    // Cached, because recording them delays an answer, and looking up a meter by its tags each time is slow.
    private final Map<Answers, Counter> answers = new ConcurrentHashMap<>();
    private final Timer baselineBegan = timer(Side.BASELINE);
    private final Timer candidateBegan = timer(Side.CANDIDATE);

    /// The key of a counter: a side and a status.
    private record Answers(Side side, int status) {}

    /// Registers the metrics of a rollout.
    ///
    /// @param plan of the rollout
    /// @param rollout with the current position
    public GatewayMetrics(GatewayPlan plan, Rollout rollout) {
        for (RolloutState state : RolloutState.values()) {
            Gauge.builder("saiki.gateway.state", rollout, now -> now.position().state() == state ? 1 : 0)
                    .description("Whether the rollout is in this state: 1 or 0")
                    .tag("state", state.word())
                    .register(registry);
        }
        Gauge.builder("saiki.gateway.share", rollout, now -> candidateShare(now.position()))
                .description("Share of conversations that the candidate answers")
                .register(registry);
        Gauge.builder("saiki.gateway.database.up", rollout, now -> now.databaseIsUp() ? 1 : 0)
                .description("Whether the gateway's database can be written: 1 or 0")
                .register(registry);
        FunctionCounter.builder("saiki.gateway.events.lost", rollout, Rollout::lostEvents)
                .description("Events that were not heeded since too many waited")
                .register(registry);
        Gauge.builder("saiki.gateway.dial.away", rollout, now -> now.position().effortDisabled() ? 1 : 0)
                .description("Whether every token takes the reference depth since the router alarmed: 1 or 0")
                .register(registry);
        for (RouterAlarm alarm : RouterAlarm.values()) {
            Gauge.builder(
                            "saiki.gateway.router.alarm",
                            rollout,
                            now -> now.alarms().contains(alarm) ? 1 : 0)
                    .description("Whether the candidate's router alarms: 1 or 0")
                    .tag("alarm", alarm.word())
                    .register(registry);
        }
        addGates(plan, rollout);
    }

    private void addGates(GatewayPlan plan, Rollout rollout) {
        plan.gates().forEach(gate -> {
            for (String direction : new String[] {"retreat", "promote"}) {
                Gauge.builder("saiki.gateway.evidence.log", rollout, now -> evidence(now, gate.name(), direction))
                        .description("Natural logarithm of the evidence that the candidate is worse than is tolerated"
                                + " (retreat), or is not (promote)")
                        .tag("gate", gate.name())
                        .tag("direction", direction)
                        .register(registry);
            }
            if (gate.check() instanceof FigureCheck) {
                for (Side side : Side.values()) {
                    Gauge.builder("saiki.gateway.figure", rollout, now -> figure(now, gate.name(), side))
                            .description("What a gate on a figure has seen: a rate of errors, or a quantile of times in"
                                    + " seconds")
                            .tag("gate", gate.name())
                            .tag("side", side.word())
                            .register(registry);
                }
            }
        });
    }

    private static double candidateShare(Position position) {
        return switch (position.state()) {
            case SHADOW, ABORTED -> 0;
            case CANARY, CERTIFIED -> position.stage().share();
            case FULL, RETIRED -> 1;
        };
    }

    private static double evidence(Rollout rollout, String gate, String direction) {
        return shown(rollout, gate).path("log_" + direction).asDouble(0);
    }

    private static double figure(Rollout rollout, String gate, Side side) {
        return shown(rollout, gate).path("figures").path(side.word()).asDouble(Double.NaN);
    }

    private static JsonNode shown(Rollout rollout, String gate) {
        return StreamSupport.stream(rollout.evidence().spliterator(), false)
                .filter(one -> one.path("gate").asString("").equals(gate))
                .findFirst()
                .orElseGet(Json::object);
    }

    /// Counts a client's request.
    void answered(Side side, int status) {
        Answers answered = new Answers(side, status);
        Counter known = answers.get(answered);
        // A get does not lock, unlike computeIfAbsent.
        (known == null ? answers.computeIfAbsent(answered, this::counter) : known).increment();
    }

    private Counter counter(Answers answered) {
        return Counter.builder("saiki.gateway.requests")
                .description("Requests of clients, by the side that answered")
                .tag("side", answered.side().word())
                .tag("status", Integer.toString(answered.status()))
                .register(registry);
    }

    /// Counts a request that the baseline answered because the candidate failed.
    void fellBack() {
        Counter.builder("saiki.gateway.fallbacks")
                .description("Requests that the baseline answered since the candidate failed")
                .register(registry)
                .increment();
    }

    /// Counts a disconnected client.
    void clientGone() {
        Counter.builder("saiki.gateway.clients.gone")
                .description("Clients that left before their answer ended")
                .register(registry)
                .increment();
    }

    /// Records the time to the first byte of an answer.
    void began(Side side, Duration time) {
        (side == Side.BASELINE ? baselineBegan : candidateBegan).record(time);
    }

    private Timer timer(Side side) {
        return Timer.builder("saiki.gateway.time.to.first.byte")
                .description("Time from a request's coming to the first byte of its answer from the side")
                .tag("side", side.word())
                .serviceLevelObjectives(BOUNDS)
                .register(registry);
    }

    /// Counts a golden question sent to a side.
    void askedGolden(Side side, Outcome outcome) {
        Counter.builder("saiki.gateway.golden")
                .description("Golden questions that were asked beside the traffic")
                .tag("side", side.word())
                .tag("outcome", outcome instanceof Outcome.Answered ? "answered" : "failed")
                .register(registry)
                .increment();
    }

    /// Counts a mirrored request and its tokens.
    void mirrored(Side side, Outcome outcome) {
        boolean isAnswered = outcome instanceof Outcome.Answered;
        Counter.builder("saiki.gateway.mirrored")
                .description("Requests that were asked of the other side in the background")
                .tag("side", side.word())
                .tag("outcome", isAnswered ? "answered" : "failed")
                .register(registry)
                .increment();
        if (outcome instanceof Outcome.Answered answered) {
            mirroredTokens(side, "prompt", answered.promptTokens());
            mirroredTokens(side, "completion", answered.completionTokens());
        }
    }

    private void mirroredTokens(Side side, String kind, long count) {
        Counter.builder("saiki.gateway.mirrored.tokens")
                .description("Tokens of requests that were asked of the other side in the background")
                .tag("side", side.word())
                .tag("kind", kind)
                .register(registry)
                .increment((double) count);
    }

    /// Counts the tokens of a candidate's answer and their depth, if reported.
    ///
    /// @param tenant name of a key; empty if keys are off
    /// @param kind of the request
    /// @param candidate its outcome
    void compared(String tenant, RequestKind kind, Outcome candidate) {
        if (candidate instanceof Outcome.Answered answered) {
            answered.recursions().ifPresent(depth -> {
                double tokens = (double) (answered.promptTokens() + answered.completionTokens());
                String label = tenants.of(tenant);
                candidate("saiki.gateway.candidate.tokens", "Tokens of the candidate in pairs", label, kind, tokens);
                candidate(
                        "saiki.gateway.candidate.recursions",
                        "Recursions of the candidate's tokens in pairs; over the tokens it is the mean depth",
                        label,
                        kind,
                        tokens * depth.meanDepth());
            });
        }
    }

    private void candidate(String name, String description, String tenant, RequestKind kind, double amount) {
        Counter.builder(name)
                .description(description)
                .tag("tenant", tenant)
                .tag("kind", kind.word())
                .register(registry)
                .increment(amount);
    }

    /// Counts a request that was to be asked of the other side, and was not.
    void dropped(String reason) {
        Counter.builder("saiki.gateway.mirror.dropped")
                .description("Requests that were to be asked of the other side, and were not")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /// Writes all statistics.
    ///
    /// @return in Prometheus's text format
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
