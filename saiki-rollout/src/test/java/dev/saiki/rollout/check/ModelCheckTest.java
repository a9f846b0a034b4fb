package dev.saiki.rollout.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ExchangeServer;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/// Checks that query models, here small endpoints.
class ModelCheckTest {

    private static final Duration SOON = Duration.ofMillis(10);
    private static final String CHAT = "{\"messages\":[{\"role\":\"user\",\"content\":\"Which city?\"}]}";
    private static final String PROMPT = "{\"prompt\":\"Which city? \"}";

    /// An endpoint that answers by a function of the test, and fails if the function returns nothing.
    private static final class Endpoint implements AutoCloseable {
        private final List<JsonNode> seen = new CopyOnWriteArrayList<>();
        private final List<String> keys = new CopyOnWriteArrayList<>();
        private final ExchangeServer http;

        Endpoint(Function<JsonNode, Optional<JsonNode>> script) {
            this.http = ExchangeServer.start(
                    new ListenOptions("127.0.0.1", 0, ConnectionLimits.DEFAULT, Optional.empty()),
                    exchange -> answer(exchange, script));
        }

        private void answer(Exchange exchange, Function<JsonNode, Optional<JsonNode>> script) {
            try {
                JsonNode body = Json.read(exchange.body().readAllBytes());
                seen.add(body);
                exchange.header("Authorization").ifPresent(keys::add);
                Optional<JsonNode> answer = script.apply(body);
                exchange.send(
                        answer.isPresent() ? 200 : 500, Json.CONTENT_TYPE, Json.bytes(answer.orElseGet(Json::object)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        RemoteModel model() {
            return new RemoteModel(
                    URI.create("http://127.0.0.1:" + http.port() + "/v1"),
                    "asked",
                    Optional.of("its-key"),
                    Map.of("effort", IntNode.valueOf(1)),
                    Duration.ofSeconds(10));
        }

        @Override
        public void close() {
            http.close();
        }
    }

    private static OptionalDouble difference(Check check, String request, String baseline, String candidate) {
        return difference(check.observe(new Pair(request, answer(baseline), answer(candidate))));
    }

    private static OptionalDouble difference(Optional<Sides> sides) {
        return sides.map(both -> OptionalDouble.of(both.candidate() - both.baseline()))
                .orElseGet(OptionalDouble::empty);
    }

    private static Outcome.Answered answer(String text) {
        return new Outcome.Answered(false, false, text, "", 1, 1, SOON, SOON, Optional.empty());
    }

    private static Optional<JsonNode> saying(String text) {
        ObjectNode answer = Json.object();
        answer.putArray("choices").addObject().putObject("message").put("content", text);
        return Optional.of(answer);
    }

    /// A judge that wants a word in the answer, and looks at A first.
    private static Optional<JsonNode> judged(JsonNode body) {
        String shown = body.at("/messages/1/content").stringValue();
        String first = shown.substring(shown.indexOf("# Answer A"), shown.indexOf("# Answer B"));
        String second = shown.substring(shown.indexOf("# Answer B"));
        boolean one = first.contains("Paris");
        boolean other = second.contains("Paris");
        return saying("I read at [[A]] and [[B]].\n" + (one == other ? "[[TIE]]" : one ? "[[A]]" : "[[B]]"));
    }

    @Test
    void aJudgeIsAskedInBothOrders() {
        try (Endpoint judge = new Endpoint(ModelCheckTest::judged)) {
            Check check = new JudgeCheck(judge.model(), "Be strict.");
            assertThat(difference(check, CHAT, "Paris", "Rome")).hasValue(1);
            assertThat(difference(check, CHAT, "Rome", "Paris")).hasValue(-1);
            assertThat(difference(check, CHAT, "Rome", "Oslo")).hasValue(0);
            assertThat(judge.seen).hasSize(6);
            assertThat(judge.seen.getFirst().path("model").stringValue()).isEqualTo("asked");
            assertThat(judge.seen.getFirst().path("effort").intValue()).isEqualTo(1);
            assertThat(judge.seen.getFirst().at("/messages/0/content").stringValue())
                    .endsWith("Be strict.");
            assertThat(judge.seen.getFirst().at("/messages/1/content").stringValue())
                    .contains("user:\nWhich city?", "# Answer A\nParis", "# Answer B\nRome");
            assertThat(judge.seen.get(1).at("/messages/1/content").stringValue())
                    .contains("# Answer A\nRome", "# Answer B\nParis");
            assertThat(judge.keys).containsOnly("Bearer its-key");
        }
    }

    @Test
    void aJudgeWhoTakesTheFirstOneSaysNothingEitherWay() {
        try (Endpoint judge = new Endpoint(_ -> saying("A"))) {
            assertThat(difference(new JudgeCheck(judge.model(), ""), CHAT, "Paris", "Rome"))
                    .hasValue(0);
        }
    }

    @Test
    void equalAnswersAreNotJudged() {
        try (Endpoint judge = new Endpoint(_ -> saying("A"))) {
            assertThat(difference(new JudgeCheck(judge.model(), ""), CHAT, "Paris", "Paris"))
                    .hasValue(0);
            assertThat(judge.seen).isEmpty();
        }
    }

    @Test
    void aModelThatFailsOrSaysSomethingElseSaysNothing() {
        try (Endpoint broken = new Endpoint(_ -> Optional.empty());
                Endpoint odd = new Endpoint(_ -> saying("Both are fine, A little."))) {
            for (RemoteModel model : List.of(broken.model(), odd.model())) {
                assertThat(difference(new JudgeCheck(model, ""), CHAT, "Paris", "Rome"))
                        .isEmpty();
                assertThat(difference(new EmbeddingCheck(model), CHAT, "Paris", "Rome"))
                        .isEmpty();
                assertThat(difference(new LikelihoodCheck(model, model), PROMPT, "Paris", "Rome"))
                        .isEmpty();
            }
        }
    }

    private static Optional<JsonNode> vectors(JsonNode body) {
        ObjectNode answer = Json.object();
        ArrayNode data = answer.putArray("data");
        for (int index = body.path("input").size() - 1; index >= 0; index--) {
            ObjectNode one = data.addObject().put("index", index);
            ArrayNode vector = one.putArray("embedding");
            switch (body.path("input").path(index).stringValue()) {
                case "near" -> vector.add(3).add(4);
                case "far" -> vector.add(-4).add(3);
                case "opposite" -> vector.add(-1).add(0);
                default -> vector.add(2).add(0);
            }
        }
        return Optional.of(answer);
    }

    @Test
    void embeddingsTellHowNearTwoAnswersAre() {
        try (Endpoint model = new Endpoint(ModelCheckTest::vectors)) {
            Check check = new EmbeddingCheck(model.model());
            assertThat(difference(check, CHAT, "base", "near").orElseThrow()).isCloseTo(0.4, within(1e-12));
            assertThat(difference(check, CHAT, "near", "far")).hasValue(1);
            assertThat(difference(check, CHAT, "base", "opposite")).hasValue(1);
            assertThat(difference(check, CHAT, "base", "")).hasValue(1);
            assertThat(difference(check, CHAT, "same", "same")).hasValue(0);
        }
    }

    /// Scores each character as a token: the characters of one text with one probability, all others with
    /// another.
    private static Optional<JsonNode> scored(JsonNode body, String liked, double likely, double unlikely) {
        String prompt = body.path("prompt").stringValue();
        ObjectNode answer = Json.object();
        ObjectNode lists = answer.putArray("choices").addObject().putObject("logprobs");
        ArrayNode offsets = lists.putArray("text_offset");
        ArrayNode logProbabilities = lists.putArray("token_logprobs");
        for (int index = 0; index < prompt.length() + 1; index++) {
            offsets.add(index);
            if (index == 0) {
                logProbabilities.addNull();
            } else {
                logProbabilities.add(Math.log(prompt.endsWith(liked) ? likely : unlikely));
            }
        }
        return Optional.of(answer);
    }

    @Test
    void likelihoodIsByHowManyBitsEachIsSurprisedByTheOther() {
        try (Endpoint baseline = new Endpoint(body -> scored(body, "Paris", 0.8, 0.6));
                Endpoint candidate = new Endpoint(body -> scored(body, "Rome", 0.7, 0.5))) {
            // Log2(0.8 / 0.5) bits a byte for Paris, log2(0.7 / 0.6) for Rome.
            double expected = (Math.log(0.8 / 0.5) + Math.log(0.7 / 0.6)) / 2 / Math.log(2);
            assertThat(difference(new LikelihoodCheck(baseline.model(), candidate.model()), PROMPT, "Paris", "Rome")
                            .orElseThrow())
                    .isCloseTo(expected, within(1e-12));
            assertThat(baseline.seen.getFirst().path("prompt").stringValue()).isEqualTo("Which city? Paris");
            assertThat(baseline.seen.getFirst().path("echo").booleanValue()).isTrue();
            assertThat(difference(new LikelihoodCheck(baseline.model(), baseline.model()), CHAT, "Paris", "Rome"))
                    .hasValue(0);
            assertThat(baseline.seen.getLast().path("prompt").stringValue())
                    .isEqualTo("user:\nWhich city?\n\nassistant:\nRome");
        }
    }

    @Test
    void likelihoodIsCutAtOneAndSaysNothingOfPromptsInTokens() {
        try (Endpoint baseline = new Endpoint(body -> scored(body, "Paris", 0.9, 0.01));
                Endpoint candidate = new Endpoint(body -> scored(body, "Rome", 0.9, 0.01))) {
            Check check = new LikelihoodCheck(baseline.model(), candidate.model());
            assertThat(difference(check, PROMPT, "Paris", "Rome")).hasValue(1);
            assertThat(difference(check, "{\"prompt\":[1,2]}", "Paris", "Rome")).isEmpty();
        }
    }

    @Test
    void aGoldenQuestionTellsRightAnswersFromWrongOnes() {
        List<GoldenQuestion> questions = GoldenQuestion.read(
                "golden.jsonl",
                "{\"prompt\":\"2 + 2 =\",\"pattern\":\"\\\\b4\\\\b\"}\n{\"prompt\":\"Capital?\",\"answer\":\"Paris\"}",
                Map.of());
        assertThat(difference(questions.getFirst().observe(new Pair("{}", answer("It is 4."), answer("It is 5.")))))
                .hasValue(1);
        assertThat(difference(questions.getLast().observe(new Pair("{}", answer("Rome"), answer("paris.")))))
                .hasValue(-1);
        assertThat(new GoldenCheck(questions, SOON).observe(new Pair("{}", answer("a"), answer("b"))))
                .isEmpty();
        assertThat(new String(Json.bytes(questions.getFirst().request()), StandardCharsets.UTF_8))
                .isEqualTo("{\"prompt\":\"2 + 2 =\"}");
    }
}
