package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Deepens and trains a model from elsewhere with the recipes for it, and checks the promised properties.
class OwnModelTest {

    @TempDir
    private static Path folder = Path.of("");

    private static OwnModelRuns runs = new OwnModelRuns(Path.of(""));
    private static Path base = Path.of("");
    private static Path texts = Path.of("");
    private static Path data = Path.of("");
    private static Path deepened = Path.of("");

    @BeforeAll
    static void deepen() throws IOException {
        runs = new OwnModelRuns(folder);
        base = TrainedModel.importedTo(folder.resolve("stories"));
        texts = runs.texts(400);
        data = runs.data(texts, base);
        deepened = folder.resolve("deepened");
        runs.train("deepen", base, deepened, "data.dataset=" + data, "schedule.calibrate_tokens=500");
    }

    private static String scores(Path model, String... more) {
        List<Object> words =
                new ArrayList<>(List.of("eval", "score", "--model", model, "--text", "Once upon a time", "--json"));
        words.addAll(List.of(more));
        return CommandRun.of(words.toArray()).succeeds().out();
    }

    @Test
    @Timeout(120)
    void onePassOfTheDeepenedModelWritesWhatTheBaseWrites() {
        for (String engine : List.of("torch", "cpu")) {
            String ofBase = scores(base, "--engine", engine);
            assertThat(scores(deepened, "--engine", engine, "--max-depth", "1")).isEqualTo(ofBase);
            assertThat(scores(deepened, "--engine", engine, "--effort", "0")).isEqualTo(ofBase);
            assertThat(scores(deepened, "--engine", engine, "--effort", "1")).isNotEqualTo(ofBase);
        }
    }

    @Test
    void itsCertificateIsShownCheckedAndVoidOnceAWeightHasChanged() throws IOException {
        assertThat(CommandRun.of("certify", "check", "--model", deepened)
                        .succeeds()
                        .out())
                .contains("max_depth 1 equals the base (sha256 ", " bit for bit, by the hashes of the 47 tensors");
        assertThat(CommandRun.of("describe", "--model", deepened).succeeds().out())
                .contains("one pass    max_depth 1 equals the base");
        assertThat(CommandRun.of("describe", "--model", deepened, "--json")
                        .succeeds()
                        .json()
                        .at("/one_pass/holds")
                        .booleanValue())
                .isTrue();
        CheckpointDirectory model = CheckpointDirectory.open(deepened);
        String name = "model.layers.2.self_attn.q_proj.weight";
        StoredTensor tensor = Objects.requireNonNull(model.tensors().get(name));
        float[] values = tensor.toFloats();
        values[5] = Math.nextUp(values[5]);
        Path changed = folder.resolve("changed");
        model.writeChanged(
                changed,
                model.config(),
                Map.of(name, StoredTensor.ofFloats(name, tensor.shape(), values)),
                model.manifest().orElseThrow());
        CommandRun afterwards = CommandRun.of("certify", "check", "--model", changed, "--json");
        assertThat(afterwards.exitCode()).isEqualTo(1);
        assertThat(afterwards.json().at("/changed/0").stringValue()).isEqualTo(name);
        assertThat(afterwards.json().at("/state").stringValue()).isEqualTo("void");
        Object[] export = {"export", "--format", "gguf", "--max-depth", 1, "--model"};
        assertThat(exported(export, deepened, "exact.gguf").err()).isEmpty();
        assertThat(exported(export, changed, "void.gguf").err())
                .contains("the exported model is not certified to equal the base; void: max_depth 1 equalled the base")
                .hasLineCount(1);
        assertThat(CommandRun.of("describe", "--model", changed).succeeds().out())
                .contains("void: max_depth 1 equalled the base", "since then " + name + " has changed");
        CommandRun.of("certify", "check", "--model", base).isRefused("has no certificate");
        CommandRun.of("verify", "--model", base).isRefused("--against");
    }

    private static CommandRun exported(Object[] words, Path model, String file) {
        return CommandRun.of(Stream.concat(Arrays.stream(words), Stream.of(model, "--out", folder.resolve(file)))
                        .toArray())
                .succeeds();
    }

    @Test
    @Timeout(120)
    void aDeepenedModelIsTaughtConversationsAndThenAnswersInTheirForm() throws IOException {
        Path taught = folder.resolve("taught");
        CommandRun run =
                runs.train("finetune-chat", deepened, taught, "data.conversations.path=" + runs.conversations());
        assertThat(run.out()).contains("(prompts ", ", answers ");
        assertThat(run.err()).contains("the base has no chat template");
        assertThat(taught.resolve("last").resolve("chat_template.jinja")).exists();
        CommandRun check = CommandRun.of("certify", "check", "--model", taught);
        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.out()).contains("none: one pass does not equal the base", "training changed model.");
    }

    @Test
    void textOfTheDomainIsTrainedOn() {
        Path trained = folder.resolve("domain");
        runs.train("finetune-domain", base, trained, "data.dataset=" + data);
        assertThat(CommandRun.of("describe", "--model", trained).succeeds().out())
                .doesNotContain("one pass");
    }

    @Test
    @Timeout(300)
    void theDemonstrationShowsBeforeAndAfterAndGoesOnWhereItWas() throws IOException {
        Path out = folder.resolve("demo");
        CommandRun run = CommandRun.of("demo", "own-model", "--minutes", "0.02", "--text", texts, "--out", out)
                .succeeds();
        assertThat(run.err()).contains("verified: the base computes what PyTorch computed");
        assertThat(run.out())
                .contains(
                        "At effort 0 the deepened model is still the base, bit for bit",
                        "Deepen when the model in use must not change",
                        "effort 0, the base",
                        "effort 0.25",
                        "The control, an adapter with equally many trained parameters, has a loss of",
                        "max_depth 1 equals the base")
                .containsPattern("(?m)^before ")
                .containsPattern("(?m)^after ")
                .containsPattern("\\./saiki serve --model " + Pattern.quote(out + "/runs/deepened-"));
        assertThat(run.out()).containsPattern("(?m)^adapter +1\\.00 +\\d+\\.\\d{3} +[−+]");
        assertThat(out.resolve("report.html")).content().contains("logits equal", "Before and after", "The control");
        String again = CommandRun.of("demo", "own-model", "--text", texts, "--out", out)
                .succeeds()
                .out();
        assertThat(again).isEqualTo(run.out());
        CommandRun.of("demo", "own-model", "--minutes", "0").isRefused("--minutes must be above 0");
    }
}
