package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.LatencyCheck;
import dev.saiki.rollout.check.RegexCheck;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Candidates with faults that clients notice, under automatic promotion with tolerances of 0.1: none of them passes
/// the
/// stage in which the rollout begins.
class FaultyCandidateTest {

    private static final double TOLERANCE = 0.1;
    private static final Duration ANSWER = Duration.ofMillis(400);
    private static final int CLIENTS = 6;
    private static final int CONVERSATIONS = 700;

    /// Enough for a slice of 4 % that is half compared.
    private static final int MANY_CONVERSATIONS = 2_000;

    private static final List<RolloutGate> GATES = List.of(
            new RolloutGate("errors", new ErrorCheck(true, true), TOLERANCE, true, true),
            new RolloutGate("slow", new LatencyCheck(Duration.ofMillis(300), true), TOLERANCE, true, true),
            new RolloutGate("right", new RegexCheck(Pattern.compile("right|look")), TOLERANCE, true, true),
            new RolloutGate("departures", new DepartureCheck(), TOLERANCE, true, true));

    @TempDir
    private Path folder;

    /// What is wrong with a candidate.
    private enum Fault {
        TORN {
            @Override
            void answer(int number, Exchange exchange, JsonNode body) throws IOException {
                if (body.path("stream").asBoolean(false)) {
                    OutputStream output = exchange.stream("text/event-stream");
                    ScriptedEndpoint.write(
                            output, "data: {\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"right\"}}]}\n\n");
                    ScriptedEndpoint.write(output, "data: {\"id\":\"x\",\"choi");
                    throw new IOException("torn on purpose");
                }
                ScriptedEndpoint.say(exchange, body, "right");
            }
        },
        SLOW {
            @Override
            void answer(int number, Exchange exchange, JsonNode body) throws IOException {
                if (number % 5 < 2) {
                    sleep(ANSWER.multipliedBy(3));
                }
                ScriptedEndpoint.say(exchange, body, "right");
            }
        },
        EMPTY {
            @Override
            void answer(int number, Exchange exchange, JsonNode body) throws IOException {
                ScriptedEndpoint.say(exchange, body, "");
            }
        },
        WRONG_IN_A_SLICE {
            @Override
            void answer(int number, Exchange exchange, JsonNode body) throws IOException {
                ScriptedEndpoint.say(exchange, body, said(body).startsWith("[ja]") ? "wrong" : "right");
            }
        },
        WRONG_LATER {
            @Override
            void answer(int number, Exchange exchange, JsonNode body) throws IOException {
                ScriptedEndpoint.say(exchange, body, number > 60 && number % 10 < 3 ? "wrong" : "right");
            }
        },
        MALFORMED_CALL {
            @Override
            void answer(int number, Exchange exchange, JsonNode body) throws IOException {
                if (body.path("tools").isEmpty()) {
                    ScriptedEndpoint.say(exchange, body, "right");
                } else {
                    call(exchange, "{\"at\": tomorrow}");
                }
            }
        },
        HANGING {
            @Override
            void answer(int number, Exchange exchange, JsonNode body) throws IOException {
                sleep(ANSWER.multipliedBy(3));
                throw new IOException("nobody waits any more");
            }
        };

        abstract void answer(int number, Exchange exchange, JsonNode body) throws IOException;
    }

    private static String said(JsonNode body) {
        return body.path("messages").path(0).path("content").asString("");
    }

