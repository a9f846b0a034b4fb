package dev.saiki.rollout.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.http.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class DepthTableTest {

    private final List<JsonNode> pairs = new ArrayList<>();

    private void pair(String tenant, String kind, int tokens, double depth) {
        ObjectNode pair = Json.object().put("tenant", tenant);
        ObjectNode outcome = pair.putObject("outcome").put("kind", kind);
        outcome.putObject("candidate")
                .put("prompt_tokens", tokens - 1)
                .put("completion_tokens", 1)
                .put("mean_depth", depth)
                .put("flops_share", depth / 4);
        pairs.add(pair);
    }

    @Test
    void eachAnswerCountsByItsTokens() {
        pair("ann", "chat", 30, 1);
        pair("ann", "tools", 10, 3);
        pair("ann", "chat", 10, 3);
        pair("", "chat", 10, 2);
        ArrayNode table = DepthTable.of(pairs);
        assertThat(table.valueStream()
                        .map(row -> row.path("tenant").stringValue() + " "
                                + row.path("kind").stringValue()))
                .containsExactly(" chat", "ann chat", "ann tools");
        JsonNode chat = table.path(1);
        assertThat(chat.path("answers").intValue()).isEqualTo(2);
        assertThat(chat.path("tokens").intValue()).isEqualTo(40);
        assertThat(chat.path("mean_depth").doubleValue()).isCloseTo(1.5, within(1e-12));
        assertThat(chat.path("flops_share").doubleValue()).isCloseTo(0.375, within(1e-12));
    }

    @Test
    void whoHasFewTokensStandsInItWithOthers() {
        for (int tenant = 0; tenant < 50; tenant++) {
            pair("t" + tenant, "chat", 100 - tenant, 2);
        }
        ArrayNode table = DepthTable.of(pairs);
        assertThat(table.size()).isEqualTo(DepthTable.TENANTS + 1);
        JsonNode others = table.path(0);
        assertThat(others.path("tenant").stringValue()).isEqualTo("other");
        assertThat(others.path("answers").intValue()).isEqualTo(30);
        assertThat(table.valueStream().map(row -> row.path("tenant").stringValue()))
                .contains("t0", "t19")
                .doesNotContain("t20");
    }

    @Test
    void aCandidateThatSaysNoDepthIsNotInIt() {
        pairs.add(Json.object());
        assertThat(DepthTable.of(pairs).isEmpty()).isTrue();
    }
}
