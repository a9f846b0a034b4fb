package dev.saiki.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whole conversations, rendered by the templates of published models, equal Jinja's output byte for byte. Some
/// templates are part of the project; `-DchatTemplates=FOLDER` names a folder with the others, which cannot be
/// included because of their licences: llama.cpp's sources contain it (models/templates).
class PublishedTemplatesTest {

    private static final Path FOLDER = Path.of("..", "golden", "templates");
    private static final JsonNode GOLDEN = JsonMapper.shared().readTree(FOLDER.resolve("published.json"));
    private static final Clock CLOCK =
            Clock.fixed(LocalDateTime.parse(GOLDEN.get("now").stringValue()).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

    /// A published template, and Jinja's output.
    record Published(JsonNode golden) {
        @Override
        public String toString() {
            return golden.get("name").stringValue();
        }

        String file() {
            return golden.get("file").stringValue();
        }

        String source() throws IOException {
            Path own = FOLDER.resolve("published").resolve(file());
            String named = System.getProperty("chatTemplates", "");
            assumeTrue(Files.exists(own) || !named.isEmpty(), "no -DchatTemplates=FOLDER with " + file());
            return Files.readString(Files.exists(own) ? own : Path.of(named, file()))
                    .replace("\r\n", "\n");
        }

        Map<String, JsonNode> variables(JsonNode each) {
            JsonNode conversation =
                    GOLDEN.get("conversations").get(each.get("conversation").stringValue());
            Map<String, JsonNode> variables = new LinkedHashMap<>();
            for (JsonNode some : List.of(golden.get("tokens"), each.get("settings"), conversation)) {
                some.properties().forEach(field -> variables.put(field.getKey(), field.getValue()));
            }
            return variables;
        }
    }

    static Stream<Published> templates() {
        return GOLDEN.get("templates").values().stream().map(Published::new);
    }

    private static String hash(String text) {
        return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void aConversationIsWrittenDownAsJinjaWritesIt(Published published) throws IOException {
        String source = published.source();
        assertThat(hash(source)).isEqualTo(published.golden().get("sha256").stringValue());
        ChatTemplate template = ChatTemplate.parse(source, published.file(), CLOCK);
        for (JsonNode each : published.golden().get("cases").values()) {
            String name = each.get("conversation") + " " + each.get("settings");
            Map<String, JsonNode> variables = published.variables(each);
            if (each.has("refused")) {
                assertThatThrownBy(() -> template.render(variables)).as(name).isInstanceOf(InputException.class);
            } else if (each.has("text")) {
                assertThat(template.render(variables))
                        .as(name)
                        .isEqualTo(each.get("text").stringValue());
            } else {
                assertThat(hash(template.render(variables)))
                        .as(name)
                        .isEqualTo(each.get("sha256").stringValue());
            }
        }
    }
}
