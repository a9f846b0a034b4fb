package dev.saiki.server.tracing;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.http.Exchange;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditRecord;
import dev.saiki.server.audit.RequestSettings;
import dev.saiki.server.audit.Spending;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// A sender of traces to an OTLP collector, under the names of OpenTelemetry's GenAI conventions: one span for
/// each request that runs the engine, with inner spans for its stages: queue, prefill and decode. Traces never
/// contain text.
///
/// Spans are built from the audit record when a request ends, and sent by another thread. If the collector is
/// unreachable, spans are lost; answers are not delayed.
public final class OtlpTraces implements AutoCloseable {

    private static final String TRACES_PATH = "/v1/traces";
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(5);
    private static final double NANOS_A_MILLISECOND = 1e6;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final double MILLIS_A_SECOND = 1e3;

    /// Reads the headers that name the parent span of a request.
    private static final TextMapGetter<Exchange> HEADERS =
            (exchange, name) -> exchange == null ? null : exchange.header(name).orElse(null);

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /// Connects to a collector.
    ///
    /// @param collector the collector's address; without a path, OTLP's default path for traces is used
    public OtlpTraces(URI collector) {
        boolean bare = collector.getPath().isEmpty() || collector.getPath().equals("/");
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint((bare ? collector.resolve(TRACES_PATH) : collector).toString())
                .setTimeout(SEND_TIMEOUT)
                .build();
        this.provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "saiki",
                        AttributeKey.stringKey("service.version"),
                        Manifest.currentVersion())))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build();
        this.tracer = provider.get("dev.saiki.server");
    }

    /// Reports a request that has ended.
    ///
    /// @param exchange the request's exchange; its header `traceparent` may name the parent span
    /// @param entry the request's audit entry
    /// @param status the HTTP status
    public void report(Exchange exchange, AuditEntry entry, int status) {
        AuditRecord record = entry.record(status);
        Context outside = W3CTraceContextPropagator.getInstance().extract(Context.root(), exchange, HEADERS);
        String operation = operation(record.path());
        SpanBuilder builder = tracer.spanBuilder(
                        operation + " " + record.model().name())
                .setParent(outside)
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(record.time())
                .setAttribute("gen_ai.operation.name", operation)
                .setAttribute("gen_ai.provider.name", "saiki")
                .setAttribute("gen_ai.request.model", record.model().name())
                .setAttribute("gen_ai.response.model", record.model().name())
                .setAttribute("http.response.status_code", record.status())
                .setAttribute("url.path", record.path())
                .setAttribute("saiki.request.id", record.requestId());
        record.settings().ifPresent(settings -> put(builder, settings, record.timing()));
        record.spending().ifPresent(spending -> put(builder, spending));
        record.finishReason()
                .ifPresent(reasons -> builder.setAttribute(
                        AttributeKey.stringArrayKey("gen_ai.response.finish_reasons"),
                        Arrays.asList(reasons.split(",", -1))));
        record.error().ifPresent(error -> builder.setAttribute("error.type", error));
        Span request = builder.startSpan();
        if (record.status() >= FIRST_SERVER_ERROR) {
            request.setStatus(StatusCode.ERROR, record.error().orElse(""));
        }
        reportStages(outside.with(request), record);
        request.end(after(record, record.timing().total()));
    }

    private static String operation(String path) {
        return switch (path) {
            case "/v1/chat/completions", "/v1/responses" -> "chat";
            case "/v1/completions" -> "text_completion";
            case "/v1/embeddings" -> "embeddings";
            default -> path.substring(1);
        };
    }

    private static void put(SpanBuilder builder, RequestSettings settings, AuditRecord.Timing timing) {
        builder.setAttribute("gen_ai.request.max_tokens", settings.maxTokens())
                .setAttribute("gen_ai.request.temperature", settings.temperature())
                .setAttribute("gen_ai.request.top_p", settings.topP())
                .setAttribute("gen_ai.request.top_k", settings.topK())
                .setAttribute("gen_ai.request.seed", settings.seed())
                .setAttribute("gen_ai.request.choice.count", settings.choices())
                .setAttribute("gen_ai.request.stream", settings.stream())
                .setAttribute("saiki.request.min_depth", settings.minDepth());
        settings.maxDepth().ifPresent(depth -> builder.setAttribute("saiki.request.max_depth", depth));
        settings.effort().ifPresent(effort -> builder.setAttribute("saiki.request.effort", effort));
        timing.firstToken()
                .filter(_ -> settings.stream())
                .ifPresent(millis ->
                        builder.setAttribute("gen_ai.response.time_to_first_chunk", millis / MILLIS_A_SECOND));
    }

    private static void put(SpanBuilder builder, Spending spending) {
        builder.setAttribute("gen_ai.usage.input_tokens", spending.promptTokens())
                .setAttribute("gen_ai.usage.output_tokens", spending.completionTokens())
                .setAttribute("gen_ai.usage.cache_read.input_tokens", spending.cachedTokens())
                .setAttribute(AttributeKey.longArrayKey("saiki.depth.histogram"), spending.tokensAtDepth())
                .setAttribute("saiki.flops", spending.flops())
                .setAttribute("saiki.flops_saved", spending.flopsSaved());
        if (spending.depthTokens() > 0) {
            builder.setAttribute("saiki.depth.mean", (double) spending.depthSum() / spending.depthTokens());
        }
    }

    /// Reports the stages: queue, prefill until the first token, and decode until the end. In a request without
    /// tokens, the whole time after the queue counts as prefill.
    private void reportStages(Context request, AuditRecord record) {
        AuditRecord.Timing timing = record.timing();
        timing.queue().ifPresent(queued -> {
            double waited = Math.min(queued, timing.total());
            double first = Math.clamp(timing.firstToken().orElse(timing.total()), waited, timing.total());
            reportStage(request, record, "queue", 0, waited);
            reportStage(request, record, "prefill", waited, first);
            if (timing.firstToken().isPresent()) {
                reportStage(request, record, "decode", first, timing.total());
            }
        });
    }

    private void reportStage(Context request, AuditRecord record, String name, double from, double to) {
        tracer.spanBuilder(name)
                .setParent(request)
                .setStartTimestamp(after(record, from))
                .startSpan()
                .end(after(record, to));
    }

    private static Instant after(AuditRecord record, double millis) {
        return record.time().plusNanos(Math.round(millis * NANOS_A_MILLISECOND));
    }

    /// Sends the remaining traces, and accepts no more.
    @Override
    public void close() {
        CompletableResultCode _ = provider.shutdown().join(SEND_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
}
