package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A model whose core was trained too, with its base as the teacher, and the certificate of its first pass.
class CertifyBaseCommandTest {

    private static final String CORE = "model.layers.2.mlp.up_proj.weight";

    private static final String VANILLA = """
            model:
              hidden_size: 32
              intermediate_size: 64
              num_hidden_layers: 4
              num_attention_heads: 2
              num_key_value_heads: 1
              head_dim: 16
              vocab_size: 280
              max_position_embeddings: 64
              tie_word_embeddings: true
            schedule: {steps: 1}
            """;

    private static final String DEEPENED = """
            model:
              recursion: {sharing: middle_cycle, num_recursions: 2, step_gates: true}
              routing: {type: expert_threshold, effort_grid: [0.5, 1.0], default_effort: 0.5}
            """ + Workbench.RECIPE.substring(Workbench.RECIPE.indexOf("optimizer:"));

    @TempDir
    private static Path folder = Path.of("");

    private static Path base = Path.of("");
    private static Path data = Path.of("");
    private static Path recipe = Path.of("");

    @BeforeAll
    static void makeAWorld() {
        Workbench bench = Workbench.in(folder);
        data = bench.data();
        Path vanilla = folder.resolve("vanilla.yaml");
        Workbench.write(vanilla, VANILLA);
        base = folder.resolve("base");
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        vanilla,
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "--seed",
                        3,
                        "--out",
                        base)
                .succeeds();
        recipe = folder.resolve("deepened.yaml");
        Workbench.write(recipe, DEEPENED);
    }

    private static Path deepened(String name, String... changes) {
        Path out = folder.resolve(name);
        Object[] words = new Object[9 + changes.length];
        Object[] first = {
            "train", "--recipe", recipe, "--init-from", base, "--out", out, "--set", "data.dataset=" + data
        };
        System.arraycopy(first, 0, words, 0, first.length);
        System.arraycopy(changes, 0, words, first.length, changes.length);
        CommandRun.of(words).succeeds();
        return out;
    }

    private static CommandRun certify(Path model, Path from) {
        return CommandRun.of("certify", "base", "--model", model, "--base", from, "--dataset", data);
    }

    private static CommandRun verify(Path model) {
        return CommandRun.of("certify", "check", "--model", model);
    }

    private static String described(Path model) {
        return CommandRun.of("describe", "--model", model).succeeds().out();
    }

    @Test
    void theMeasuredDifferenceIsCertifiedUntilAWeightOfOnePassChanges() throws IOException {
        Path model = deepened("held", "objective.teacher.dataset=" + data, "optimizer.learning_rate=0.01");
        CommandRun before = verify(model);
        assertThat(before.exitCode()).isEqualTo(1);
        assertThat(before.out())
                .contains("none: one pass does not equal the base", "saiki certify base measures the difference");
        assertThat(described(model)).contains("teacher     trained with the predictions of " + base);

        JsonNode measured = CommandRun.of(
                        "certify", "base", "--model", model, "--base", base, "--dataset", data, "--json")
                .succeeds()
                .json();
        double mean = measured.at("/difference/mean").asDouble();
        assertThat(mean)
                .isNotZero()
                .isCloseTo(
                        measured.at("/loss").asDouble()
                                - measured.at("/base_loss").asDouble(),
                        within(1e-9));
        assertThat(measured.at("/difference/low").asDouble()).isLessThan(mean);
        assertThat(measured.at("/difference/high").asDouble()).isGreaterThan(mean);
        assertThat(measured.at("/text/tokens").asLong()).isGreaterThan(100);
        assertThat(measured.at("/text/sha256").stringValue()).hasSize(64);
        assertThat(measured.at("/tensors").propertyNames()).contains(CORE);

        String line = "max_depth 1 has a loss of ";
        CommandRun again = certify(model, base).succeeds();
        assertThat(again.out()).contains("one pass    " + line, "(95% interval ");
        assertThat(again.err().lines()).hasSize(2).first().asString().matches("the base: ([\\d,]+)/\\1 tokens scored");
        assertThat(again.err()).containsPattern("one pass: ([\\d,]+)/\\1 tokens scored");
        assertThat(verify(model).succeeds().out()).contains(line);
        assertThat(described(model)).contains(line);

        double high = measured.at("/difference/high").asDouble();
        assertThat(verify(model).succeeds().out())
                .containsPattern("loss        [-+]\\d\\.\\d{4} nats a token against the base");
        Object[] check = {"certify", "check", "--model", model, "--max-loss"};
        bounded(check, high + 1e-6).succeeds();
        CommandRun over = bounded(check, high - 1e-3);
        assertThat(over.exitCode()).isEqualTo(1);
        assertThat(over.out()).contains("exceeds --max-loss");
        bounded(check, Double.NaN).isRefused("--max-loss must be a number, got NaN");
        JsonNode known =
                CommandRun.of("describe", "--model", model, "--json").succeeds().json();
        assertThat(known.at("/one_pass/state").stringValue()).isEqualTo("measured");

        assertThat(verify(changed(model, "model.step_gates")).exitCode()).isZero();
        assertThat(verify(changed(model, "model.routers.1.weight")).exitCode()).isZero();
        Path moved = changed(model, CORE);
        assertThat(verify(moved).exitCode()).isEqualTo(1);
        assertThat(verify(moved).out()).contains("void, since " + CORE + " has changed: " + line);
        assertThat(described(moved)).contains("void, since " + CORE);
        JsonNode json =
                CommandRun.of("describe", "--model", moved, "--json").succeeds().json();
        assertThat(json.at("/one_pass/holds").booleanValue()).isFalse();
        assertThat(json.at("/one_pass/state").stringValue()).isEqualTo("void");
        assertThat(json.at("/one_pass/changed/0").stringValue()).isEqualTo(CORE);
        assertThat(json.at("/one_pass/difference/difference/mean").asDouble()).isEqualTo(mean);
    }

    private static CommandRun bounded(Object[] words, double nats) {
        return CommandRun.of(
                Stream.concat(Arrays.stream(words), Stream.of(nats)).toArray());
    }

    /// A copy in which the last bit of one number is flipped.
    private static Path changed(Path model, String name) throws IOException {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        StoredTensor tensor = Objects.requireNonNull(checkpoint.tensors().get(name));
        float[] values = tensor.toFloats();
        values[values.length - 1] = Math.nextUp(values[values.length - 1]);
        Path changed = folder.resolve("changed-" + name);
        checkpoint.writeChanged(
                changed,
                checkpoint.config(),
                Map.of(name, StoredTensor.ofFloats(name, tensor.shape(), values)),
                checkpoint.manifest().orElseThrow());
        return changed;
    }

    @Test
    void whatHasNothingToMeasureIsRefused() {
        Path frozen = deepened("frozen", "optimizer.trained=[model.step_gates, model.routers.*]");
        certify(frozen, base).isRefused("with one pass, the model equals its base bit for bit");
        certify(base, base).isRefused("the manifest must name the base that was deepened");
        Path core = deepened("core");
        certify(core, folder.resolve("model"))
                .isRefused("the base must be the model that", "was deepened from (sha256 ");
    }

    @Test
    void aRecipeWithATeacherIsDescribed() {
        assertThat(CommandRun.of(
                                "describe",
                                "--recipe",
                                recipe,
                                "--set",
                                "initialisation.from=" + base,
                                "objective.teacher.dataset=" + data)
                        .succeeds()
                        .out())
                .contains(
                        "including the teacher",
                        "1 sequence per step of " + data + " in addition to 2 of the run, at depth 1");
    }
}
