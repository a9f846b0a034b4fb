package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Token ids beside their text, in the same fields as in vLLM.
class TokenIdsTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final String ASKED =
            ",\"return_token_ids\":true,\"ignore_eos\":true,\"temperature\":0,\"max_tokens\":7";
    private static final String CONVERSATION = "{\"messages\":[{\"role\":\"user\",\"content\":\"the sea\"}]" + ASKED;

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

    private static List<Integer> ids(JsonNode list) {
        return list.values().stream().map(JsonNode::intValue).toList();
    }

    private static String decoded(List<Integer> ids) {
        return TestServer.TOKENIZER.decode(
                ids.stream().mapToInt(Integer::intValue).toArray());
    }

    private static List<Integer> encoded(String text) {
        return Arrays.stream(TestServer.TOKENIZER.encode(text)).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ",\"echo\":true", ",\"echo\":true,\"logprobs\":1", ",\"echo\":true,\"return_depths\":true"})
    void eachAnswerHasThoseOfItsPromptAndOfWhatWasWritten(String fields) {
        JsonNode choices = server.post(COMPLETIONS, "{\"prompt\":[\"the whale\",\"a\"],\"n\":2" + ASKED + fields + "}")
                .succeeds()
                .get("choices");
        assertThat(choices).hasSize(4);
        for (JsonNode choice : choices) {
            String prompt = choice.get("index").intValue() < 2 ? "the whale" : "a";
            assertThat(ids(choice.get("prompt_token_ids"))).isEqualTo(encoded(prompt));
            List<Integer> written = ids(choice.get("token_ids"));
            assertThat(written).hasSize(7);
            assertThat(choice.get("text").stringValue())
                    .isEqualTo((fields.contains("echo") ? prompt : "") + decoded(written));
        }
    }

    @Test
    void aPromptThatIsOnlyScoredHasNoneThatWereWritten() {
        JsonNode choice = server.post(
                        COMPLETIONS,
                        "{\"prompt\":\"the whale\",\"echo\":true,\"logprobs\":1,\"return_token_ids\":true,\"max_tokens\":0}")
                .succeeds()
                .at("/choices/0");
        assertThat(ids(choice.get("token_ids"))).isEmpty();
        assertThat(ids(choice.get("prompt_token_ids"))).isEqualTo(encoded("the whale"));
    }

    @Test
    void aConversationHasThoseOfItsPromptBesideTheAnswers() {
        JsonNode body = server.post(CHAT, CONVERSATION + "}").succeeds();
        assertThat(ids(body.get("prompt_token_ids")))
                .hasSize(body.at("/usage/prompt_tokens").intValue());
        JsonNode choice = body.at("/choices/0");
        assertThat(decoded(ids(choice.get("token_ids"))))
                .isEqualTo(choice.at("/message/content").stringValue());
        assertThat(choice.has("prompt_token_ids")).isFalse();
    }

    @Test
    void aStreamBeginsWithThoseOfThePromptAndHasEachOfTheOthersOnce() {
        String body = "{\"prompt\":\"the sea\"" + ASKED;
        List<Integer> whole =
                ids(server.post(COMPLETIONS, body + "}").succeeds().at("/choices/0/token_ids"));
        List<JsonNode> pieces = pieces(COMPLETIONS, body);
        assertThat(ids(pieces.getFirst().at("/choices/0/prompt_token_ids"))).isEqualTo(encoded("the sea"));
        assertThat(written(pieces)).isEqualTo(whole);
        List<JsonNode> turns = pieces(CHAT, CONVERSATION);
        JsonNode answered = server.post(CHAT, CONVERSATION + "}").succeeds();
        assertThat(turns.getFirst().get("prompt_token_ids")).isEqualTo(answered.get("prompt_token_ids"));
        assertThat(turns.subList(1, turns.size())).noneMatch(piece -> piece.has("prompt_token_ids"));
        assertThat(written(turns)).isEqualTo(ids(answered.at("/choices/0/token_ids")));
    }

    private static List<JsonNode> pieces(String path, String body) {
        return TestServer.events(server.post(path, body + ",\"stream\":true}")).stream()
                .filter(event -> !event.equals("[DONE]"))
                .map(TestServer::parse)
                .toList();
    }

    private static List<Integer> written(List<JsonNode> pieces) {
        List<Integer> written = new ArrayList<>();
        pieces.stream()
                .map(piece -> piece.at("/choices/0/token_ids"))
                .filter(JsonNode::isArray)
                .forEach(ids -> written.addAll(ids(ids)));
        return written;
    }

    @Test
    void noneIsThereUnlessItIsAskedFor() {
        String body = server.post(COMPLETIONS, "{\"prompt\":\"a\",\"max_tokens\":1}")
                .succeeds()
                .toString();
        assertThat(body).doesNotContain("token_ids");
    }
}
