package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.TestProcess;
import io.helidon.webserver.WebServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class TracesTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";

    @TempDir
    private Path folder;

    /// A collector that records traces.
    private static final class Collector implements AutoCloseable {

        private final List<ExportTraceServiceRequest> received = new CopyOnWriteArrayList<>();
        private final WebServer http = WebServer.builder()
                .port(0)
                .shutdownHook(false)
                .routing(routing -> routing.post("/v1/traces", (request, response) -> {
                    received.add(parsed(request.content().as(byte[].class)));
                    response.send();
                }))
                .build()
                .start();

        private static ExportTraceServiceRequest parsed(byte[] body) {
            try {
                return ExportTraceServiceRequest.parseFrom(body);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        }

        URI address() {
            return URI.create("http://127.0.0.1:" + http.port());
        }

        List<Span> spans() {
            return received.stream()
                    .flatMap(request -> request.getResourceSpansList().stream())
                    .flatMap(resource -> resource.getScopeSpansList().stream())
                    .flatMap(scope -> scope.getSpansList().stream())
                    .toList();
        }

        @Override
        public void close() {
            http.stop();
        }
    }

    private TestServer server(URI collector) {
        return TestServer.in(folder, EngineOptions.builder().threads(1).build(), options -> options.otlp(collector));
    }

    private static Optional<AnyValue> find(Span span, String name) {
        return span.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(name))
                .map(KeyValue::getValue)
                .findFirst();
    }

    /// The value of a span's attribute.
    private static AnyValue said(Span span, String name) {
        return find(span, name).orElseThrow();
    }

    private static Span named(List<Span> spans, String name) {
        return spans.stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRequestIsASpanWithItsStagesInTheTraceOfItsCaller() {
        try (Collector collector = new Collector()) {
            JsonNode usage;
            try (TestServer server = server(collector.address())) {
                String body =
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":5,\"temperature\":0.5,"
                                + "\"seed\":7,\"max_depth\":2,\"ignore_eos\":true,\"stream\":true,"
                                + "\"stream_options\":{\"include_usage\":true}}";
                List<String> events = TestServer.events(
                        server.post("/v1/chat/completions", body, "traceparent", "00-" + TRACE + "-" + CALLER + "-01"));
                usage = TestServer.parse(events.get(events.size() - 2)).get("usage");
            }
            List<Span> spans = collector.spans();
            assertThat(spans)
                    .extracting(Span::getName)
                    .containsExactlyInAnyOrder("chat tiny", "queue", "prefill", "decode");
            assertThat(spans)
                    .allSatisfy(span -> assertThat(
                                    HexFormat.of().formatHex(span.getTraceId().toByteArray()))
                            .isEqualTo(TRACE));
            Span request = named(spans, "chat tiny");
            assertThat(HexFormat.of().formatHex(request.getParentSpanId().toByteArray()))
                    .isEqualTo(CALLER);
            assertThat(said(request, "gen_ai.operation.name").getStringValue()).isEqualTo("chat");
            assertThat(said(request, "gen_ai.request.max_tokens").getIntValue()).isEqualTo(5);
            assertThat(said(request, "gen_ai.request.temperature").getDoubleValue())
                    .isEqualTo(0.5);
            assertThat(said(request, "gen_ai.request.seed").getIntValue()).isEqualTo(7);
            assertThat(said(request, "gen_ai.request.stream").getBoolValue()).isTrue();
            assertThat(said(request, "gen_ai.response.time_to_first_chunk").getDoubleValue())
                    .isPositive();
            assertThat(said(request, "gen_ai.usage.input_tokens").getIntValue())
                    .isEqualTo(usage.get("prompt_tokens").longValue());
            assertThat(said(request, "gen_ai.usage.output_tokens").getIntValue())
                    .isEqualTo(5);
            assertThat(said(request, "gen_ai.response.finish_reasons")
                            .getArrayValue()
                            .getValues(0)
                            .getStringValue())
                    .isEqualTo("length");
            assertThat(said(request, "saiki.request.max_depth").getIntValue()).isEqualTo(2);
            assertThat(said(request, "saiki.depth.mean").getDoubleValue())
                    .isEqualTo(usage.at("/recursions/mean").doubleValue());
            assertThat(said(request, "saiki.flops").getIntValue())
                    .isEqualTo(usage.at("/recursions/flops").longValue());
            assertThat(said(request, "http.response.status_code").getIntValue()).isEqualTo(200);
            assertThat(find(request, "error.type")).isEmpty();
            Span queue = named(spans, "queue");
            Span prefill = named(spans, "prefill");
            Span decode = named(spans, "decode");
            assertThat(List.of(queue, prefill, decode))
                    .allSatisfy(stage -> assertThat(stage.getParentSpanId()).isEqualTo(request.getSpanId()));
            assertThat(queue.getStartTimeUnixNano()).isEqualTo(request.getStartTimeUnixNano());
            assertThat(prefill.getStartTimeUnixNano()).isEqualTo(queue.getEndTimeUnixNano());
            assertThat(decode.getStartTimeUnixNano()).isEqualTo(prefill.getEndTimeUnixNano());
            assertThat(decode.getEndTimeUnixNano()).isEqualTo(request.getEndTimeUnixNano());
        }
    }

    @Test
    void whatIsRefusedOrEmbeddedIsTracedTooAndNothingThatWasSaidIs() {
        try (Collector collector = new Collector()) {
            try (TestServer server = server(collector.address())) {
                server.post("/v1/embeddings", "{\"input\":\"the whale\"}").succeeds();
                server.post("/v1/completions", "{\"prompt\":\"the whale\",\"top_p\":7}")
                        .isRefused("top_p");
                server.get("/health");
            }
            List<Span> spans = collector.spans();
            assertThat(spans)
                    .extracting(Span::getName)
                    .containsExactlyInAnyOrder("embeddings tiny", "queue", "prefill", "text_completion tiny");
            Span refused = named(spans, "text_completion tiny");
            assertThat(said(refused, "error.type").getStringValue()).isEqualTo("invalid_request_error");
            assertThat(said(refused, "http.response.status_code").getIntValue()).isEqualTo(400);
            assertThat(refused.getStatus().getCode()).isNotEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
            assertThat(refused.getParentSpanId().isEmpty()).isTrue();
            assertThat(collector.received)
                    .allSatisfy(request -> assertThat(request.toString()).doesNotContain("whale"));
        }
    }

    @Test
    void aCollectorThatIsGoneCostsNoAnswer() {
        URI nowhere;
        try (Collector collector = new Collector()) {
            nowhere = collector.address();
        }
        try (TestServer server = server(nowhere)) {
            for (int i = 0; i < 20; i++) {
                server.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":2}")
                        .succeeds();
            }
        }
    }

    @Test
    void theAddressIsChecked() {
        for (String wrong : List.of("localhost:4318", "file:///etc", "http:/v1/traces")) {
            assertThatThrownBy(() ->
                            ServerOptions.builder("a").otlp(URI.create(wrong)).build())
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("an http or https URL, got " + wrong);
        }
    }

    /// A server in a process of its own, since other servers in this process are traced.
    static final class Untraced {

        private Untraced() {}

        public static void main(String[] arguments) {
            try (TestServer server = TestServer.in(Path.of(arguments[0]))) {
                server.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":2}")
                        .succeeds();
            }
        }
    }

    @Test
    void nothingOfItIsLoadedWithoutACollector() throws IOException, InterruptedException {
        Path log = folder.resolve("classes.log");
        String path = Stream.of(
                        "target/classes",
                        "target/test-classes",
                        System.getProperty("jdk.module.path", ""),
                        System.getProperty("java.class.path"))
                .collect(Collectors.joining(File.pathSeparator));
        TestProcess.Ended ended = TestProcess.run(
                Duration.ofMinutes(2),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-Xlog:class+load:file=" + log,
                        "-cp",
                        path,
                        Untraced.class.getName(),
                        folder.resolve("untraced").toString()));
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        String loaded = Files.readString(log);
        assertThat(loaded).contains("dev.saiki.server.access.RecordingFilter").doesNotContain("io.opentelemetry");
    }
}
