package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.settings.ReloadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Compares the API's description with the API.
class OpenApiTest {

    private static final Set<String> OBJECTS = Set.of(
            "stream_options",
            "logit_bias",
            "response_format",
            "structured_outputs",
            "text",
            "depths",
            "reasoning",
            "chat_template_kwargs",
            "prediction");

    /// A schema of a request, and the least that one has.
    private record Described(String schema, String path, String needed, String rest) {}

    private static final List<Described> DESCRIBED = List.of(
            new Described("CompletionRequest", "/v1/completions", "prompt", "\"prompt\":\"a\""),
            new Described("EmbeddingRequest", "/v1/embeddings", "input", "\"input\":\"a\""),
            new Described("InspectRequest", "/inspect", "prompt", "\"prompt\":\"a\""),
            new Described("ResponseRequest", "/v1/responses", "input", "\"input\":\"a\""),
            new Described(
                    "ChatRequest",
                    "/v1/chat/completions",
                    "messages",
                    "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"));

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static JsonNode document;

    @BeforeAll
    static void start() {
        server = TestServer.in(
                folder,
                EngineOptions.builder().threads(1).build(),
                options -> options.reload(new ReloadOptions(folder.resolve("model"), true, false)));
        document = server.get("/openapi.json").succeeds();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void itHasAllOperationsAndNoOthers() {
        List<String> described = new ArrayList<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .propertyNames()
                        .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(described)
                .containsExactlyInAnyOrderElementsOf(server.server().operations());
    }

    @Test
    void itHasTheProgramsVersionAndATagForEachOperation() {
        assertThat(document.at("/info/version").stringValue()).isEqualTo(Manifest.currentVersion());
        List<String> known = document.get("tags")
                .valueStream()
                .map(tag -> tag.get("name").stringValue())
                .toList();
        Set<String> used = new TreeSet<>();
        document.get("paths").valueStream().flatMap(JsonNode::valueStream).forEach(operation -> {
            assertThat(operation.get("tags")).hasSize(1);
            used.add(operation.at("/tags/0").stringValue());
        });
        assertThat(used).containsExactlyInAnyOrderElementsOf(known);
    }

    /// Sends requests as a browser does when "Execute" is pressed: with the examples of parameters and bodies.
    @Test
    void itsExamplesAreAnswered(@TempDir Path other) throws IOException {
        try (TestServer whole = TestServer.in(
                other,
                EngineOptions.builder().threads(1).build(),
                options -> options.reload(new ReloadOptions(other.resolve("model"), true, false))
                        .audit(AuditOptions.of(
                                AuditLocation.parse(other.resolve("audit.db").toString()))))) {
            TestServer.TOKENIZER.save(other.resolve("model").resolve("tokenizer.json"));
            JsonNode described = whole.get("/openapi.json").succeeds();
            described
                    .get("paths")
                    .properties()
                    .forEach(path -> path.getValue().properties().forEach(operation -> {
                        TestServer.Answer answer = execute(whole, path.getKey(), operation);
                        assertThat(answer.status())
                                .as(
                                        "%s %s: %s",
                                        operation.getKey(),
                                        path.getKey(),
                                        answer.raw().body())
                                .isIn(200, 307);
                    }));
        }
    }

    private static TestServer.Answer execute(TestServer server, String path, Map.Entry<String, JsonNode> operation) {
        String filled = path;
        for (JsonNode parameter : operation.getValue().path("parameters")) {
            if (parameter.get("in").stringValue().equals("path")) {
                filled = filled.replace(
                        "{" + parameter.get("name").stringValue() + "}",
                        parameter.get("example").stringValue());
            }
        }
        JsonNode body = operation.getValue().at("/requestBody/content/application~1json/example");
        return operation.getKey().equals("get")
                ? server.get(filled)
                : server.post(filled, body.isMissingNode() ? "" : body.toString());
    }

    @Test
    void itsReferencesLeadSomewhere() {
        List<String> references = new ArrayList<>();
        document.findValues("$ref").forEach(reference -> references.add(reference.stringValue()));
        assertThat(references)
                .hasSizeGreaterThan(10)
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    /// A field that is described is read: a value of the wrong kind for it is refused by its name.
    @Test
    void itsFieldsAreRead() {
        int checked = 0;
        for (Described described : DESCRIBED) {
            String path = described.path();
            for (String field : document.at("/components/schemas/" + described.schema() + "/properties")
                    .propertyNames()) {
                String others = field.equals(described.needed()) ? "" : "," + described.rest();
                // Sampling is of what is written after a text.
                others += path.equals("/inspect") && !field.equals("max_tokens") ? ",\"max_tokens\":1" : "";
                String wrong = "{\"" + field + "\":{\"a\":[{}]}" + others + "}";
                if (OBJECTS.contains(field)) {
                    wrong = "{\"" + field + "\":7" + others + "}";
                }
                server.post(path, wrong).isRefused(field, "must be");
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(40);
    }
}
