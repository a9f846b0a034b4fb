package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.ModelFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The table of model families in the documentation, made of what the tests compare.
class FamilyTableTest {

    private static final Path PAGE = Path.of("..", "docs", "bring-your-model.md");
    private static final Path GOLDEN = Path.of("..", "golden", "families");

    @Test
    void thePageShowsWhatIsCompared() throws IOException {
        Map<String, Long> golden = countByType(configurations(GOLDEN));
        Map<String, Long> beside = countByType(RandomFamilies.all()
                .map(arguments -> (ObjectNode) arguments.get()[1])
                .toList());
        List<String> lines = new ArrayList<>(
                List.of("| `model_type` | models beside PyTorch | beside llama.cpp |", "|---|---|---|"));
        for (ModelFamily family : ModelFamily.values()) {
            lines.add("| `%s` | %d | %s |"
                    .formatted(
                            family.key(),
                            golden.getOrDefault(family.key(), 0L),
                            beside.containsKey(family.key()) ? beside.get(family.key()) : "none"));
        }
        assertThat(Files.readString(PAGE)).contains(String.join("\n", lines) + "\n");
    }

    @Test
    void everyFamilyHasFourModelsBesidePyTorch() throws IOException {
        Map<String, Long> golden = countByType(configurations(GOLDEN));
        assertThat(Arrays.stream(ModelFamily.values()).map(ModelFamily::key))
                .allSatisfy(
                        key -> assertThat(golden.getOrDefault(key, 0L)).as(key).isGreaterThanOrEqualTo(4));
    }

    private static List<ObjectNode> configurations(Path folder) throws IOException {
        try (Stream<Path> models = Files.list(folder)) {
            List<ObjectNode> configurations = new ArrayList<>();
            for (Path model : models.toList()) {
                configurations.add(
                        (ObjectNode) JsonMapper.shared().readTree(Files.readString(model.resolve("config.json"))));
            }
            return configurations;
        }
    }

    private static Map<String, Long> countByType(List<ObjectNode> configurations) {
        return configurations.stream()
                .map(json -> json.get("model_type"))
                .map(JsonNode::asString)
                .collect(Collectors.groupingBy(type -> type, Collectors.counting()));
    }
}
