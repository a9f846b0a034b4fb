package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.TestServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CompletionsTest {

    private static final String PATH = "/v1/completions";
    private static final String PROMPT = "the whale and the";

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private JsonNode complete(String fields) {
        return server.post(PATH, "{\"model\":\"tiny\"," + fields + "}").succeeds();
    }

    private static String text(JsonNode body) {
        return body.get("choices").get(0).get("text").stringValue();
    }

    private static String ids(String text) {
        return Arrays.toString(TestServer.TOKENIZER.encode(text));
    }

    /// The engine's own result, without the server.
    private record Written(String text, List<Token> tokens, GenerationResult finish) {}

    private Written engineWrites(RouteSettings route, int tokens) {
        GenerationRequest request = GenerationRequest.builder(TestServer.TOKENIZER.encode(PROMPT), tokens)
                .route(route)
                .build();
        try (TokenStream stream = server.engine().submit(request)) {
            List<Token> written = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            for (Token token : stream) {
                written.add(token);
                text.append(token.text());
            }
            GenerationResult finish = stream.finish();
            return new Written(text.append(finish.text()).toString(), written, finish);
        }
    }

    @Test
    void anAnswerHasTheFormOfOpenAi() {
        JsonNode body = complete("\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"max_tokens\":7");
        assertThat(body.propertyNames())
                .containsExactly(
                        "id", "object", "created", "model", "system_fingerprint", "choices", "usage", "timings");
        assertThat(body.get("id").stringValue()).startsWith("cmpl-");
        assertThat(body.get("object").stringValue()).isEqualTo("text_completion");
        assertThat(body.get("model").stringValue()).isEqualTo("tiny");
        JsonNode choice = body.get("choices").get(0);
        assertThat(choice.propertyNames()).containsExactly("index", "text", "logprobs", "finish_reason");
        assertThat(choice.get("logprobs").isNull()).isTrue();
        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
        Written written = engineWrites(RouteSettings.MODEL, 7);
        assertThat(choice.get("text").stringValue()).isEqualTo(written.text());
        JsonNode usage = body.get("usage");
        int prompt = TestServer.TOKENIZER.encode(PROMPT).length;
        assertThat(usage.get("prompt_tokens").intValue()).isEqualTo(prompt);
        assertThat(usage.get("completion_tokens").intValue()).isEqualTo(7);
        assertThat(usage.get("total_tokens").intValue()).isEqualTo(prompt + 7);
        JsonNode timings = body.get("timings");
        int cached = usage.at("/prompt_tokens_details/cached_tokens").intValue();
        assertThat(timings.get("cache_n").intValue()).isEqualTo(cached);
        assertThat(timings.get("prompt_n").intValue()).isEqualTo(prompt - cached);
        assertThat(timings.get("predicted_n").intValue()).isEqualTo(7);
        assertThat(timings.get("prompt_ms").doubleValue()).isPositive();
        assertThat(timings.get("predicted_per_token_ms").doubleValue())
                .isEqualTo(timings.get("predicted_ms").doubleValue() / 7);
    }

    /// Without a token, there is no time per token.
    @Test
    void whatWritesNothingHasNoSpeed() {
        JsonNode timings = complete("\"prompt\":\"" + PROMPT + "\",\"echo\":true,\"max_tokens\":0")
                .get("timings");
        assertThat(timings.get("predicted_n").intValue()).isZero();
        assertThat(timings.get("predicted_per_token_ms").isNull()).isTrue();
    }

    @Test
    void aPromptMayBeTextOrIdsOneOrSeveral() {
        String settings = ",\"temperature\":0,\"max_tokens\":5";
        String expected = text(complete("\"prompt\":\"" + PROMPT + "\"" + settings));
        assertThat(text(complete("\"prompt\":" + ids(PROMPT) + settings))).isEqualTo(expected);
        assertThat(text(complete("\"prompt\":[\"" + PROMPT + "\"]" + settings))).isEqualTo(expected);
        JsonNode several = complete("\"prompt\":[" + ids("the sea") + "," + ids(PROMPT) + "]" + settings);
        assertThat(several.get("choices")).hasSize(2);
        assertThat(several.get("choices").get(1).get("index").intValue()).isEqualTo(1);
        assertThat(several.get("choices").get(1).get("text").stringValue()).isEqualTo(expected);
        assertThat(several.get("usage").get("completion_tokens").intValue()).isEqualTo(10);
    }

    @Test
    void textsAreWholeUtf8UnlessThatIsSwitchedOff() {
        String drawn = "\"temperature\":1,\"seed\":1,\"ignore_eos\":true,\"max_tokens\":40";
        String chat = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]," + drawn;
        String response = ("{\"input\":\"a\"," + drawn).replace("max_tokens", "max_output_tokens");
        String inspected = "{\"prompt\":\"a\"," + drawn;
        String all = "{\"prompt\":\"a\",\"n\":3," + drawn;
        Map<String, String> bodies = Map.of(
                "/v1/completions", all, "/v1/chat/completions", chat, "/v1/responses", response, "/inspect", inspected);
        bodies.forEach((path, body) -> {
            String on = server.post(path, body + "}").succeeds().toString();
            assertThat(on).as(path).doesNotContain("\uFFFD");
            assertThat(server.post(path, body + ",\"whole_utf8\":true}")
                            .succeeds()
                            .toString())
                    .as(path)
                    .doesNotContain("\uFFFD");
            assertThat(server.post(path, body + ",\"whole_utf8\":false}")
                            .succeeds()
                            .toString())
                    .as(path)
                    .contains("\uFFFD");
        });
    }

    /// Whoever scores a prompt asks for one token more, and compares what comes to the last digit.
    @Test
    void scoresOfAPromptAreTheSameWithAndWithoutWholeUtf8() {
        for (String tokens : List.of("0", "1")) {
            String scoring = "\"prompt\":[[200,201,5],[7,230]],\"echo\":true,\"logprobs\":5,\"temperature\":0,"
                    + "\"max_tokens\":" + tokens;
            assertThat(complete(scoring).get("choices"))
                    .isEqualTo(complete(scoring + ",\"whole_utf8\":false").get("choices"));
        }
        String chosen = "\"prompt\":\"a\",\"logprobs\":20,\"temperature\":0,\"max_tokens\":1";
        Map<String, Double> with = likeliest(complete(chosen));
        Map<String, Double> without = likeliest(complete(chosen + ",\"whole_utf8\":false"));
        assertThat(with).containsAllEntriesOf(without);
    }

    private static Map<String, Double> likeliest(JsonNode body) {
        return body.at("/choices/0/logprobs/top_logprobs/0").properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().doubleValue()));
    }

    @Test
    void anEmptyPromptBeginsADocument() {
        JsonNode body = complete("\"prompt\":\"\",\"max_tokens\":1,\"ignore_eos\":true");
        assertThat(body.get("usage").get("prompt_tokens").intValue()).isEqualTo(1);
    }

    @Test
    void theSameSeedGivesTheSameTextAndEachChoiceItsOwn() {
        String fields = "\"prompt\":\"" + PROMPT + "\",\"max_tokens\":12,\"temperature\":1.5,\"ignore_eos\":true,";
        JsonNode three = complete(fields + "\"seed\":5,\"n\":3");
        assertThat(three.get("choices")).hasSize(3);
        for (int choice = 0; choice < 3; choice++) {
            assertThat(text(complete(fields + "\"seed\":" + (5 + choice))))
                    .isEqualTo(three.get("choices").get(choice).get("text").stringValue());
        }
        assertThat(three.get("choices").get(0).get("text"))
                .isNotEqualTo(three.get("choices").get(1).get("text"));
        assertThat(three.get("usage").get("prompt_tokens").intValue())
                .isEqualTo(TestServer.TOKENIZER.encode(PROMPT).length);
        assertThat(three.get("usage").get("completion_tokens").intValue()).isEqualTo(36);
        assertThat(text(complete(fields + "\"n\":1"))).isNotEqualTo(text(complete(fields + "\"n\":1")));
    }

    @Test
    void anEchoBeginsWithThePrompt() {
        String settings = "\"temperature\":0,\"max_tokens\":4,\"echo\":true";
        String plain = text(complete("\"prompt\":\"" + PROMPT + "\"," + settings));
        assertThat(plain).startsWith(PROMPT);
        JsonNode scored = complete("\"prompt\":" + ids(PROMPT) + "," + settings + ",\"logprobs\":2");
        assertThat(text(scored)).isEqualTo(plain);
        JsonNode logprobs = scored.get("choices").get(0).get("logprobs");
        int tokens = TestServer.TOKENIZER.encode(PROMPT).length + 4;
        assertThat(logprobs.propertyNames()).containsExactly("tokens", "token_logprobs", "top_logprobs", "text_offset");
        for (String list : logprobs.propertyNames()) {
            assertThat(logprobs.get(list)).as(list).hasSize(tokens);
        }
        assertThat(logprobs.get("token_logprobs").get(0).isNull()).isTrue();
        assertThat(logprobs.get("top_logprobs").get(0).isNull()).isTrue();
        assertThat(logprobs.get("top_logprobs").get(1).size()).isBetween(2, 3);
        assertThat(logprobs.get("text_offset").get(0).intValue()).isZero();
        assertThat(logprobs.get("text_offset").get(1).intValue())
                .isEqualTo(logprobs.get("tokens").get(0).stringValue().length());
    }

    @Test
    void noTokensAtAllScoreThePrompt() {
        String fields = "\"prompt\":\"" + PROMPT + "\",\"echo\":true,\"temperature\":0,";
        JsonNode zero = complete(fields + "\"max_tokens\":0,\"logprobs\":1");
        JsonNode one = complete(fields + "\"max_tokens\":1,\"logprobs\":1");
        JsonNode scores = zero.get("choices").get(0).get("logprobs").get("token_logprobs");
        int tokens = TestServer.TOKENIZER.encode(PROMPT).length;
        assertThat(scores).hasSize(tokens);
        for (int i = 1; i < tokens; i++) {
            assertThat(scores.get(i).toString())
                    .isEqualTo(one.get("choices")
                            .get(0)
                            .get("logprobs")
                            .get("token_logprobs")
                            .get(i)
                            .toString());
        }
        assertThat(text(zero)).isEqualTo(PROMPT);
        assertThat(zero.get("usage").get("completion_tokens").intValue()).isZero();
        assertThat(text(complete(fields + "\"max_tokens\":0"))).isEqualTo(PROMPT);
        assertThat(text(complete("\"prompt\":\"" + PROMPT + "\",\"max_tokens\":0")))
                .isEmpty();
        assertThat(complete("\"prompt\":[5],\"echo\":true,\"max_tokens\":0,\"logprobs\":1")
                        .get("choices")
                        .get(0)
                        .get("logprobs")
                        .get("tokens"))
                .hasSize(1);
    }

    @Test
    void chosenTokensAreAmongTheLikeliestAndPrintTheSameNumber() {
        String fields = ",\"temperature\":0,\"max_tokens\":30,\"logprobs\":1,\"whole_utf8\":false";
        JsonNode logprobs = complete("\"prompt\":\"" + PROMPT + "\"" + fields)
                .get("choices")
                .get(0)
                .get("logprobs");
        for (int i = 0; i < logprobs.get("tokens").size(); i++) {
            JsonNode map = logprobs.get("top_logprobs").get(i);
            assertThat(map).hasSize(1);
            assertThat(map.get(logprobs.get("tokens").get(i).stringValue()).toString())
                    .isEqualTo(logprobs.get("token_logprobs").get(i).toString());
        }
    }

    @Test
    void aStopTextEndsTheAnswerAndIsNotPartOfIt() {
        String fields = "\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"max_tokens\":24";
        String whole = text(complete(fields));
        String stop = whole.substring(8, 10);
        JsonNode body = complete(fields + ",\"stop\":[\"no such text\"," + quoted(stop) + "]");
        assertThat(text(body)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(body.get("choices").get(0).get("finish_reason").stringValue())
                .isEqualTo("stop");
        assertThat(text(complete(fields + ",\"stop\":" + quoted(stop)))).isEqualTo(text(body));
    }

    private static String quoted(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    @Test
    void aBiasForcesOrBansATokenAndTheModelMayEndTheText() {
        String fields = "\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"max_tokens\":3,\"logit_bias\":{";
        assertThat(text(complete(fields + "\"" + TestServer.TOKENIZER.encode("q")[0] + "\":100}")))
                .isEqualTo("qqq");
        String end = "\"" + TestServer.TOKENIZER.endOfTextId() + "\":100}";
        JsonNode ended = complete(fields + end);
        assertThat(text(ended)).isEmpty();
        assertThat(ended.get("choices").get(0).get("finish_reason").stringValue())
                .isEqualTo("stop");
        assertThat(ended.get("usage").get("completion_tokens").intValue()).isZero();
        assertThat(complete(fields + end + ",\"ignore_eos\":true")
                        .get("usage")
                        .get("completion_tokens")
                        .intValue())
                .isEqualTo(3);
    }

    @Test
    void aStreamIsTheSameAnswerInPieces() {
        String fields = "{\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"max_tokens\":20,\"logprobs\":1";
        JsonNode whole = server.post(PATH, fields + "}").succeeds();
        List<String> events = TestServer.events(
                server.post(PATH, fields + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));
        assertThat(events.getLast()).isEqualTo("[DONE]");
        List<JsonNode> pieces = events.subList(0, events.size() - 1).stream()
                .map(TestServer::parse)
                .toList();
        assertThat(pieces).allSatisfy(piece -> {
            assertThat(piece.get("id")).isEqualTo(pieces.getFirst().get("id"));
            assertThat(piece.get("created")).isEqualTo(pieces.getFirst().get("created"));
            assertThat(piece.get("object").stringValue()).isEqualTo("text_completion");
        });
        StringBuilder text = new StringBuilder();
        List<String> logprobs = new ArrayList<>();
        List<String> offsets = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (JsonNode piece : pieces.subList(0, pieces.size() - 1)) {
            assertThat(piece.get("usage").isNull()).isTrue();
            JsonNode choice = piece.get("choices").get(0);
            text.append(choice.get("text").stringValue());
            if (!choice.get("logprobs").isNull()) {
                logprobs.add(choice.get("logprobs").get("token_logprobs").get(0).toString());
                offsets.add(choice.get("logprobs").get("text_offset").get(0).toString());
            }
            if (!choice.get("finish_reason").isNull()) {
                reasons.add(choice.get("finish_reason").stringValue());
            }
        }
        JsonNode choice = whole.get("choices").get(0);
        assertThat(text.toString()).isEqualTo(choice.get("text").stringValue());
        assertThat(reasons).containsExactly("length");
        assertThat("[" + String.join(",", logprobs) + "]")
                .isEqualTo(choice.get("logprobs").get("token_logprobs").toString());
        assertThat("[" + String.join(",", offsets) + "]")
                .isEqualTo(choice.get("logprobs").get("text_offset").toString());
        JsonNode last = pieces.getLast();
        assertThat(last.get("choices")).isEmpty();
        assertThat(last.get("usage").get("completion_tokens").intValue()).isEqualTo(20);
        assertThat(last.get("usage").get("recursions").get("histogram"))
                .isEqualTo(whole.get("usage").get("recursions").get("histogram"));
    }

    @Test
    void aStreamOfSeveralAnswersKeepsThemApart() {
        String fields = "{\"prompt\":[\"the sea\",\"the"
                + " ship\"],\"n\":2,\"seed\":1,\"max_tokens\":9,\"echo\":true,\"ignore_eos\":true";
        JsonNode whole = server.post(PATH, fields + "}").succeeds();
        Answer answer = server.post(PATH, fields + ",\"stream\":true}");
        String[] texts = {"", "", "", ""};
        List<String> events = TestServer.events(answer);
        for (String event : events.subList(0, events.size() - 1)) {
            JsonNode piece = TestServer.parse(event);
            assertThat(piece.has("usage")).isFalse();
            JsonNode choice = piece.get("choices").get(0);
            texts[choice.get("index").intValue()] += choice.get("text").stringValue();
        }
        for (int index = 0; index < 4; index++) {
            assertThat(texts[index])
                    .isEqualTo(whole.get("choices").get(index).get("text").stringValue())
                    .startsWith(index < 2 ? "the sea" : "the ship");
        }
    }

    @Test
    void depthIsToldAndCounted() {
        String fields = "\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"max_tokens\":10,\"return_depths\":true";
        server.engine().clearPrefixCache();
        JsonNode body = complete(fields);
        server.engine().clearPrefixCache();
        Written written = engineWrites(RouteSettings.MODEL, 10);
        assertThat(body.get("choices").get(0).get("depths").toString())
                .isEqualTo(written.tokens().stream()
                        .map(Token::depth)
                        .toList()
                        .toString()
                        .replace(" ", ""));
        JsonNode recursions = body.get("usage").get("recursions");
        int[] depths = written.finish().depths();
        assertThat(recursions.get("sum").intValue())
                .isEqualTo(Arrays.stream(depths).sum());
        assertThat(recursions.get("mean").doubleValue())
                .isEqualTo(written.finish().meanDepth());
        assertThat(recursions.get("histogram")).hasSize(3);
        for (int depth = 1; depth <= 3; depth++) {
            int wanted = depth;
            assertThat(recursions.get("histogram").get(depth - 1).longValue())
                    .isEqualTo(Arrays.stream(depths)
                            .filter(taken -> taken == wanted)
                            .count());
        }
        assertThat(recursions.get("flops").longValue())
                .isEqualTo(SequenceCost.of(TestServer.config(), depths, Integer.MAX_VALUE, 10)
                        .flops());
        assertThat(recursions.get("flops_saved").longValue()).isPositive();
    }

    @Test
    void depthCanBeChosen() {
        String fields = "\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"max_tokens\":10,";
        JsonNode shallow = complete(fields + "\"max_depth\":1").get("usage").get("recursions");
        assertThat(shallow.get("mean").doubleValue()).isEqualTo(1);
        JsonNode deep = complete(fields + "\"min_depth\":3").get("usage").get("recursions");
        assertThat(deep.get("mean").doubleValue()).isEqualTo(3);
        assertThat(deep.get("flops_saved").longValue()).isZero();
        JsonNode full = complete(fields + "\"effort\":1").get("usage").get("recursions");
        assertThat(full.get("mean").doubleValue()).isEqualTo(3);
        assertThat(shallow.get("flops_saved").longValue()).isPositive();
    }

    @Test
    void whatIsCachedIsTold() {
        server.engine().clearPrefixCache();
        String prompt = "\"prompt\":\"" + (PROMPT + " ").repeat(6) + "\",\"max_tokens\":1,\"seed\":1";
        JsonNode first = complete(prompt).get("usage");
        JsonNode second = complete(prompt).get("usage");
        assertThat(first.get("prompt_tokens_details").get("cached_tokens").intValue())
                .isZero();
        assertThat(second.get("prompt_tokens_details").get("cached_tokens").intValue())
                .isPositive();
        assertThat(second.get("recursions").get("sum"))
                .isEqualTo(first.get("recursions").get("sum"));
        assertThat(second.get("recursions").get("flops").longValue())
                .isLessThan(first.get("recursions").get("flops").longValue());
    }

    @Test
    void unknownFieldsAndNullsAreIgnored() {
        complete("\"prompt\":\"a\",\"max_tokens\":1,\"user\":\"me\",\"metadata\":{\"a\":[1]},\"stop\":null,\"n\":null,"
                + "\"suffix\":null,\"tools\":[],\"response_format\":{\"type\":\"text\"}");
    }

    @Test
    void answersHaveTheFormThatIsAskedFor() {
        for (int seed = 0; seed < 8; seed++) {
            JsonNode choice = complete("\"prompt\":\"a\",\"max_tokens\":20,\"seed\":" + seed
                            + ",\"structured_outputs\":{\"choice\":[\"yes\",\"no\"]}")
                    .get("choices")
                    .get(0);
            assertThat(choice.get("text").stringValue()).isIn("yes", "no");
            assertThat(choice.get("finish_reason").stringValue()).isEqualTo("stop");
            String json = complete("\"prompt\":\"a\",\"max_tokens\":40,\"seed\":" + seed
                            + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,"
                            + "\"schema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"boolean\"}},"
                            + "\"required\":[\"a\"],\"additionalProperties\":false}}}")
                    .get("choices")
                    .get(0)
                    .get("text")
                    .stringValue();
            assertThat(json.replace(" ", "")).isIn("{\"a\":true}", "{\"a\":false}");
        }
    }

    /// After a complete form the model predicts nothing more, so no prediction is counted.
    @Test
    void anAnswerThatIsCompleteByItsFormCostsNoPrediction() {
        JsonNode complete = complete("\"prompt\":\"a\",\"max_tokens\":9,\"structured_outputs\":{\"choice\":[\"yes\"]}");
        JsonNode cutOff = complete("\"prompt\":\"a\",\"max_tokens\":3,\"structured_outputs\":{\"regex\":\"yes.*\"}");
        assertThat(List.of(complete, cutOff))
                .extracting(body -> body.get("choices").get(0).get("text").stringValue())
                .containsOnly("yes");
        assertThat(complete.get("choices").get(0).get("finish_reason").stringValue())
                .isEqualTo("stop");
        assertThat(cutOff.get("choices").get(0).get("finish_reason").stringValue())
                .isEqualTo("length");
        assertThat(complete.get("usage").get("recursions"))
                .isEqualTo(cutOff.get("usage").get("recursions"));
    }

    /// Some clients take the first bytes for an event.
    @Test
    void aStreamHasItsHeadAtOnceAndNothingBeforeItsFirstEvent() throws IOException {
        HttpResponse<InputStream> begun = server.whileHeld(() ->
                server.open(PATH, "{\"prompt\":\"the whale\",\"max_tokens\":3,\"ignore_eos\":true,\"stream\":true}"));

        assertThat(begun.statusCode()).isEqualTo(200);
        assertThat(begun.headers().firstValue("X-Accel-Buffering")).contains("no");
        assertThat(new String(begun.body().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("data: {")
                .endsWith("data: [DONE]\n\n");
    }
}
