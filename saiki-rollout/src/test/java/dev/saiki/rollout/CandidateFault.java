package dev.saiki.rollout;

import dev.saiki.evidence.ExpectedLength;
import dev.saiki.evidence.GateMeasure;
import dev.saiki.evidence.RetreatRule;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What is wrong with a scripted candidate, the gate that is to find it, and how many of the conversations show it, as
/// planned in `studies/gateway-faults`.
enum CandidateFault {
    EMPTY("errors", 1, (_, exchange, body) -> FaultTraffic.say(exchange, body, "", 1)),
    CUT_OFF("errors", 1, (_, exchange, _) -> send(exchange, "length", "This is the")),
    TORN("errors", 0.5, ofStreams((exchange, body) -> {
        OutputStream output = begin(exchange, body);
        ScriptedEndpoint.write(output, "data: {\"id\":\"x\",\"choi");
        throw new IOException("torn on purpose");
    })),
    MALFORMED("errors", 1, (_, exchange, _) -> send(exchange, "{\"id\": \"x\", \"choices\": [{")),
    NO_CHOICES("errors", 1, (_, exchange, _) -> send(exchange, "{\"id\": \"x\"}")),
    BAD_CALL("errors", 1 / 6.0, 1 / 6.0, (_, exchange, body) -> {
        if (body.path("tools").isEmpty()) {
            FaultTraffic.answer(exchange, body);
        } else {
            FaultTraffic.call(exchange, body, "look", "{\"at\": tomorrow}");
        }
    }),
    INVENTED_CALL("errors", 1, (_, exchange, body) -> FaultTraffic.call(exchange, body, "delete", "{}")),
    REFUSED("errors", 1, (_, exchange, _) -> error(exchange, 400)),
    FAILED("errors", 1, (_, exchange, _) -> error(exchange, 500)),
    HANGING("errors", 1, (_, _, _) -> {
        FaultTraffic.sleep(Duration.ofMillis(1_500));
        throw new IOException("nobody waits any more");
    }),
    STALLED("errors", 0.5, ofStreams((exchange, body) -> {
        begin(exchange, body);
        FaultTraffic.sleep(Duration.ofMillis(1_500));
        throw new IOException("nobody waits any more");
    })),
    ENDLESS(
            "errors",
            0.5,
            ofStreams((exchange, body) ->
                    FaultTraffic.stream(exchange, body, Collections.nCopies(10, "and "), Duration.ofMillis(300), 1))),
    ABANDONED("departures", 0.5, (_, exchange, body) -> {
        if (body.path("stream").asBoolean(false)) {
            FaultTraffic.stream(exchange, body, Collections.nCopies(30, "a "), Duration.ofMillis(10), 1);
        } else {
            FaultTraffic.answer(exchange, body);
        }
    }),
    SLOW_START("slow", 0.4, (turn, exchange, body) -> {
        if (turn.conversation() % 5 < 2) {
            FaultTraffic.sleep(Duration.ofMillis(700));
        }
        FaultTraffic.answer(exchange, body);
    }),
    SLOW_PIECES(
            "slow",
            0.5,
            ofStreams((exchange, body) -> FaultTraffic.stream(
                    exchange, body, List.of(FaultTraffic.right(body).split("(?<= )", 4)), Duration.ofMillis(250), 1))),
    SLOW_IF_LONG("slow", 0.1, 0.1, (_, exchange, body) -> {
        if (FaultTraffic.isLong(body)) {
            FaultTraffic.sleep(Duration.ofMillis(700));
        }
        FaultTraffic.answer(exchange, body);
    }),
    SLOW_UNDER_LOAD("slow", 0.3, CandidateFault::slowUnderLoad),
    WRONG_LANGUAGE(
            "errors",
            1,
            (_, exchange, body) -> FaultTraffic.say(
                    exchange, body, FaultTraffic.isJapanese(body) ? "I do not know." : "これが最初の答えです。", 1)),
    REPEATING(
            "errors",
            1,
            (_, exchange, body) -> FaultTraffic.say(exchange, body, (FaultTraffic.right(body) + " ").repeat(20), 1)),
    WRONG_USAGE("errors", 5 / 6.0, (_, exchange, body) -> {
        if (body.path("tools").isEmpty()) {
            FaultTraffic.say(exchange, body, FaultTraffic.right(body), 10);
        } else {
            FaultTraffic.answer(exchange, body);
        }
    }),
    NOT_STREAMED(
            "errors",
            0.5,
            ofStreams((exchange, body) -> FaultTraffic.say(
                    exchange, ((ObjectNode) body.deepCopy()).put("stream", false), FaultTraffic.right(body), 1))),
    CONTROL_TOKENS(
            "errors",
            1,
            (_, exchange, body) -> FaultTraffic.say(exchange, body, FaultTraffic.right(body) + "<|im_end|>", 1)),
    OVER_LIMIT(
            "errors",
            1,
            (_, exchange, body) -> FaultTraffic.say(exchange, body, FaultTraffic.right(body) + FaultTraffic.STOP, 1)),
    IGNORES_SYSTEM(
            "same",
            0.1,
            0.1,
            wrongIf(
                    (_, body) -> FaultTraffic.hasSystem(body),
                    body -> FaultTraffic.text(body, FaultTraffic.number(body), false))),
    OTHER_ANSWER("same", 1, wrongIf((_, _) -> true, CandidateFault::ofAnother)),
    WRONG_FOR_TENANT("same", 0.1, 0.1, wrongIf((_, body) -> FaultTraffic.isOfFewTenant(FaultTraffic.number(body)))),
    WRONG_IN_JAPANESE("same", 0.04, 0.04, wrongIf((_, body) -> FaultTraffic.isJapanese(body))),
    WRONG_IF_LONG("same", 0.1, 0.1, wrongIf((_, body) -> FaultTraffic.isLong(body))),
    WRONG_SECOND_TURN("same", 0, 0.25, wrongIf((_, body) -> FaultTraffic.isSecondTurn(body))),
    FIVE_PERCENT("same", 0.05, wrongIf((turn, _) -> turn.conversation() % 20 == 3)),
    AFTER_60("same", 0.3, 0, 60, wrongIf((turn, _) -> turn.conversation() > 60 && turn.conversation() % 10 < 3)),
    AT_NIGHT("same", 1, 0, 300, wrongIf((turn, _) -> turn.conversation() > 300 && turn.conversation() <= 500)),
    SWAPPED("same", 1, 0, 300, wrongIf((turn, _) -> turn.conversation() > 300)),
    AFTER_10000("same", 1, 0, 10_000, wrongIf((turn, _) -> turn.conversation() > 10_000));

