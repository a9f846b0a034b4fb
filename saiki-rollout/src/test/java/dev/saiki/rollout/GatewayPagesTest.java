package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.RequestKind;
import dev.saiki.rollout.plan.RolloutState;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// The rollout page in its languages, and a comparison of the API's description with the API.
class GatewayPagesTest {

    private static final Set<String> OF_MODELS =
            Set.of("POST /v1/chat/completions", "POST /v1/completions", "POST /v1/responses", "POST /v1/embeddings");

    private static final String INSPECTION = """
            {"object": "inspection", "num_recursions": 2, "tokens": [
              {"position": 0, "id": 7, "text": "Hel", "depth": 1, "predictions": []},
              {"position": 1, "id": 8, "text": "lo", "depth": 2, "predictions": []}]}
            """;

    private static final Pattern WORD = Pattern.compile("word\\(\"([\\w.]+)\"[,)]");

    @TempDir
    private static Path folder;

    private static ScriptedEndpoint baseline;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        baseline = ScriptedEndpoint.start((exchange, body) -> {
            if (exchange.path().equals("/inspect")) {
                exchange.send(200, Json.CONTENT_TYPE, INSPECTION.getBytes(StandardCharsets.UTF_8));
            } else {
                ScriptedEndpoint.say(exchange, body, "Hello");
            }
        });
        gateway = Gateway.start(Plans.between(baseline, baseline.url())
                .stage(RolloutState.SHADOW, 0.5)
                .stage(RolloutState.CANARY, 0.5)
                .manual()
                .in(folder));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        baseline.close();
    }

    private static GatewayClient client() {
        return GatewayClient.of(gateway);
    }

    @Test
    void theDocumentHasAllOperationsAndNoOthers() throws Exception {
        List<String> described = new ArrayList<>();
        client().json("/openapi.json")
                .path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .propertyNames()
                        .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        Set<String> operations = new TreeSet<>(gateway.operations());
        operations.addAll(OF_MODELS);
        assertThat(described).containsExactlyInAnyOrderElementsOf(operations);
    }

    @Test
    void itsReferencesLeadSomewhereAndItsTagsAreKnown() throws Exception {
        JsonNode document = client().json("/openapi.json");
        List<String> references = new ArrayList<>();
        document.findValues("$ref").forEach(reference -> references.add(reference.stringValue()));
        assertThat(references)
                .hasSizeGreaterThan(10)
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
        List<String> tags = document.path("tags")
                .valueStream()
                .map(tag -> tag.path("name").stringValue())
                .toList();
        document.path("paths")
                .valueStream()
                .flatMap(JsonNode::valueStream)
                .forEach(operation ->
                        assertThat(operation.at("/tags/0").stringValue()).isIn(tags));
    }

    /// As somebody sends it who copies the examples of the document; an id of an answer is not known, and
    /// nothing else is refused.
    @Test
    void itsExamplesAreAnswered() throws Exception {
        for (Map.Entry<String, JsonNode> path :
                client().json("/openapi.json").path("paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                String filled = path.getKey();
                for (JsonNode parameter : operation.getValue().path("parameters")) {
                    filled = filled.replace(
                            "{" + parameter.path("name").stringValue() + "}",
                            parameter.path("example").asString(""));
                }
                JsonNode body = operation.getValue().at("/requestBody/content/application~1json/example");
                HttpResponse<String> answer = operation.getKey().equals("get")
                        ? client().get(filled)
                        : client().post(filled, body.toString());
                if (filled.equals("/rollout/adjust")) {
                    // The candidate of this test has no thresholds.
                    assertThat(answer.statusCode()).as(answer.body()).isNotIn(404, 405, 500);
                    continue;
                }
                assertThat(answer.statusCode())
                        .as("%s %s: %s", operation.getKey(), filled, answer.body())
                        .isEqualTo(filled.equals("/v1/feedback") ? 404 : 200);
            }
        }
    }

    @Test
    void theCandidateTellsHowDeepItsTokensGo() throws Exception {
        JsonNode depths = Json.read(
                client().post("/rollout/depths", "{\"text\":\"Hello\"}").body().getBytes(StandardCharsets.UTF_8));
        assertThat(depths.toString())
                .isEqualTo("{\"num_recursions\":2,\"tokens\":[{\"text\":\"Hel\",\"depth\":1},"
                        + "{\"text\":\"lo\",\"depth\":2}]}");
        ScriptedEndpoint.Seen asked = baseline.seen().stream()
                .filter(seen -> seen.path().equals("/inspect"))
                .findFirst()
                .orElseThrow();
        assertThat(asked.body().path("prompt").stringValue()).isEqualTo("Hello");
        assertThat(asked.body().path("effort").doubleValue()).isPositive();
        assertThat(asked.headers().get("Authorization")).containsExactly("Bearer candidate-key");
        assertThat(client().get("/page/depths.css?recursions=2").body()).contains(".d2");
    }

    /// Every field of an answer is described.
    @Test
    void itDescribesWhatTheStateSays() throws Exception {
        JsonNode schemas = client().json("/openapi.json").at("/components/schemas");
        JsonNode status = client().json("/rollout");
        assertThat(schemas.at("/Status/properties").propertyNames()).containsAll(status.propertyNames());
        assertThat(schemas.at("/GateEvidence/properties").propertyNames())
                .containsAll(status.at("/evidence/0").propertyNames());
        assertThat(schemas.at("/Health/properties").propertyNames())
                .containsAll(client().json("/health").propertyNames());
    }

    private static HttpResponse<String> page(String query, String language) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/" + query))
                            .header("Accept-Language", language)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', en, en, Decisions",
        "'', 'ja,en;q=0.5', ja, 判断の記録",
        "?lang=ja, en, ja, 判断の記録",
        "'', de, en, Decisions"
    })
    void thePageIsInTheLanguageThatIsNamedOrPreferred(String query, String preferred, String language, String heading)
            throws Exception {
        HttpResponse<String> answer = page(query, preferred);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Language")).contains(language);
        assertThat(answer.body())
                .contains("<html lang=\"" + language + "\">", heading, "?lang=" + (language.equals("en") ? "ja" : "en"))
                .doesNotContain("{");
    }

    @Test
    void everyPartOfThePageIsThere() throws Exception {
        for (String name : List.of(
                "rollout.js", "elements.js", "words.js", "words.en.js", "words.ja.js", "pages.css", "uPlot.esm.js")) {
            assertThat(client().get("/page/" + name).statusCode()).as(name).isEqualTo(200);
        }
        assertThat(client().get("/page/none.js").statusCode()).isEqualTo(404);
    }

    @Test
    void bothLanguagesHaveAllWordsThatThePageAsksFor() throws IOException {
        JsonNode english = words("en");
        assertThat(words("ja").propertyNames()).containsExactlyElementsOf(english.propertyNames());
        List<String> asked = WORD.matcher(resource("rollout.js"))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(asked).hasSizeGreaterThan(10);
        assertThat(english.propertyNames()).containsAll(asked);
        for (RolloutState state : RolloutState.values()) {
            assertThat(english.propertyNames()).contains("state." + state.word());
        }
        for (RequestKind kind : RequestKind.values()) {
            assertThat(english.propertyNames()).contains("kind." + kind.word());
        }
    }

    private static JsonNode words(String language) throws IOException {
        return Json.read(resource("words." + language + ".json").getBytes(StandardCharsets.UTF_8));
    }

    private static String resource(String name) throws IOException {
        try (InputStream input = Gateway.class.getResourceAsStream("page/" + name)) {
            return new String(Objects.requireNonNull(input, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
