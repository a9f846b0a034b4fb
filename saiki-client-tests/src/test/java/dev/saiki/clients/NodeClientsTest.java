package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JavaScript clients, each of which has exactly the features in its row of `docs/clients.md`.
@Tag("clients")
@Tag("installed")
@Needs(Program.NPM)
class NodeClientsTest {

    @TempDir
    private Path folder;

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        NodeClients.install();
    }

    static Stream<String> clients() throws IOException {
        return NodeClients.names();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aClientDoesWhatItsRowSays(String name) throws IOException, InterruptedException {
        try (ServerForClients server = ServerForClients.roomy(folder.resolve("usual"));
                ServerForClients strict = ServerForClients.strict(folder.resolve("strict"))) {
            JsonNode told = outcomes(name, server.baseUrl(), strict.baseUrl());
            List<String> packages = told.get("packages")
                    .valueStream()
                    .map(JsonNode::stringValue)
                    .toList();
            Map<Feature, ClientTable.Cell> cells = new EnumMap<>(Feature.class);
            for (Feature feature : Feature.values()) {
                JsonNode outcome = told.at("/outcomes/" + feature.label());
                assertThat(outcome.path("failed").stringValue(""))
                        .as(name + ": " + feature)
                        .isEmpty();
                cells.put(feature, cell(outcome));
            }
            assertThat(ClientTable.lines()).contains(ClientTable.row(ClientTable.versions(packages), cells));
        }
    }

    private static ClientTable.Cell cell(JsonNode outcome) {
        if (outcome.has("passed")) {
            return ClientTable.Cell.YES;
        }
        assertThat(outcome.has("absent") || outcome.has("fails")).isTrue();
        return outcome.has("absent") ? ClientTable.Cell.ABSENT : ClientTable.Cell.NO;
    }

    private static JsonNode outcomes(String name, String url, String strict) throws IOException, InterruptedException {
        String output = NodeClients.run(name, Map.of("SAIKI_URL", url, "SAIKI_STRICT_URL", strict));
        String last = output.lines().reduce("", (_, line) -> line);
        assertThat(last).as(output).startsWith("{");
        return JsonMapper.shared().readTree(last);
    }
}
