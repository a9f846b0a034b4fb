package dev.saiki.server.metrics;

import dev.saiki.engine.Engine;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.audit.Spending;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// The Prometheus metrics of a server: under OpenTelemetry's GenAI names for requests, under Saiki's own
/// names for depth and the engine, and optionally under vLLM's names, which existing dashboards and
/// autoscalers use.
public final class ServerMetrics {

    private static final int FULL = 429;
    private static final String DONE = "done";
    private static final String REFUSED = "refused";

    private static final Duration[] DURATIONS =
            durations(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
    private static final Duration[] FIRST_TOKEN =
            durations(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10);
    private static final Duration[] EACH_TOKEN =
            durations(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5);

    /// No buckets: a count, a sum and a recent maximum suffice, and need few series. The timers under vLLM's names
    /// have buckets.
    private static final Duration[] NO_BUCKETS = {};

    private static final double[] SIZES = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000};

    private final PrometheusMeterRegistry registry;
    private final Optional<EngineGauges> gauges;
    private volatile Engine engine;
    private final Tags model;
    private final Tags vllmModel;
    private final boolean vllm;
    private final LongAdder flops = new LongAdder();
    private final LongAdder flopsSaved = new LongAdder();
    private final LatencyWindow firstTokens = new LatencyWindow();
    private final LatencyWindow furtherTokens = new LatencyWindow();

    /// Starts to measure.
    ///
    /// @param engine the engine to measure
    /// @param modelName the name of the model in requests
    /// @param vllm whether vLLM's names are exported too
    public ServerMetrics(Engine engine, String modelName, boolean vllm) {
        this(registry(), engine, modelName, vllm, true);
    }