    /// The least tolerance in a slice.
    private static final double SLICE_TOLERANCE = 0.25;

    /// The tolerance of the gate of departures in each plan.
    static final double DEPARTURES = 0.1;

    private static final AtomicInteger RUNNING = new AtomicInteger();

    private final String gate;
    private final double failing;
    private final double slice;
    private final int good;

    @SuppressWarnings("ImmutableEnumChecker") // A lambda without state.
    private final Behaviour behaviour;

    /// A request to the candidate.
    ///
    /// @param conversation the number of the conversation among those of which the candidate got the first turn
    record Turn(int conversation) {}

    /// What the candidate does.
    private interface Behaviour {
        void answer(Turn turn, Exchange exchange, JsonNode body) throws IOException;
    }

    /// Which requests a fault shows in.
    private interface Condition {
        boolean holds(Turn turn, JsonNode body);
    }

    /// What the candidate says instead of the right text.
    private interface Text {
        String of(JsonNode body);
    }

    CandidateFault(String gate, double failing, Behaviour behaviour) {
        this(gate, failing, 0, 0, behaviour);
    }

    CandidateFault(String gate, double failing, double slice, Behaviour behaviour) {
        this(gate, failing, slice, 0, behaviour);
    }

    /// @param gate the gate that is to find it
    /// @param failing the share of the conversations that it shows in
    /// @param slice the share of the slice that always shows it; 0 if there is none
    /// @param good the number of good conversations before it
    CandidateFault(String gate, double failing, double slice, int good, Behaviour behaviour) {
        this.gate = gate;
        this.failing = failing;
        this.slice = slice;
        this.good = good;
        this.behaviour = behaviour;
    }

