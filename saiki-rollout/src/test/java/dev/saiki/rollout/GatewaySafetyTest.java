package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.io.Sha256;
import dev.saiki.rollout.plan.ForwardedRoute;
import dev.saiki.rollout.plan.GatewayAccess;
import dev.saiki.rollout.plan.PairRetention;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.TrafficLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a gateway keeps from both models, and from whom it takes requests.
class GatewaySafetyTest {

    private static final String CLOSE = "\r\nConnection: close\r\n";

    @TempDir
    private Path folder;

    private ScriptedEndpoint baseline;
    private ScriptedEndpoint candidate;

    @BeforeEach
    void start() {
        baseline = ScriptedEndpoint.saying("old");
        candidate = ScriptedEndpoint.saying("new");
    }

    @AfterEach
    void stop() {
        baseline.close();
        candidate.close();
    }

    private Gateway gateway(RolloutState state) {
        return Gateway.start(
                Plans.between(baseline, candidate.url()).stage(state, 1).in(folder));
    }

    /// The answer to bytes that a client sends, up to the end of the connection.
    private static String answer(Gateway gateway, String bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String post(String path, String headers) {
        String body = GatewayClient.chatBody(false);
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers
                + "Content-Length: " + body.length() + CLOSE + "\r\n" + body;
    }

    @ParameterizedTest
    @EnumSource(
            value = RolloutState.class,
            names = {"SHADOW", "CANARY", "RETIRED"})
    void aPathThatCouldMeanAnotherReachesNoModel(RolloutState state) throws IOException {
        try (Gateway gateway = gateway(state)) {
            for (String path : List.of(
                    "/v1/../admin/reload",
                    "/v1/%2e%2e/admin/reload",
                    "/v1/%2E./admin/reload",
                    "/v1/..%2fadmin/reload",
                    "/v1/..%5cadmin/reload",
                    "/v1/%252e%252e/admin/reload",
                    "/v1/..;/admin/reload",
                    "/v1/models/..;a=b/admin",
                    "/v1//chat/completions",
                    "//v1/chat/completions",
                    "/v1/./chat/completions",
                    "/v1/chat/completions/",
                    "/v1/chat\\completions",
                    "/v1/models/a%3Fkey=b",
                    "/v1/models/a%23b",
                    "/v1/models/a%0d%0aX: y",
                    "/v1/models/a%00b",
                    "/v1/models?a=%zz")) {
                assertThat(answer(gateway, post(path, ""))).as(path).startsWith("HTTP/1.1 400 ");
            }
        }
        assertThat(baseline.seen()).isEmpty();
        assertThat(candidate.seen()).isEmpty();
    }

    @Test
    void onlyRoutesOfTheGatewayAndOfThePlanReachAModel() throws Exception {
        List<ForwardedRoute> routes = new ArrayList<>(ForwardedRoute.DEFAULTS);
        routes.add(new ForwardedRoute("GET", "/v1/files/", true));
        GatewayAccess access = new GatewayAccess(
                ScriptedEndpoint.local(), routes, Optional.empty(), Set.of(), Set.of(), false, PairRetention.DEFAULT);
        try (Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                .stage(RolloutState.SHADOW, 1)
                .access(access)
                .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (String path : List.of("/v1/fine_tuning/jobs", "/v1/files", "/v1/conversations")) {
                HttpResponse<String> refused = client.get(path);
                assertThat(refused.statusCode()).as(path).isEqualTo(404);
                assertThat(refused.body()).contains("GET " + path).contains("access.routes in the plan");
            }
            assertThat(client.post("/v1/files/a", "{}").statusCode()).isEqualTo(405);
            assertThat(answer(gateway, "DELETE /v1/responses/resp-1 HTTP/1.1\r\nHost: localhost" + CLOSE + "\r\n"))
                    .startsWith("HTTP/1.1 405 ");
            assertThat(baseline.seen()).isEmpty();
            assertThat(client.get("/v1/files/a").statusCode()).isEqualTo(200);
            assertThat(client.get("/v1/models/another%20one").statusCode()).isEqualTo(200);
            assertThat(client.post("/v1/messages", "{}").statusCode()).isEqualTo(200);
            assertThat(baseline.seen())
                    .extracting(ScriptedEndpoint.Seen::path)
                    .containsExactly("/v1/files/a", "/v1/models/another one", "/v1/messages");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
                "Content-Length: +2\r\n\r\n{}",
                "Content-Length : 2\r\n\r\n{}",
                "Bad Name: a\r\nContent-Length: 2\r\n\r\n{}",
                "Content-Length: 2\r\n folded: a\r\n\r\n{}",
            })
    void aRequestWhoseEndIsAmbiguousReachesNoModel(String rest) throws IOException {
        try (Gateway gateway = gateway(RolloutState.CANARY)) {
            assertThat(answer(gateway, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost" + CLOSE + rest))
                    .startsWith("HTTP/1.1 400 ");
        }
        assertThat(baseline.seen()).isEmpty();
        assertThat(candidate.seen()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = RolloutState.class,
            names = {"SHADOW", "CANARY", "RETIRED"})
    void noKeyOfAClientReachesTheCandidate(RolloutState state) throws Exception {
        String headers = String.join(
                "\r\n",
                "Authorization: Bearer secret-1",
                "X-Api-Key: secret-2",
                "api-key: secret-3",
                "X-Goog-Api-Key: secret-4",
                "Ocp-Apim-Subscription-Key: secret-5",
                "Cookie: session=secret-6",
                "Proxy-Authorization: Basic secret-7",
                "X-Amz-Security-Token: secret-8",
                "OpenAI-Organization: secret-9",
                "anthropic-version: 2023-06-01",
                "X-Conversation-Id: c1",
                "");
        try (Gateway gateway = gateway(state)) {
            String path = "/v1/chat/completions?key=secret-10&api_key=secret-11&api-version=2&%6Bey=secret-12";
            assertThat(answer(gateway, post(path, headers))).startsWith("HTTP/1.1 200 ");
            assertThat(GatewayClient.comes(() -> !candidate.seen().isEmpty())).isTrue();
        }
        Map<String, List<String>> seen = candidate.seen().getFirst().headers();
        assertThat(seen.toString()).doesNotContain("secret");
        assertThat(candidate.seen().getFirst().query()).isEqualTo("api-version=2");
        assertThat(seen.keySet().stream().map(name -> name.toLowerCase(Locale.ROOT)))
                .contains("anthropic-version", "x-conversation-id", "content-type");
        assertThat(seen.get("Authorization")).containsExactly("Bearer candidate-key");
        assertThat(baseline.seen().toString()).doesNotContain("secret-1,", "secret-2", "secret-3", "secret-4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization: Bearer ", "api-key: ", "X-Api-Key: "})
    void aKeyOfTheGatewayMayComeInEachVendorsHeader(String header) throws IOException {
        ApiKeys keys = ApiKeys.parse(
                List.of("ann " + Sha256.hex("key-ann".getBytes(StandardCharsets.UTF_8)) + " user"), "keys");
        GatewayAccess access = new GatewayAccess(
                ScriptedEndpoint.local(),
                ForwardedRoute.DEFAULTS,
                Optional.of(keys),
                Set.of(),
                Set.of(),
                false,
                PairRetention.DEFAULT);
        try (Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                .stage(RolloutState.SHADOW, 1)
                .access(access)
                .in(folder))) {
            String path = "/v1/chat/completions";
            assertThat(answer(gateway, post(path, header + "key-ann\r\n"))).startsWith("HTTP/1.1 200 ");
            assertThat(answer(gateway, post(path, header + "key-bob\r\n"))).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void bodiesOfManySlowClientsFillNoMoreThanTheirMemory() throws Exception {
        List<Socket> clients = new ArrayList<>();
        try (Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                .stage(RolloutState.SHADOW, 1)
                .limits(new TrafficLimits(20_000, 20_000, 2, 2, 100_000, 1_000_000))
                .in(folder))) {
            for (int client = 0; client < 40; client++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
                socket.setSoTimeout(10_000);
                clients.add(socket);
                String begun = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n"
                        + " ".repeat(19_000);
                socket.getOutputStream().write(begun.getBytes(StandardCharsets.ISO_8859_1));
            }
            String body = " ".repeat(19_900) + "{}";
            GatewayClient client = GatewayClient.of(gateway);
            AtomicReference<String> refusal = new AtomicReference<>("");
            assertThat(GatewayClient.comes(() -> {
                        refusal.set(client.tryPost("/v1/chat/completions", body));
                        return refusal.get().startsWith("503 ");
                    }))
                    .isTrue();
            assertThat(refusal.get()).contains("the bodies of current requests fill the memory");
            // Five of them wait, and the others were refused.
            assertThat(clients.stream().filter(GatewaySafetyTest::isRefused).count())
                    .isBetween(34L, 36L);
            for (Socket socket : clients) {
                socket.close();
            }
            assertThat(GatewayClient.comes(
                            () -> client.tryPost("/v1/chat/completions", body).startsWith("200 ")))
                    .isTrue();
        }
    }

    @Test
    void hundredsOfClientsThatNeverEndTheirRequestWaitInLineAndAreDisconnected() throws Exception {
        ConnectionLimits few = ConnectionLimits.DEFAULT.withMost(100).withHead(Duration.ofSeconds(1));
        GatewayAccess access = new GatewayAccess(
                new ListenOptions("127.0.0.1", 0, few, Optional.empty()),
                ForwardedRoute.DEFAULTS,
                Optional.empty(),
                Set.of(),
                Set.of(),
                false,
                PairRetention.DEFAULT);
        List<Socket> clients = new ArrayList<>();
        try (Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                .stage(RolloutState.RETIRED, 1)
                .access(access)
                .in(folder))) {
            for (int client = 0; client < 300; client++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
                socket.setSoTimeout(60_000);
                clients.add(socket);
                socket.getOutputStream()
                        .write("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-"
                                .getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(GatewayClient.of(gateway).chat("patient", false).statusCode())
                    .isEqualTo(200);
            for (Socket client : clients) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                client.close();
            }
        }
        assertThat(candidate.seen()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyAboveItsLimitIsRefusedBeforeAModelSeesIt(boolean isDeclared) throws IOException {
        int length = TrafficLimits.DEFAULT.bodyBytes() + 1;
        String spaces = " ".repeat(length);
        String body = isDeclared
                ? "Content-Length: " + length + "\r\n\r\n" + spaces
                : "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(length) + "\r\n" + spaces
                        + "\r\n0\r\n\r\n";
        try (Gateway gateway = gateway(RolloutState.CANARY)) {
            assertThat(answer(gateway, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost" + CLOSE + body))
                    .startsWith("HTTP/1.1 413 ")
                    .contains(Integer.toString(length - 1));
        }
        assertThat(baseline.seen()).isEmpty();
        assertThat(candidate.seen()).isEmpty();
    }

    private static boolean isRefused(Socket client) {
        try {
            client.setSoTimeout(300);
            return new String(client.getInputStream().readNBytes(12), StandardCharsets.UTF_8).equals("HTTP/1.1 503");
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            // A refusal is lost if the connection closes while the body arrives.
            return true;
        }
    }

    @Test
    void comparisonsFillNoMoreThanTheirMemoryAndTheOthersAreCounted() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        try (ScriptedEndpoint hanging = ScriptedEndpoint.start((exchange, body) -> {
                    await(released);
                    ScriptedEndpoint.say(exchange, body, "new");
                });
                Gateway gateway = Gateway.start(Plans.between(baseline, hanging.url())
                        .stage(RolloutState.SHADOW, 1)
                        .limits(new TrafficLimits(20_000, 20_000, 8, 100, 100_000, 45_000))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            AtomicInteger conversations = new AtomicInteger();
            Supplier<String> body = () -> "{\"model\":\"assistant\",\"prompt\":\"" + conversations.incrementAndGet()
                    + "a".repeat(10_000) + "\"}";
            for (int request = 0; request < 20; request++) {
                assertThat(client.tryPost("/v1/completions", body.get())).startsWith("200 ");
            }
            assertThat(client.json("/rollout").at("/not_compared/memory").longValue())
                    .isEqualTo(16);
            assertThat(client.get("/metrics").body())
                    .contains("saiki_gateway_mirror_dropped_total{reason=\"memory\"} 16.0");
            assertThat(hanging.seen()).hasSizeLessThanOrEqualTo(4);
            released.countDown();
            assertThat(GatewayClient.comes(() -> {
                        client.tryPost("/v1/completions", body.get());
                        return hanging.seen().size() > 8;
                    }))
                    .isTrue();
        }
    }

    private static void await(CountDownLatch released) {
        try {
            assertThat(released.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aBodyThatIsSmallButManyValuesIsRefused() throws Exception {
        try (Gateway gateway = gateway(RolloutState.SHADOW)) {
            String body = "{\"model\":\"assistant\",\"prompt\":[" + "[],".repeat(600_000) + "[]]}";
            assertThat(GatewayClient.of(gateway).tryPost("/v1/completions", body))
                    .startsWith("400 ")
                    .contains("JSON tokens");
        }
        assertThat(baseline.seen()).isEmpty();
    }

    @Test
    void whatTheRetiredBaselineStoredIsRefusedClearly() throws Exception {
        String continued = "{\"model\":\"assistant\",\"input\":\"go on\",\"previous_response_id\":\"%s\"}";
        String stored;
        try (Gateway gateway = gateway(RolloutState.SHADOW)) {
            GatewayClient client = GatewayClient.of(gateway);
            String body = client.post("/v1/responses", "{\"model\":\"assistant\",\"input\":\"begin\"}")
                    .body();
            stored = body.replaceAll("(?s).*?\"id\":\"([^\"]*)\".*", "$1");
            assertThat(client.post("/v1/responses", continued.formatted(stored)).statusCode())
                    .isEqualTo(200);
        }
        baseline.close();
        try (Gateway gateway = gateway(RolloutState.RETIRED)) {
            GatewayClient client = GatewayClient.of(gateway);
            for (HttpResponse<String> refused : List.of(
                    client.post("/v1/responses", continued.formatted(stored)),
                    client.get("/v1/responses/" + stored),
                    client.post(
                            "/v1/responses",
                            "{\"model\":\"assistant\",\"input\":\"a\",\"conversation\":\"conv-1\"}"))) {
                assertThat(refused.statusCode()).isEqualTo(400);
                assertThat(refused.body()).contains("is stored by the baseline, which is retired");
            }
            HttpResponse<String> unknown = client.post("/v1/responses", continued.formatted("resp-new"));
            assertThat(unknown.headers().firstValue("X-Saiki-Side")).contains("candidate");
        }
    }
}
