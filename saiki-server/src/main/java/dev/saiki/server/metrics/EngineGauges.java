package dev.saiki.server.metrics;

import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.RouterHealth;
import dev.saiki.engine.SequenceStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// The gauges of an engine, all read from one snapshot.
final class EngineGauges {

    private final MeterRegistry registry;
    private final List<Meter> registered = new ArrayList<>();
    private volatile View view;

    /// A snapshot of the engine.
    record View(EngineStatistics statistics, List<SequenceStatus> sequences, int maxRows) {}

    EngineGauges(Engine engine, MeterRegistry registry) {
        this.registry = registry;
        this.view = look(engine);
    }

    /// Takes a snapshot of an engine, after waiting for its current stage to end.
    static View look(Engine engine) {
        return new View(
                engine.statistics(), engine.sequences(), engine.options().maxRows());
    }

    /// Replaces the snapshot.
    void show(View next) {
        view = next;
    }

    /// Removes all series, because another engine may have different ones.
    void unregister() {
        registered.forEach(registry::remove);
        registered.clear();
    }

    /// Registers the series under Saiki's own names.
    void register(Tags tags) {
        gauge("saiki.requests.running", tags, statistics -> statistics.running());
        gauge("saiki.requests.waiting", tags, statistics -> statistics.waiting());
        gauge("saiki.cache.usage.ratio", tags, statistics -> statistics.cache().usage());
        gauge("saiki.cache.bytes", tags, statistics -> statistics.cache().bytesInUse());
        gauge("saiki.mean.depth", tags, EngineGauges::meanDepth);
        counter("saiki.preemptions", tags, statistics -> statistics.preemptions());
        counter("saiki.engine.flops", tags, statistics -> statistics.flops().total());
        counter(
                "saiki.prefix.tokens.asked",
                tags,
                statistics -> statistics.prefixes().tokensAsked());
        counter(
                "saiki.prefix.tokens.served",
                tags,
                statistics -> statistics.prefixes().tokensServed());
        registerRouter(tags);
        for (int stage = 0; stage < view.statistics().stages().size(); stage++) {
            registerStage(stage, tags);
        }
        for (int step = 0; step < view.statistics().stepTokens().size(); step++) {
            registerStep(step, tags);
        }
    }

    private void registerStage(int index, Tags tags) {
        Tags own = tags.and("stage", view.statistics().stages().get(index).name());
        counter("saiki.stage.runs", own, stage(index, stage -> stage.runs()));
        counter("saiki.stage.rows", own, stage(index, stage -> stage.rows()));
        counter("saiki.stage.seconds", own, stage(index, stage -> stage.nanos() / 1e9));
        gauge("saiki.stage.rows.per.run", own, stage(index, stage -> stage.rowsPerRun()));
        register("saiki.stage.fill.ratio", own, gauges -> gauges.fill(index));
    }

    private static ToDoubleFunction<EngineStatistics> stage(int index, ToDoubleFunction<EngineStatistics.Stage> value) {
        return statistics -> value.applyAsDouble(statistics.stages().get(index));
    }

    private static ToDoubleFunction<EngineStatistics> router(ToDoubleFunction<RouterHealth> value) {
        return statistics -> value.applyAsDouble(statistics.router());
    }

    private double fill(int stage) {
        return view.statistics().stages().get(stage).rowsPerRun() / view.maxRows();
    }

    private void registerRouter(Tags tags) {
        gauge("saiki.router.drift", tags, router(health -> health.window().drift()));
        gauge("saiki.router.confidence", tags, router(health -> health.window().confidence()));
        gauge(
                "saiki.router.window.tokens",
                tags,
                router(health -> health.window().tokens()));
        gauge("saiki.router.overruled.keys", tags, router(health -> health.numOverruledOwners()));
        gauge("saiki.router.reference.depth", tags, router(health -> health.referenceDepth()));
        counter(
                "saiki.router.overruled.tokens",
                tags,
                router(health -> health.counts().overruledTokens()));
        counter(
                "saiki.not.finite",
                tags.and("where", "router"),
                router(health -> health.counts().scoresNotFinite()));
        counter(
                "saiki.not.finite",
                tags.and("where", "logits"),
                router(health -> health.counts().logitsNotFinite()));
        for (RouterHealth.State state : RouterHealth.State.values()) {
            gauge(
                    "saiki.router.state",
                    tags.and("state", word(state)),
                    router(health -> health.state() == state ? 1 : 0));
        }
        for (RouterHealth.Problem problem : RouterHealth.Problem.values()) {
            counter(
                    "saiki.router.trips",
                    tags.and("problem", word(problem)),
                    router(health -> health.trips().getOrDefault(problem, 0L)));
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private void registerStep(int step, Tags tags) {
        Tags own = tags.and("step", Integer.toString(step));
        counter("saiki.step.tokens", own, statistics -> statistics.stepTokens().get(step));
        Tags depth = tags.and("depth", Integer.toString(step + 1));
        gauge(
                "saiki.router.depth.share",
                depth,
                router(health -> health.window().shares().get(step)));
        gauge("saiki.router.expected.share", depth, statistics -> expected(statistics, step));
        register("saiki.cache.pages", own, gauges -> ActivityHistory.pagesOf(step, gauges.view.sequences()));
    }

    /// Registers the series under the names that vLLM's dashboards expect.
    void registerVllm(Tags tags) {
        gauge("vllm:num_requests_running", tags, statistics -> statistics.running());
        gauge("vllm:num_requests_waiting", tags, statistics -> statistics.waiting());
        gauge("vllm:kv_cache_usage_perc", tags, statistics -> statistics.cache().usage());
        counter("vllm:num_preemptions", tags, statistics -> statistics.preemptions());
        counter(
                "vllm:prefix_cache_queries",
                tags,
                statistics -> statistics.prefixes().tokensAsked());
        counter(
                "vllm:prefix_cache_hits",
                tags,
                statistics -> statistics.prefixes().tokensServed());
    }

    private void gauge(String name, Tags tags, ToDoubleFunction<EngineStatistics> value) {
        register(name, tags, gauges -> value.applyAsDouble(gauges.view.statistics()));
    }

    private void register(String name, Tags tags, ToDoubleFunction<EngineGauges> value) {
        registered.add(Gauge.builder(name, this, value)
                .description(MetricHelp.of(name))
                .tags(tags)
                .register(registry));
    }

    private void counter(String name, Tags tags, ToDoubleFunction<EngineStatistics> value) {
        registered.add(FunctionCounter.builder(name, this, gauges -> value.applyAsDouble(gauges.view.statistics()))
                .description(MetricHelp.of(name))
                .tags(tags)
                .register(registry));
    }

    private static double expected(EngineStatistics statistics, int step) {
        List<Double> shares = statistics.router().window().expected();
        return shares.isEmpty() ? Double.NaN : shares.get(step);
    }

    private static double meanDepth(EngineStatistics statistics) {
        List<Long> tokens = statistics.stepTokens();
        long all = tokens.getFirst();
        return all == 0
                ? Double.NaN
                : tokens.stream().mapToDouble(Long::doubleValue).sum() / all;
    }
}
