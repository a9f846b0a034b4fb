package dev.saiki.rollout.proxy;

import dev.saiki.http.Json;
import dev.saiki.io.Resources;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.RequestKind;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.router.RouterAlarm;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/// The Prometheus metrics of a gateway.
public final class GatewayMetrics implements AutoCloseable {

    private static final Duration[] BOUNDS = LongStream.of(
                    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private static final String RESOURCE = "help.properties";
    private static final Properties HELP =
            Resources.properties(GatewayMetrics.class.getResourceAsStream(RESOURCE), RESOURCE);

    private static final String DROPPED = "saiki.gateway.mirror.dropped";

    private final TenantLabels tenants = new TenantLabels();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    // Meters are cached, because recording a metric delays an answer, and looking up a meter by its tags each time
    // is slow.
    private final Map<Answers, Counter> answers = new ConcurrentHashMap<>();
    private final Timer baselineBegan = timer(Side.BASELINE);
    private final Timer candidateBegan = timer(Side.CANDIDATE);

    /// The key of a counter: a side and a status.
    private record Answers(Side side, int status) {}

    /// Registers the metrics of a rollout.
    ///
    /// @param plan the plan of the rollout
    /// @param rollout the rollout with the current position
    public GatewayMetrics(GatewayPlan plan, Rollout rollout) {
        for (RolloutState state : RolloutState.values()) {
            gauge("saiki.gateway.state", () -> rollout.position().state() == state ? 1 : 0, "state", state.word());
        }
        gauge("saiki.gateway.share", () -> candidateShare(rollout.position()));
        gauge("saiki.gateway.database.up", () -> rollout.databaseIsUp() ? 1 : 0);
        FunctionCounter.builder("saiki.gateway.events.lost", rollout, Rollout::lostEvents)
                .description(help("saiki.gateway.events.lost"))
                .register(registry);
        gauge("saiki.gateway.dial.away", () -> rollout.position().effortDisabled() ? 1 : 0);
        gauge("saiki.gateway.retired.worse", () -> rollout.view().worse().isPresent() ? 1 : 0);
        for (RouterAlarm alarm : RouterAlarm.values()) {
            gauge(
                    "saiki.gateway.router.alarm",
                    () -> rollout.view().alarms().contains(alarm) ? 1 : 0,
                    "alarm",
                    alarm.word());
        }
        for (boolean isCleared : new boolean[] {false, true}) {
            gauge("saiki.gateway.slices", () -> slices(rollout, isCleared), "cleared", Boolean.toString(isCleared));
        }
        plan.gates().forEach(gate -> addGate(gate, rollout));
    }

    private static double slices(Rollout rollout, boolean isCleared) {
        return rollout.view()
                .evidence()
                .valueStream()
                .filter(test -> !test.path("slice").asString("").isEmpty()
                        && test.path("cleared").asBoolean(false) == isCleared)
                .count();
    }

    private void addGate(RolloutGate gate, Rollout rollout) {
        for (String direction : List.of("retreat", "promote")) {
            gauge(
                    "saiki.gateway.evidence.log",
                    () -> shown(rollout, gate).path("log_" + direction).asDouble(0),
                    "gate",
                    gate.name(),
                    "direction",
                    direction);
        }
        for (Side side : Side.values()) {
            gauge(
                    "saiki.gateway.figure",
                    () -> shown(rollout, gate).path("figures").path(side.word()).asDouble(Double.NaN),
                    "gate",
                    gate.name(),
                    "side",
                    side.word());
        }
    }

    /// The help text of a series.
    private static String help(String name) {
        return Objects.requireNonNull(HELP.getProperty(name), name);
    }

    private void gauge(String name, Supplier<Number> value, String... tags) {
        Gauge.builder(name, value).description(help(name)).tags(tags).register(registry);
    }

    private Counter counter(String name, String... tags) {
        return Counter.builder(name).description(help(name)).tags(tags).register(registry);
    }

    private static double candidateShare(Position position) {
        return switch (position.state()) {
            case SHADOW, ABORTED -> 0;
            case CANARY, CERTIFIED -> position.stage().share();
            case FULL, RETIRED -> 1;
        };
    }

    private static JsonNode shown(Rollout rollout, RolloutGate gate) {
        return rollout.view()
                .evidence()
                .valueStream()
                .filter(one -> one.path("gate").asString("").equals(gate.name())
                        && one.path("slice").asString("").isEmpty())
                .findFirst()
                .orElseGet(Json::object);
    }

    /// Counts a client's request.
    void answered(Side side, int status) {
        Answers answered = new Answers(side, status);
        Counter known = answers.get(answered);
        // Unlike `computeIfAbsent`, `get` does not lock.
        (known == null ? answers.computeIfAbsent(answered, this::counter) : known).increment();
    }

    private Counter counter(Answers answered) {
        return counter(
                "saiki.gateway.requests",
                "side",
                answered.side().word(),
                "status",
                Integer.toString(answered.status()));
    }

    /// Counts a request that the baseline answered because the candidate failed.
    void fellBack() {
        counter("saiki.gateway.fallbacks").increment();
    }

    /// Counts a request that failed because the budget of fallbacks was used up.
    void refusedFallback() {
        counter("saiki.gateway.fallbacks.refused").increment();
    }

    /// Counts a request that named its side.
    void forced(Side side) {
        counter("saiki.gateway.forced", "side", side.word()).increment();
    }

    /// Registers whether the candidate is ejected.
    void showEjection(BooleanSupplier isEjected) {
        gauge("saiki.gateway.ejected", () -> isEjected.getAsBoolean() ? 1 : 0);
    }

    /// Counts a disconnected client.
    void clientGone() {
        counter("saiki.gateway.clients.gone").increment();
    }

    /// Records the time to the first byte of an answer.
    void began(Side side, Duration time) {
        (side == Side.BASELINE ? baselineBegan : candidateBegan).record(time);
    }

    private Timer timer(Side side) {
        return Timer.builder("saiki.gateway.time.to.first.byte")
                .description(help("saiki.gateway.time.to.first.byte"))
                .tag("side", side.word())
                .serviceLevelObjectives(BOUNDS)
                .register(registry);
    }

    /// Counts a golden question sent to a side.
    void askedGolden(Side side, Outcome outcome) {
        ofSide("saiki.gateway.golden", side, "outcome", word(outcome)).increment();
    }

    /// Counts a mirrored request and its tokens.
    void mirrored(Side side, Outcome outcome) {
        ofSide("saiki.gateway.mirrored", side, "outcome", word(outcome)).increment();
        if (outcome instanceof Outcome.Answered answered) {
            mirroredTokens(side, "prompt", answered.promptTokens());
            mirroredTokens(side, "completion", answered.completionTokens());
        }
    }

    private void mirroredTokens(Side side, String kind, long count) {
        ofSide("saiki.gateway.mirrored.tokens", side, "kind", kind).increment((double) count);
    }

    private Counter ofSide(String name, Side side, String tag, String value) {
        return counter(name, "side", side.word(), tag, value);
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Answered _ -> "answered";
            case Outcome.Failed failed -> failed.fault().word();
        };
    }