    /// Answers with a call of a function.
    private static void call(Exchange exchange, String arguments) {
        ObjectNode answer = Json.object().put("id", "call");
        ObjectNode choice = answer.putArray("choices").addObject();
        choice.putObject("message")
                .putArray("tool_calls")
                .addObject()
                .putObject("function")
                .put("name", "look")
                .put("arguments", arguments);
        choice.put("finish_reason", "tool_calls");
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    private static ScriptedEndpoint good() {
        return ScriptedEndpoint.start((exchange, body) -> {
            if (body.path("tools").isEmpty()) {
                ScriptedEndpoint.say(exchange, body, "right");
            } else {
                call(exchange, "{\"at\":1}");
            }
        });
    }

    /// One of 25 prompts is marked as Japanese, half of the requests ask for streams, a third of the others for calls.
    private static String request(int number, String user) {
        ObjectNode body = Json.object().put("model", "assistant").put("stream", number % 2 == 0);
        if (!user.isEmpty()) {
            body.put("user", user);
        }
        body.putArray("messages")
                .addObject()
                .put("role", "user")
                .put("content", (number % 25 == 7 ? "[ja] " : "Tell ") + "me of " + number);
        if (number % 6 == 1) {
            body.putArray("tools")
                    .addObject()
                    .put("type", "function")
                    .putObject("function")
                    .put("name", "look");
        }
        return new String(Json.bytes(body), StandardCharsets.UTF_8);
    }

    private GatewayPlan plan(RolloutState state, ScriptedEndpoint baseline, ScriptedEndpoint candidate) {
        Plans plans = Plans.between(baseline, candidate.url())
                .gates(GATES)
                .firstByte(ANSWER)
                .answer(ANSWER);
        return switch (state) {
            case SHADOW ->
                plans.stage(RolloutState.SHADOW, 1).stage(RolloutState.FULL, 1).in(folder);
            case CANARY ->
                plans.stage(RolloutState.CANARY, 0.5)
                        .stage(RolloutState.FULL, 1)
                        .in(folder);
            default ->
                plans.stage(RolloutState.FULL, 1).stage(RolloutState.RETIRED, 1).in(folder);
        };
    }

    /// A client's use of an answer.
    private interface Use {
        void ask(GatewayClient client, String body) throws IOException, InterruptedException;
    }

    /// Sends conversations from several clients until there are enough.
    private static void serve(Gateway gateway, int most, String user, Use use, BooleanSupplier isOver)
            throws Exception {
        GatewayClient client = GatewayClient.of(gateway);
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = IntStream.range(0, CLIENTS)
                    .<Future<?>>mapToObj(_ -> clients.submit(() -> {
                        for (int n = next.incrementAndGet(); n <= most; n = next.incrementAndGet()) {
                            if (isOver.getAsBoolean()) {
                                return null;
                            }
                            use.ask(client, request(n, user));
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    private static void read(GatewayClient client, String body) throws InterruptedException {
        try {
            client.post("/v1/chat/completions", body);
        } catch (IOException brokenOff) {
            // As the fault has it.
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TORN,SHADOW,true", "TORN,CANARY,true", "TORN,FULL,true",
        "SLOW,SHADOW,true", "SLOW,CANARY,true", "SLOW,FULL,true",
        "EMPTY,SHADOW,true", "EMPTY,CANARY,true", "EMPTY,FULL,true",
        "WRONG_IN_A_SLICE,SHADOW,false", "WRONG_IN_A_SLICE,CANARY,false", "WRONG_IN_A_SLICE,FULL,false",
        "WRONG_LATER,SHADOW,true", "WRONG_LATER,CANARY,true", "WRONG_LATER,FULL,true",
        "MALFORMED_CALL,SHADOW,true", "MALFORMED_CALL,CANARY,true", "MALFORMED_CALL,FULL,true",
        "HANGING,SHADOW,true", "HANGING,CANARY,true", "HANGING,FULL,true",
    })
    void aFaultThatIsThereFromTheStartIsNotPromoted(Fault fault, RolloutState state, boolean isLeft) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ScriptedEndpoint baseline = good();
                ScriptedEndpoint candidate = ScriptedEndpoint.start(
                        (exchange, body) -> fault.answer(asked.incrementAndGet(), exchange, body));
                Gateway gateway = Gateway.start(plan(state, baseline, candidate))) {
            serve(
                    gateway,
                    CONVERSATIONS,
                    "",
                    FaultyCandidateTest::read,
                    () -> !gateway.state().equals(state.word()));
            if (isLeft) {
                assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted")))
                        .as("%s", GatewayClient.of(gateway).json("/rollout"))
                        .isTrue();
            } else {
                assertThat(gateway.state()).isEqualTo(state.word());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CANARY", "FULL"})
    void aCandidateWhoseClientsLeaveIsNotPromoted(RolloutState state) throws Exception {
        try (ScriptedEndpoint baseline = good();
                ScriptedEndpoint candidate = ScriptedEndpoint.start((exchange, _) -> {
                    try (OutputStream output = exchange.stream("text/event-stream")) {
                        for (int piece = 0; piece < 30; piece++) {
                            ScriptedEndpoint.write(output, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n");
                            sleep(Duration.ofMillis(10));
                        }
                    }
                });
                Gateway gateway = Gateway.start(plan(state, baseline, candidate))) {
            serve(
                    gateway,
                    CONVERSATIONS,
                    "",
                    FaultyCandidateTest::leave,
                    () -> !gateway.state().equals(state.word()));
            assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted")))
                    .as("%s", GatewayClient.of(gateway).json("/rollout"))
                    .isTrue();
            assertThat(GatewayClient.of(gateway)
                            .json("/rollout/decisions")
                            .path("data")
                            .path(0)
                            .path("reason")
                            .asString(""))
                    .startsWith("gate departures");
        }
    }

    /// Leaves the candidate after its first byte.
    private static void leave(GatewayClient client, String body) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = client.open("/v1/chat/completions", body);
        try (InputStream text = answer.body()) {
            if (answer.headers().firstValue("X-Saiki-Side").orElse("").equals("candidate")) {
                text.read();
            } else {
                text.readAllBytes();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SHADOW", "CANARY", "FULL"})
    void aGoodCandidateIsPromotedThoughEachRequestHasTheSameUser(RolloutState state) throws Exception {
        try (ScriptedEndpoint baseline = good();
                ScriptedEndpoint candidate = good();
                Gateway gateway = Gateway.start(plan(state, baseline, candidate))) {
            serve(
                    gateway,
                    MANY_CONVERSATIONS,
                    "app",
                    FaultyCandidateTest::read,
                    () -> !gateway.state().equals(state.word()));
            String next = state == RolloutState.FULL ? "retired" : "full";
            assertThat(GatewayClient.comes(() -> gateway.state().equals(next)))
                    .as("%s", GatewayClient.of(gateway).json("/rollout"))
                    .isTrue();
            assertThat(GatewayClient.of(gateway)
                            .json("/rollout")
                            .path("heavy_users")
                            .size())
                    .isOne();
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
