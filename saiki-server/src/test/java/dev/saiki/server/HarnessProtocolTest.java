package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The requests that lm-evaluation-harness sends as `local-completions`, and the numbers that it computes from
/// the answers.
class HarnessProtocolTest {

    private static final long SEED = 20261125;

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

    private static List<Continuation> continuations() {
        Random random = new Random(SEED);
        List<Continuation> continuations = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int length = 2 + random.nextInt(40);
            int[] ids = random.ints(length, 0, TestServer.TOKENIZER.vocabSize()).toArray();
            continuations.add(new Continuation(ids, 1 + random.nextInt(length - 1)));
        }
        return continuations;
    }

    @Test
    void scoresOverHttpAreThoseOfTheEvaluationToTheLastDigit() {
        List<Continuation> continuations = continuations();
        List<ScoredContinuation> expected =
                new EngineContinuationScorer(server.engine(), RouteSettings.MODEL, 5).score(continuations);
        String prompts = continuations.stream()
                .map(continuation -> IntStream.of(continuation.ids())
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining(",", "[", "]")))
                .collect(Collectors.joining(",", "[", "]"));
        JsonNode body = server.post(
                        "/v1/completions",
                        "{\"model\":\"tiny\",\"prompt\":" + prompts
                                + ",\"temperature\":0,\"max_tokens\":1,\"logprobs\":1,\"seed\":1234,\"echo\":true}")
                .succeeds();
        for (int i = 0; i < continuations.size(); i++) {
            JsonNode choice = body.get("choices").get(i);
            assertThat(choice.get("index").intValue()).isEqualTo(i);
            JsonNode logprobs = choice.get("logprobs");
            int end = logprobs.get("token_logprobs").size() - 1;
            double[] own = expected.get(i).logprobs();
            boolean[] likeliest = expected.get(i).likeliest();
            int first = continuations.get(i).firstScored();
            assertThat(end - first).as("seed %d, text %d", SEED, i).isEqualTo(own.length);
            for (int position = first; position < end; position++) {
                double logprob = logprobs.get("token_logprobs").get(position).doubleValue();
                double best = logprobs.get("top_logprobs").get(position).values().stream()
                        .mapToDouble(JsonNode::doubleValue)
                        .max()
                        .orElseThrow();
                assertThat(logprob).isEqualTo(own[position - first]);
                assertThat(logprob == best).isEqualTo(likeliest[position - first]);
            }
        }
    }

    /// The harness cuts off the last entry, which is that of the token it had to ask for, whatever that token is.
    @Test
    void aTextAfterWhichTheModelEndsHasAllItsScores() {
        int end = TestServer.TOKENIZER.endOfTextId();
        String scored = "{\"prompt\":[[5,6,7,8]],\"temperature\":0,\"max_tokens\":1,\"logprobs\":1,\"echo\":true";
        JsonNode usual = server.post("/v1/completions", scored + ",\"logit_bias\":{\"" + end + "\":-100}}")
                .succeeds();
        JsonNode ended = server.post("/v1/completions", scored + ",\"logit_bias\":{\"" + end + "\":100}}")
                .succeeds();
        JsonNode choice = ended.get("choices").get(0);
        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("stop");
        assertThat(choice.at("/logprobs/tokens/4").stringValue()).isEqualTo("<|endoftext|>");
        assertThat(ended.get("usage")).as("the same work").isEqualTo(usual.get("usage"));
        for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
            JsonNode whole = choice.get("logprobs").get(list);
            assertThat(whole).hasSize(5);
            for (int position = 0; position < 4; position++) {
                assertThat(whole.get(position))
                        .isEqualTo(usual.get("choices")
                                .get(0)
                                .get("logprobs")
                                .get(list)
                                .get(position));
            }
        }
    }

    @Test
    void theTextOfASpecialTokenIsThatTokenUnlessTheClientDeclines() {
        int end = TestServer.TOKENIZER.endOfTextId();
        String text = "\"prompt\":\"the<|endoftext|>whale\"";
        for (String path : List.of("/tokenize", "/v1/completions")) {
            int parsed = tokens(path, "{" + text + ",\"max_tokens\":0,\"echo\":true}");
            int plain = tokens(path, "{" + text + ",\"max_tokens\":0,\"echo\":true,\"parse_special\":false}");
            assertThat(parsed).isEqualTo(TestServer.TOKENIZER.encodeWithSpecials("the<|endoftext|>whale").length);
            assertThat(plain).isEqualTo(TestServer.TOKENIZER.encode("the<|endoftext|>whale").length);
        }
        JsonNode ids = server.post("/tokenize", "{" + text + "}").succeeds().get("tokens");
        assertThat(ids.values().stream().mapToInt(JsonNode::intValue)).contains(end);
    }

    private int tokens(String path, String body) {
        JsonNode answer = server.post(path, body).succeeds();
        return answer.has("count")
                ? answer.get("count").intValue()
                : answer.at("/usage/prompt_tokens").intValue();
    }

    @Test
    void theTokenizerIsFoundAndAnswersAsTheHarnessAsks() {
        JsonNode info = server.get("/tokenizer_info").succeeds();
        assertThat(info.get("eos_token").stringValue()).isEqualTo("<|endoftext|>");
        JsonNode end = server.post("/tokenize", "{\"prompt\":\"<|endoftext|>\",\"add_special_tokens\":false}")
                .succeeds();
        assertThat(end.get("tokens").toString()).isEqualTo("[" + TestServer.TOKENIZER.endOfTextId() + "]");
        JsonNode ids = server.post("/tokenize", "{\"prompt\":\"the whalë\",\"return_token_strs\":true}")
                .succeeds();
        assertThat(ids.get("count").intValue()).isEqualTo(ids.get("tokens").size());
        assertThat(ids.get("token_strs").get(0).stringValue()).startsWith("t");
        assertThat(ids.get("token_strs").values().stream().map(JsonNode::stringValue))
                .contains("bytes:\\xc3", "bytes:\\xab");
        assertThat(server.post("/detokenize", "{\"tokens\":" + ids.get("tokens") + "}")
                        .succeeds()
                        .get("prompt")
                        .stringValue())
                .isEqualTo("the whalë");
        server.post("/tokenize", "{}").isRefused("prompt", "required");
        server.post("/detokenize", "{\"tokens\":[99999]}").isRefused("tokens", "99999");
        server.post("/detokenize", "{\"tokens\":\"a\"}").isRefused("tokens", "an array");
    }
}