    /// Counts the tokens of a candidate's answer and their depth, if reported.
    ///
    /// @param tenant name of an API key; empty if keys are off
    /// @param kind the kind of the request
    /// @param candidate the outcome of the candidate's answer
    void compared(String tenant, RequestKind kind, Outcome candidate) {
        if (candidate instanceof Outcome.Answered answered) {
            answered.recursions().ifPresent(depth -> {
                double tokens = (double) (answered.promptTokens() + answered.completionTokens());
                String label = tenants.of(tenant);
                candidate("saiki.gateway.candidate.tokens", label, kind, tokens);
                candidate("saiki.gateway.candidate.recursions", label, kind, tokens * depth.meanDepth());
            });
        }
    }

    private void candidate(String name, String tenant, RequestKind kind, double amount) {
        counter(name, "tenant", tenant, "kind", kind.word()).increment(amount);
    }

    /// Returns how many requests should have been mirrored but were not mirrored.
    ///
    /// @return numbers since the start, by reason
    public Map<String, Long> dropped() {
        Map<String, Long> numbers = new TreeMap<>();
        registry.find(DROPPED)
                .counters()
                .forEach(counter ->
                        numbers.put(String.valueOf(counter.getId().getTag("reason")), (long) counter.count()));
        return numbers;
    }

    /// Counts a request that should have been mirrored but was not mirrored.
    void dropped(String reason) {
        counter(DROPPED, "reason", reason).increment();
    }

    /// Writes all statistics.
    ///
    /// @return the statistics in Prometheus's text format
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
