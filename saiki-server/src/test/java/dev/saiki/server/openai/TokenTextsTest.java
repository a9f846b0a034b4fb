package dev.saiki.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.Token;
import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.http.Json;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TokenTextsTest {

    private static final int ALTERNATIVES = 20;
    private static final int TOKENS = 50;
    private static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the sea").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    private static List<Token> tokens() {
        List<TokenLogprob> likeliest = IntStream.range(0, ALTERNATIVES)
                .mapToObj(rank -> new TokenLogprob(60 + rank, -1.5 - rank))
                .toList();
        return IntStream.range(0, TOKENS)
                .mapToObj(position -> new Token(position, 90, "z", -9.25, 1, likeliest))
                .toList();
    }

    private static int numNodes(JsonNode node) {
        return 1 + node.values().stream().mapToInt(TokenTextsTest::numNodes).sum();
    }

    private static JsonNode read(JsonNode node) {
        return Json.read(Json.bytes(node));
    }

    /// A node takes many times the memory of the text that it is sent as, and strangers choose how many there are.
    @Test
    void whatIsNamedInPlaceOfATokenIsHeldAsTheTextThatIsSent() {
        TokenTexts texts = new TokenTexts(TOKENIZER);
        JsonNode chat = texts.content(tokens());
        assertThat(numNodes(chat)).isLessThan(TOKENS + 10);
        assertThat(numNodes(read(chat))).isGreaterThan(TOKENS * ALTERNATIVES);
        JsonNode lists = texts.lists(tokens(), 0);
        assertThat(numNodes(lists)).isLessThan(4 * TOKENS + 10);
        assertThat(numNodes(read(lists))).isGreaterThan(TOKENS * ALTERNATIVES);
    }

    @Test
    void everyTokenIsToldWithThoseInItsPlace() {
        TokenTexts texts = new TokenTexts(TOKENIZER);
        JsonNode content = read(texts.content(tokens())).get("content");
        assertThat(content).hasSize(TOKENS);
        for (JsonNode entry : content) {
            assertThat(entry.get("logprob").doubleValue()).isEqualTo(-9.25);
            assertThat(entry.get("top_logprobs")).hasSize(ALTERNATIVES);
            assertThat(entry.at("/top_logprobs/3/logprob").doubleValue()).isEqualTo(-4.5);
        }
        JsonNode likeliest = read(texts.lists(tokens(), 0)).get("top_logprobs");
        assertThat(likeliest).hasSize(TOKENS);
        assertThat(likeliest.get(TOKENS - 1)).hasSize(ALTERNATIVES + 1);
    }
}