    String gate() {
        return gate;
    }

    int good() {
        return good;
    }

    void answer(Turn turn, Exchange exchange, JsonNode body) throws IOException {
        behaviour.answer(turn, exchange, body);
    }

    /// The conversations from the fault's beginning until the gateway retreats in half of the rollouts, as `rollout
    /// check` has them; empty if the fault is tolerated.
    OptionalInt expected(double ofGates, RetreatRule rule) {
        double tolerance = this == ABANDONED ? DEPARTURES : ofGates;
        OptionalInt overall = failing > tolerance
                ? ExpectedLength.untilRetreat(new GateMeasure.Difference(tolerance), rule, failing)
                        .median()
                : OptionalInt.empty();
        if (slice == 0) {
            return overall;
        }
        // Later turns are a slice with the gate's own tolerance.
        double own = this == WRONG_SECOND_TURN ? tolerance : Math.max(tolerance, SLICE_TOLERANCE);
        int inSlice = (int) Math.round(ExpectedLength.untilRetreat(new GateMeasure.Difference(own), rule, 1)
                        .median()
                        .orElseThrow()
                / slice);
        return OptionalInt.of(Math.min(inSlice, overall.orElse(inSlice)));
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// A side's answer to some request.
    private interface Answer {
        void give(Exchange exchange, JsonNode body) throws IOException;
    }

    private static Behaviour ofStreams(Answer answer) {
        return (_, exchange, body) -> {
            if (body.path("stream").asBoolean(false)) {
                answer.give(exchange, body);
            } else {
                FaultTraffic.answer(exchange, body);
            }
        };
    }

    private static Behaviour wrongIf(Condition condition) {
        return wrongIf(condition, CandidateFault::ofAnother);
    }

    private static Behaviour wrongIf(Condition condition, Text text) {
        return (turn, exchange, body) -> {
            if (condition.holds(turn, body)) {
                FaultTraffic.say(exchange, body, text.of(body), 1);
            } else {
                FaultTraffic.answer(exchange, body);
            }
        };
    }

    private static String ofAnother(JsonNode body) {
        return FaultTraffic.text(body, FaultTraffic.number(body) + 1, FaultTraffic.hasSystem(body));
    }

    private static void slowUnderLoad(Turn turn, Exchange exchange, JsonNode body) throws IOException {
        try {
            boolean isBusy = RUNNING.incrementAndGet() > 2;
            FaultTraffic.sleep(Duration.ofMillis(isBusy ? 700 : 50));
            FaultTraffic.answer(exchange, body);
        } finally {
            RUNNING.decrementAndGet();
        }
    }

    private static OutputStream begin(Exchange exchange, JsonNode body) throws IOException {
        OutputStream output = exchange.stream("text/event-stream");
        ScriptedEndpoint.write(
                output,
                "data: {\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"" + FaultTraffic.number(body)
                        + "\"}}]}\n\n");
        return output;
    }

    private static void send(Exchange exchange, String reason, String text) {
        send(
                exchange,
                "{\"id\":\"x\",\"choices\":[{\"message\":{\"content\":\"" + text + "\"},\"finish_reason\":\"" + reason
                        + "\"}]}");
    }

    private static void send(Exchange exchange, String json) {
        exchange.send(200, Json.CONTENT_TYPE, json.getBytes(StandardCharsets.UTF_8));
    }

    private static void error(Exchange exchange, int status) {
        exchange.send(
                status,
                Json.CONTENT_TYPE,
                "{\"error\":{\"message\":\"broken on purpose\"}}".getBytes(StandardCharsets.UTF_8));
    }
}
