package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CertifyEffortCommandTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @TempDir
    static Path folder = Path.of("");

    private static Path prompts = Path.of("");
    private static Path model = Path.of("");

    @BeforeAll
    static void makeAWorld() {
        Workbench bench = Workbench.in(folder);
        model = folder.resolve("dial");
        Path recipe = folder.resolve("dial.yaml");
        Workbench.write(
                recipe,
                Workbench.RECIPE.replace(
                        "type: expert_choice",
                        "type: expert_threshold\n    effort_grid: [0.25, 0.5, 1.0]\n    default_effort: 0.5"));
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        recipe,
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "--seed",
                        7,
                        "--out",
                        model)
                .succeeds();
        prompts = folder.resolve("prompts.jsonl");
        Workbench.write(prompts, conversations(190));
    }

    private static String conversations(int count) {
        Random random = new Random(count);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("{\"messages\":[{\"role\":\"user\",\"content\":\"the sea ")
                    .append(i)
                    .append("\"},{\"role\":\"assistant\",\"content\":\"whale ")
                    .append(random.nextInt(1000))
                    .append("\"}]}\n");
        }
        return lines.toString();
    }

    private static Object[] words(Path out, Object... more) {
        return Stream.concat(
                        Stream.of("certify", "effort", "--model", model, "--prompts", prompts, "--out", out),
                        Stream.of(more))
                .toArray();
    }

    @Test
    void theCheapestEffortThatPassesIsTheDefaultOfACopyWithACertificate() {
        Path out = folder.resolve("certified");
        CommandRun run = CommandRun.of(words(out, "--json")).succeeds();
        assertThat(run.err())
                .contains(
                        "152 conversations test the efforts, and 38 others order them (190 of all are distinct); to"
                                + " pass, an effort needs 149",
                        "if, after 10000 rescored answers without loss, a risk rises to twice the limit, it takes at most"
                                + " 2",
                        "at four times the limit at most 4");
        JsonNode certificate = run.json();
        double effort = certificate.at("/effort").asDouble();
        assertThat(certificate.at("/tests/0/effort").asDouble()).isEqualTo(1);
        assertThat(certificate.at("/tests/0/flipped").asDouble()).isZero();
        assertThat(certificate.at("/prompts/sha256").asString()).hasSize(64);
        JsonNode described =
                CommandRun.of("describe", "--model", out, "--json").succeeds().json();
        assertThat(described.at("/effort_certificate/effort").asDouble()).isEqualTo(effort);
        assertThat(described.at("/effort_certificate/valid").asBoolean()).isTrue();
        assertThat(CommandRun.of("describe", "--model", out).succeeds().out())
                .contains("certified", "at effort " + effort + " both risks are below 0.02 against depth 3");
    }

    @Test
    void ofALargeRiskTheLeastEffortIsEnoughAndAChangedModelVoidsIt() throws IOException {
        Path out = folder.resolve("large");
        assertThat(CommandRun.of(words(out, "--risk", "0.9")).succeeds().out())
                .contains("certified: at effort 0.25 both risks are below 0.9", "copy with the certificate in " + out);
        Path config = out.resolve("config.json");
        String before = Files.readString(config);
        assertThat(MAPPER.readTree(before).at("/routing/default_effort").asDouble())
                .isEqualTo(0.25);
        CommandRun.of("serve", "--model", out, "--effort", "certified", "--weights", "int8")
                .isRefused("of effort 0.25 is void: the effort was tested with weights in float32, not in int8");
        ObjectNode changed = (ObjectNode) MAPPER.readTree(before);
        ((ObjectNode) changed.get("routing")).put("default_effort", 0.5);
        Files.writeString(config, changed.toString());
        CommandRun.of("serve", "--model", out, "--effort", "certified")
                .isRefused(out.toString(), "is void: weights, thresholds or configuration have changed");
        assertThat(CommandRun.of("describe", "--model", out).succeeds().out())
                .contains("void: weights, thresholds or configuration have changed since");
        Files.writeString(config, before);
        Path file = out.resolve("manifest.json");
        ObjectNode manifest = (ObjectNode) MAPPER.readTree(Files.readString(file));
        ((ObjectNode) manifest.get("metrics")).put(Manifest.REFERENCE_DEPTH, 2);
        Files.writeString(file, manifest.toString());
        CommandRun.of("serve", "--model", out, "--effort", "certified")
                .isRefused("the effort was tested against depth 3, and the reference depth is now 2");
    }

    /// A conversation that is three quarters of the traffic is three quarters of the test.
    @Test
    void repeatedConversationsCountAsOftenAsTheyCome() {
        Path repeated = folder.resolve("repeated.jsonl");
        Workbench.write(repeated, conversations(50) + conversations(1).repeat(150));
        CommandRun run = CommandRun.of(
                        "certify",
                        "effort",
                        "--model",
                        model,
                        "--prompts",
                        repeated,
                        "--out",
                        folder.resolve("of-repeated"),
                        "--risk",
                        "0.9",
                        "--json")
                .succeeds();
        assertThat(run.err()).contains("160 conversations test the efforts, and 40 others order them (51 of all");
        assertThat(run.json().at("/prompts/tested").asInt()).isEqualTo(160);
    }

    @Test
    void theEngineCertifiesItsOwnNumberFormats() {
        Path out = folder.resolve("int8");
        JsonNode certificate = CommandRun.of(words(out, "--risk", "0.5", "--weights", "int8", "--json"))
                .succeeds()
                .json();
        assertThat(certificate.at("/weights").asString()).isEqualTo("int8");
    }

    @Test
    void wrongUseIsRefusedInOneLine() {
        Path out = folder.resolve("none");
        CommandRun.of("serve", "--model", model, "--effort", "certified")
                .isRefused("the model has no effort certificate", "run saiki certify effort");
        CommandRun.of(words(out, "--confidence", "0.99"))
                .isRefused("need at least 285 conversations, 228 of them for the tests", "got 190");
        CommandRun.of(words(out, "--efforts", "0.1")).isRefused("an effort must be from 0.25", "got 0.1");
        CommandRun.of(words(out, "--risk", "2")).isRefused("--risk must be above 0 and below 1, got 2.0");
        CommandRun.of("certify", "effort", "--model", folder.resolve("model"), "--prompts", prompts, "--out", out)
                .isRefused("routing.type must be expert_threshold, which has effort control, got expert_choice");
        assertThat(out).doesNotExist();
    }
}