    private static PrometheusMeterRegistry registry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        JvmSeries.leaveOut(registry);
        return registry;
    }

    private ServerMetrics(
            PrometheusMeterRegistry registry, Engine engine, String modelName, boolean vllm, boolean hasEngine) {
        this.registry = registry;
        this.engine = engine;
        this.vllm = vllm;
        this.model = Tags.of("model", modelName);
        this.vllmModel = Tags.of("model_name", modelName);
        this.gauges = hasEngine ? Optional.of(new EngineGauges(engine, registry)) : Optional.empty();
        register();
        gauge("saiki.flops.saved.ratio", this::savedRatio);
        // At the start, registers the series that alert rules use, because Prometheus does not detect the increase
        // of a new series.
        count("saiki.refusals", refusal(FULL), 0);
        count("saiki.clients.gone", model, 0);
        rescored(0, 0, 0, 0);
        for (String result : List.of(DONE, REFUSED)) {
            count("saiki.reloads", model.and("result", result), 0);
        }
    }

    /// Starts to measure another model, whose series are added to the same registry.
    ///
    /// @param other the new engine
    /// @param name the name of the model in requests
    /// @return the new metrics
    public ServerMetrics beside(Engine other, String name) {
        return new ServerMetrics(registry, other, name, vllm, true);
    }

    /// Starts to measure the requests of an adapter. The metrics of the adapter's model cover the engine.
    ///
    /// @param name the name of the model in requests
    /// @return the new metrics
    public ServerMetrics ofAdapter(String name) {
        return new ServerMetrics(registry, engine, name, vllm, false);
    }

    /// The name of the model in requests.
    ///
    /// @return the name
    public String modelName() {
        return model.stream().findFirst().orElseThrow().getValue();
    }

    private void register() {
        gauges.ifPresent(own -> {
            own.register(model);
            if (vllm) {
                own.registerVllm(vllmModel);
            }
        });
    }

    /// Measures another engine from now on.
    ///
    /// @param next the engine
    public void attach(Engine next) {
        EngineGauges.View view = EngineGauges.look(next);
        synchronized (this) {
            engine = next;
            gauges.ifPresent(EngineGauges::unregister);
            gauges.ifPresent(own -> own.show(view));
            register();
        }
    }

    /// Adds a gauge that is read at each scrape.
    ///
    /// @param name the name of the series
    /// @param value supplies the gauge's current value
    public void gauge(String name, Supplier<Number> value) {
        Gauge.builder(name, value).description(MetricHelp.of(name)).tags(model).register(registry);
    }

    /// Measures the JVM and its process too.
    ///
    /// @return the series of the JVM, to be closed
    public JvmSeries process() {
        return new JvmSeries(registry);
    }

    /// Measures the audit too.
    ///
    /// @param trail the trail of the audit
    public void watch(AuditTrail trail) {
        count("saiki.audit.records.stored", trail, AuditTrail::stored);
        count("saiki.audit.records.dropped", trail, AuditTrail::dropped);
        count("saiki.audit.records.expired", trail, AuditTrail::expired);
        gauge("saiki.audit.spool.bytes", trail::spoolBytes);
        gauge("saiki.audit.database.up", () -> trail.isDatabaseUp() ? 1 : 0);
    }

    private void count(String name, AuditTrail trail, ToDoubleFunction<AuditTrail> value) {
        FunctionCounter.builder(name, trail, value)
                .description(MetricHelp.of(name))
                .tags(model)
                .register(registry);
    }

    private double savedRatio() {
        double all = (double) flops.sum() + flopsSaved.sum();
        return all == 0 ? Double.NaN : flopsSaved.sum() / all;
    }

    /// Samples the engine.
    public void look() {
        if (gauges.isEmpty()) {
            return;
        }
        Engine asked = engine;
        EngineGauges.View view = EngineGauges.look(asked);
        synchronized (this) {
            // If the engine has been replaced meanwhile, the new engine was sampled just now.
            if (asked == engine) {
                gauges.ifPresent(own -> own.show(view));
            }
        }
    }

    /// Exports the metrics of all models, with the values of the last sample.
    ///
    /// @return Prometheus's text format
    public synchronized String write() {
        return registry.scrape();
    }

    /// Counts a request that was refused, or failed before its answer began.
    ///
    /// @param status the HTTP status
    public void refused(int status) {
        count("saiki.refusals", refusal(status), 1);
    }

    private Tags refusal(int status) {
        return model.and("status", Integer.toString(status));
    }

    /// Counts a request whose depth was lowered under load.
    ///
    /// @param level the level of load shedding; level 0 is not counted
    public void shed(int level) {
        if (level > 0) {
            count("saiki.requests.shed", model.and("level", Integer.toString(level)), 1);
        }
    }

    /// Counts an answer that was rescored at full depth.
    ///
    /// @param tokens the number of tokens in the answer
    /// @param others the number of positions at which the likeliest token is another one at full depth
    /// @param forFull the total increase of log-probability at full depth, over the tokens that are likelier
    ///     at full depth
    /// @param forRouted total decrease of log-probability at full depth, over the other tokens
    public void rescored(long tokens, long others, double forFull, double forRouted) {
        count("saiki.rescored.tokens", model, tokens);
        count("saiki.rescored.others", model, others);
        add("saiki.rescored.nats", model.and("likelier", "full"), forFull);
        add("saiki.rescored.nats", model.and("likelier", "routed"), forRouted);
    }

    /// Counts an attempt to load a checkpoint.
    ///
    /// @param served whether the attempt succeeded
    public void reloaded(boolean served) {
        count("saiki.reloads", model.and("result", served ? DONE : REFUSED), 1);
    }

    /// Counts a client that disconnected.
    public void clientGone() {
        count("saiki.clients.gone", model, 1);
    }

    /// Starts to measure a request that runs the engine.
    ///
    /// @param operation GenAI's name of the operation: `chat`, `text_completion` or `embeddings`
    /// @return the request's clock
    public RequestClock begin(String operation) {
        return new RequestClock(this, operation);
    }

    private void count(String name, Tags tags, long amount) {
        add(name, tags, (double) amount);
    }

    private void add(String name, Tags tags, double amount) {
        Counter.builder(name)
                .description(MetricHelp.of(name))
                .tags(tags)
                .register(registry)
                .increment(amount);
    }

    private static Duration[] durations(double... seconds) {
        return Arrays.stream(seconds)
                .mapToObj(each -> Duration.ofNanos(Math.round(each * 1e9)))
                .toArray(Duration[]::new);
    }

    private void time(String name, Tags tags, Duration[] buckets, Duration time) {
        Timer.builder(name)
                .description(MetricHelp.of(name))
                .tags(tags)
                .serviceLevelObjectives(buckets)
                .register(registry)
                .record(time);
    }

    private void size(String name, Tags tags, long amount) {
        DistributionSummary.builder(name)
                .description(MetricHelp.of(name))
                .tags(tags)
                .serviceLevelObjectives(SIZES)
                .register(registry)
                .record((double) amount);
    }

    private Tags genAi(String operation) {
        return Tags.of("gen_ai.operation.name", operation, "gen_ai.provider.name", "saiki")
                .and("gen_ai.request.model", modelName());
    }

    void firstToken(String operation, Duration since) {
        firstTokens.record(since);
        time("gen_ai.server.time_to_first_token", genAi(operation), FIRST_TOKEN, since);
        if (vllm) {
            time("vllm:time_to_first_token", vllmModel, FIRST_TOKEN, since);
        }
    }

    void eachToken(String operation, Duration token) {
        furtherTokens.record(token);
        time("gen_ai.server.time_per_output_token", genAi(operation), EACH_TOKEN, token);
        if (vllm) {
            time("vllm:request_time_per_output_token", vllmModel, EACH_TOKEN, token);
        }
    }

    void ended(String operation, Duration whole, String error) {
        time("gen_ai.server.request.duration", genAi(operation).and("error.type", error), DURATIONS, whole);
        if (vllm) {
            time("vllm:e2e_request_latency", vllmModel, DURATIONS, whole);
        }
    }

    /// Records the metrics of an answered request.
    void done(RequestClock.Times times, Spending spending) {
        Duration prefill = times.firstToken().minus(times.queued());
        Duration decode = times.whole().minus(times.firstToken());
        time("saiki.request.queue.time", model, NO_BUCKETS, times.queued());
        time("saiki.request.prefill.time", model, NO_BUCKETS, prefill);
        time("saiki.request.decode.time", model, NO_BUCKETS, decode);
        if (vllm) {
            time("vllm:request_queue_time", vllmModel, FIRST_TOKEN, times.queued());
            time("vllm:request_prefill_time", vllmModel, FIRST_TOKEN, prefill);
            time("vllm:request_decode_time", vllmModel, DURATIONS, decode);
            time("vllm:request_inference_time", vllmModel, DURATIONS, prefill.plus(decode));
            size("vllm:request_prompt_tokens", vllmModel, spending.promptTokens());
            size("vllm:request_generation_tokens", vllmModel, spending.completionTokens());
            size("vllm:request_params_n", vllmModel, spending.answers());
        }
    }

    void spent(Spending spending) {
        flops.add(spending.flops());
        flopsSaved.add(spending.flopsSaved());
        count("saiki.prompt.tokens", model, spending.promptTokens());
        count("saiki.cached.tokens", model, spending.cachedTokens());
        count("saiki.generation.tokens", model, spending.completionTokens());
        count("saiki.flops", model, spending.flops());
        count("saiki.flops.saved", model, spending.flopsSaved());
        for (int depth = 1; depth <= spending.tokensAtDepth().size(); depth++) {
            count(
                    "saiki.token.depth",
                    model.and("depth", Integer.toString(depth)),
                    spending.tokensAtDepth().get(depth - 1));
        }
        if (vllm) {
            count("vllm:prompt_tokens", vllmModel, spending.promptTokens());
            count("vllm:generation_tokens", vllmModel, spending.completionTokens());
        }
    }

    /// Ends the current second of the latency windows, and returns the cost of the completed requests.
    ActivityHistory.Answered answered() {
        return new ActivityHistory.Answered(flops.sum(), flopsSaved.sum(), firstTokens.next(), furtherTokens.next());
    }

    void finished(String reason) {
        count("saiki.answers", model.and("finish_reason", reason), 1);
        if (vllm) {
            count("vllm:request_success", vllmModel.and("finished_reason", reason), 1);
        }
    }
}
