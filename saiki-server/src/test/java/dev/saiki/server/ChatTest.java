package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.chat.ChatFormat;
import dev.saiki.engine.settings.EngineOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ChatTest {

    private static final String PATH = "/v1/chat/completions";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
            + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"the \"},{\"type\":\"text\",\"text\":\"sea?\"}]},"
            + "{\"role\":\"assistant\",\"content\":\" yes \"},{\"role\":\"user\",\"content\":\"why\"}]";
    private static final String RENDERED = "Be brief.\n\nUser: the sea?\nAssistant: yes\nUser: why\nAssistant:";

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

    @Test
    void anAnswerHasTheFormOfOpenAi() {
        JsonNode body = server.post(
                        PATH,
                        "{\"model\":\"tiny\"," + MESSAGES + ",\"temperature\":0,\"max_completion_tokens\":9,"
                                + "\"max_tokens\":3}")
                .succeeds();
        assertThat(body.get("object").stringValue()).isEqualTo("chat.completion");
        assertThat(body.get("id").stringValue()).startsWith("chatcmpl-");
        JsonNode choice = body.get("choices").get(0);
        assertThat(choice.propertyNames()).containsExactly("index", "message", "logprobs", "finish_reason");
        assertThat(choice.get("message").propertyNames()).containsExactly("role", "content", "refusal");
        assertThat(choice.get("message").get("role").stringValue()).isEqualTo("assistant");
        assertThat(body.get("usage").get("completion_tokens").intValue()).isEqualTo(9);
    }

    @Test
    void aConversationIsTheTextThatIsDocumented() {
        JsonNode tokens = server.post("/tokenize", "{" + MESSAGES + "}").succeeds();
        assertThat(server.post("/detokenize", "{\"tokens\":" + tokens.get("tokens") + "}")
                        .succeeds()
                        .get("prompt")
                        .stringValue())
                .isEqualTo(RENDERED);
        String settings = ",\"temperature\":0,\"max_tokens\":12}";
        String chat = server.post(PATH, "{" + MESSAGES + settings)
                .succeeds()
                .get("choices")
                .get(0)
                .get("message")
                .get("content")
                .stringValue();
        String completion = server.post(
                        "/v1/completions", "{\"prompt\":\"" + RENDERED.replace("\n", "\\n") + "\"" + settings)
                .succeeds()
                .get("choices")
                .get(0)
                .get("text")
                .stringValue();
        assertThat(chat).isEqualTo(completion);
    }

    @Test
    void topPOfNothingLeavesTheLikeliestToken() {
        String settings = ",\"max_tokens\":12,\"seed\":1,";
        JsonNode likeliest = server.post(PATH, "{" + MESSAGES + settings + "\"temperature\":0}")
                .succeeds()
                .at("/choices/0/message/content");
        assertThat(server.post(PATH, "{" + MESSAGES + settings + "\"temperature\":1,\"top_p\":0}")
                        .succeeds()
                        .at("/choices/0/message/content"))
                .isEqualTo(likeliest);
    }

    @Test
    void theResultOfACallThatWasNeverMadeIsRefused() {
        server.post(
                        PATH,
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
                                + "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"b\"}]}")
                .isRefused("messages", "must follow the call");
    }

    @Test
    void anAnswerWithoutABoundMayFillTheContext() {
        JsonNode usage = server.post(PATH, "{" + MESSAGES + ",\"ignore_eos\":true,\"seed\":3}")
                .succeeds()
                .get("usage");
        assertThat(usage.get("total_tokens").intValue()).isEqualTo(TestServer.CONTEXT);
    }

    @Test
    void aStreamIsTheSameAnswerInPieces() {
        String fields = "{" + MESSAGES + ",\"temperature\":0,\"max_tokens\":15,\"logprobs\":true,\"top_logprobs\":2,"
                + "\"return_depths\":true";
        JsonNode whole = server.post(PATH, fields + "}").succeeds();
        List<String> events = TestServer.events(
                server.post(PATH, fields + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));
        assertThat(events.getLast()).isEqualTo("[DONE]");
        List<JsonNode> pieces = events.subList(0, events.size() - 1).stream()
                .map(TestServer::parse)
                .toList();
        assertThat(pieces).allSatisfy(piece -> {
            assertThat(piece.get("object").stringValue()).isEqualTo("chat.completion.chunk");
            assertThat(piece.get("id")).isEqualTo(pieces.getFirst().get("id"));
            assertThat(piece.get("created")).isEqualTo(pieces.getFirst().get("created"));
        });
        assertThat(pieces.getFirst().get("choices").get(0).get("delta").toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":\"\"}");
        JsonNode ending = pieces.get(pieces.size() - 2).get("choices").get(0);
        assertThat(ending.get("delta").toString()).isEqualTo("{}");
        assertThat(ending.get("finish_reason").stringValue()).isEqualTo("length");
        StringBuilder text = new StringBuilder();
        List<String> content = new ArrayList<>();
        List<String> depths = new ArrayList<>();
        for (JsonNode piece : pieces.subList(1, pieces.size() - 2)) {
            JsonNode choice = piece.get("choices").get(0);
            assertThat(choice.get("finish_reason").isNull()).isTrue();
            assertThat(piece.get("usage").isNull()).isTrue();
            text.append(choice.get("delta").get("content").stringValue());
            choice.get("depths").values().forEach(depth -> depths.add(depth.toString()));
            if (!choice.get("logprobs").isNull()) {
                choice.get("logprobs").get("content").values().forEach(token -> content.add(token.toString()));
            }
        }
        JsonNode choice = whole.get("choices").get(0);
        assertThat(text.toString())
                .isEqualTo(choice.get("message").get("content").stringValue());
        assertThat("[" + String.join(",", content) + "]")
                .isEqualTo(choice.get("logprobs").get("content").toString());
        assertThat("[" + String.join(",", depths) + "]")
                .isEqualTo(choice.get("depths").toString());
        JsonNode last = pieces.getLast();
        assertThat(last.get("choices")).isEmpty();
        assertThat(last.get("usage").get("completion_tokens").intValue()).isEqualTo(15);
    }

    @Test
    void logprobsNameTheLikeliestTokensWithTheirBytes() {
        JsonNode content = server.post(
                        PATH,
                        "{" + MESSAGES + ",\"temperature\":0,\"max_tokens\":4,\"logprobs\":true,\"top_logprobs\":3,"
                                + "\"whole_utf8\":false}")
                .succeeds()
                .get("choices")
                .get(0)
                .get("logprobs")
                .get("content");
        assertThat(content).hasSize(4);
        for (JsonNode token : content.values()) {
            assertThat(token.propertyNames()).containsExactly("token", "logprob", "bytes", "top_logprobs");
            assertThat(token.get("top_logprobs")).hasSize(3);
            assertThat(token.get("top_logprobs").get(0).get("token")).isEqualTo(token.get("token"));
            assertThat(token.get("top_logprobs").get(0).get("logprob")).isEqualTo(token.get("logprob"));
        }
    }

    @Test
    void theNextTurnOfTheUserEndsTheAnswer() {
        int[] ids = TestServer.TOKENIZER.encode("\nUser:");
        // Biased so that only these tokens can be drawn; some order of them is the stop text, others are not.
        StringBuilder bias = new StringBuilder();
        for (int id : ids) {
            bias.append(bias.isEmpty() ? "" : ",").append('"').append(id).append("\":100");
        }
        for (int seed = 0; seed < 10; seed++) {
            String text = server.post(
                            PATH,
                            "{" + MESSAGES + ",\"max_tokens\":60,\"temperature\":2,\"seed\":" + seed
                                    + ",\"logit_bias\":{" + bias + "}}")
                    .succeeds()
                    .get("choices")
                    .get(0)
                    .get("message")
                    .get("content")
                    .stringValue();
            assertThat(text).doesNotContain("\nUser:");
        }
    }

    @Test
    void anAnswerIsAsLongAsItMustBeAndEndsAtAStopToken() {
        int end = TestServer.TOKENIZER.endOfTextId();
        String eager = ",\"logit_bias\":{\"" + end + "\":100},\"temperature\":0,\"max_tokens\":12,\"whole_utf8\":false";
        for (String path : List.of(PATH, "/v1/completions")) {
            String asked = "{" + (path.equals(PATH) ? MESSAGES : "\"prompt\":\"a\"");
            JsonNode patient =
                    server.post(path, asked + eager + ",\"min_tokens\":9}").succeeds();
            assertThat(patient.at("/usage/completion_tokens").intValue()).isEqualTo(9);
            assertThat(patient.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
            JsonNode whole =
                    server.post(path, asked + eager + ",\"min_tokens\":12}").succeeds();
            assertThat(whole.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
            JsonNode stopped = server.post(
                            path, asked + eager + ",\"ignore_eos\":true,\"stop_token_ids\":[" + end + "]}")
                    .succeeds();
            assertThat(stopped.at("/usage/completion_tokens").intValue()).isZero();
            assertThat(stopped.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
            server.post(path, asked + eager + ",\"min_tokens\":13}")
                    .isRefused("min_tokens", "at most 12, the maximum length of the answer, got 13");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                                      | non-empty
            {"messages":[]}                                                         | non-empty
            {"messages":"hi"}                                                       | an array
            {"messages":["hi"]}                                                     | objects
            {"messages":[{"content":"hi"}]}                                         | a role
            {"messages":[{"role":"user"}]}                                          | content
            {"messages":[{"role":"wizard","content":"hi"}]}                         | wizard
            {"messages":[{"role":"tool"}]}                                          | content
            {"messages":[{"role":"user","content":[{"type":"image_url"}]}]}         | image_url
            {"messages":[{"role":"user","content":[{"type":"text"}]}]}              | a text
            {"messages":[{"role":"assistant","content":"","tool_calls":[{"id":"c"}]}]} | a name
            """)
    void messagesThatAreNoneAreRefused(String body, String fragment) {
        server.post(PATH, body).isRefused("messages", fragment);
    }

    @Test
    void fieldsThatDoNotFitAreNamed() {
        server.post(PATH, "{" + MESSAGES + ",\"top_logprobs\":2}").isRefused("top_logprobs", "logprobs to be true");
        server.post(PATH, "{" + MESSAGES + ",\"logprobs\":2}").isRefused("logprobs", "true or false");
        server.post(PATH, "{" + MESSAGES + ",\"max_completion_tokens\":0}").isRefused("max_completion_tokens", "1");
        server.post(PATH, "{" + MESSAGES + ",\"max_completion_tokens\":255}")
                .isRefused("max_completion_tokens", "context is 256");
        server.post(PATH, "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "q".repeat(300) + "\"}]}")
                .isRefused("messages", "no room");
    }

    @Test
    void aServerThatHoldsNoConversationsSaysSo(@TempDir Path other) {
        try (TestServer without =
                TestServer.in(other, EngineOptions.DEFAULT, options -> options.chatFormat(ChatFormat.NONE))) {
            without.post(PATH, "{" + MESSAGES + "}").isRefused("messages", "--chat-format");
        }
    }
}
