package dev.saiki.server.metrics;

import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.SequenceStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What the engine has done and holds, as series that are read from one look at it.
final class EngineGauges {

    private final Engine engine;
    private final MeterRegistry registry;
    private volatile View view;

    /// One look at the engine.
    private record View(EngineStatistics statistics, List<SequenceStatus> sequences) {}

    EngineGauges(Engine engine, MeterRegistry registry) {
        this.engine = engine;
        this.registry = registry;
        this.view = look(engine);
    }

    private static View look(Engine engine) {
        return new View(engine.statistics(), engine.sequences());
    }

    /// Looks at the engine again.
    void refresh() {
        view = look(engine);
    }

    /// Registers the series of this project.
    void register(Tags tags) {
        gauge("saiki.requests.running", tags, statistics -> statistics.running());
        gauge("saiki.requests.waiting", tags, statistics -> statistics.waiting());
        gauge("saiki.cache.usage.ratio", tags, EngineGauges::cacheUsage);
        gauge("saiki.cache.bytes", tags, statistics -> statistics.cacheBytesInUse());
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
        for (int stage = 0; stage < view.statistics().stages().size(); stage++) {
            registerStage(stage, tags);
        }
        for (int step = 0; step < engine.config().numRecursions(); step++) {
            registerStep(step, tags);
        }
    }

    private void registerStage(int index, Tags tags) {
        Tags own = tags.and("stage", view.statistics().stages().get(index).name());
        counter(
                "saiki.stage.runs",
                own,
                statistics -> statistics.stages().get(index).runs());
        counter(
                "saiki.stage.rows",
                own,
                statistics -> statistics.stages().get(index).rows());
        counter(
                "saiki.stage.seconds",
                own,
                statistics -> statistics.stages().get(index).nanos() / 1e9);
        gauge(
                "saiki.stage.rows.per.run",
                own,
                statistics -> statistics.stages().get(index).rowsPerRun());
    }

    private void registerStep(int step, Tags tags) {
        Tags own = tags.and("step", Integer.toString(step));
        counter("saiki.step.tokens", own, statistics -> statistics.stepTokens().get(step));
        Gauge.builder("saiki.cache.pages", this, gauges -> gauges.pagesOf(step))
                .tags(own)
                .register(registry);
    }

    /// Registers what dashboards made for vLLM look for.
    void registerVllm(Tags tags) {
        gauge("vllm:num_requests_running", tags, statistics -> statistics.running());
        gauge("vllm:num_requests_waiting", tags, statistics -> statistics.waiting());
        gauge("vllm:kv_cache_usage_perc", tags, EngineGauges::cacheUsage);
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
        Gauge.builder(name, this, gauges -> value.applyAsDouble(gauges.view.statistics()))
                .tags(tags)
                .register(registry);
    }

    private void counter(String name, Tags tags, ToDoubleFunction<EngineStatistics> value) {
        FunctionCounter.builder(name, this, gauges -> value.applyAsDouble(gauges.view.statistics()))
                .tags(tags)
                .register(registry);
    }

    private static double cacheUsage(EngineStatistics statistics) {
        return (double) statistics.pagesInUse() / statistics.pages();
    }

    private static double meanDepth(EngineStatistics statistics) {
        List<Long> tokens = statistics.stepTokens();
        long all = tokens.getFirst();
        return all == 0
                ? Double.NaN
                : tokens.stream().mapToDouble(Long::doubleValue).sum() / all;
    }

    /// Pages that requests at work hold at a step; none where the step sees the first one's.
    private double pagesOf(int step) {
        return view.sequences().stream()
                .map(SequenceStatus::pagesOfStep)
                .filter(pages -> step < pages.size())
                .mapToInt(pages -> pages.get(step))
                .sum();
    }
}
