package dev.saiki.server.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.testkit.TinyModels;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class EffortLevelTest {

    private static final List<String> WORDS = List.of("none", "minimal", "low", "medium", "high", "xhigh", "max");

    private static JsonNode word(String text) {
        return Json.object().put("word", text).get("word");
    }

    private static Stream<RouteSettings> routes(ModelConfig config) {
        return WORDS.stream().map(word -> {
            RouteSettings.Builder route = RouteSettings.builder();
            EffortLevel.read(word(word), "reasoning_effort").apply(route, config);
            return route.build();
        });
    }

    @Test
    void withTheDialItIsTheDial() {
        assertThat(routes(TinyModels.expertThreshold(KeyValueSharing.NONE))
                        .map(route -> route.effort().orElse(-1)))
                .containsExactly(0.0, 0.25, 0.375, 0.5, 1.0, 1.0, 1.0);
    }

    @Test
    void withoutItIsABoundOnTheRecursions() {
        assertThat(routes(TinyModels.tokenChoice(KeyValueSharing.NONE))
                        .map(route -> route.bounds().max().orElse(-1)))
                .containsExactly(1, 1, 2, -1, 3, 3, 3);
        assertThat(routes(TinyModels.vanilla())
                        .map(route -> route.bounds().max().orElse(-1)))
                .containsExactly(1, 1, 1, -1, 1, 1, 1);
    }

    @Test
    void anotherWordIsNamed() {
        for (JsonNode wrong : List.of(word("much"), Json.object())) {
            assertThatThrownBy(() -> EffortLevel.read(wrong, "reasoning_effort"))
                    .isInstanceOf(ApiException.class)
                    .hasMessageStartingWith(
                            "reasoning_effort must be one of none, minimal, low, medium, high, xhigh, max");
        }
    }
}
