package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// The certificate of the first pass of a deepened model.
class OnePassCertificateTest {

    private static final String AFTER_MODEL = TinyRun.VANILLA.substring(TinyRun.VANILLA.indexOf("optimizer:"));

    private static final String DEEPENED = """
            model:
              recursion: {sharing: middle_cycle, num_recursions: 2, entry_layers: 3, exit_layers: 2, step_gates: true}
              routing: {type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5}
            """ + AFTER_MODEL;

    private static final String FURTHER_PASSES = "optimizer.trained=[model.step_gates, model.routers.*]";
    private static final String CORE = "model.layers.4.mlp.up_proj.weight";

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");
    private static Path base = Path.of("");
    private static Path deepened = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void deepen() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        dataset = TinyRun.prepareData(shared.resolve("data"));
        base = shared.resolve("base");
        train(TinyRun.recipe(TinyRun.VANILLA, dataset), base);
        deepened = shared.resolve("deepened");
        train(from(base, DEEPENED, FURTHER_PASSES), deepened);
    }

    private static void train(Recipe recipe, Path run) throws IOException {
        new Trainer(recipe, run, TrainingListener.SILENT).run(false);
    }

    private static Recipe from(Path start, String yaml, String trained) {
        return TinyRun.recipe(yaml, dataset, "initialisation.from=" + start, trained);
    }

    private static Optional<OnePassCertificate> certificate(Path model) {
        return CheckpointDirectory.open(model)
                .manifest()
                .orElseThrow()
                .provenance()
                .onePass();
    }

    private static List<String> changed(Path model) {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        return certificate(model)
                .orElseThrow()
                .changed(checkpoint.config(), checkpoint.tensors().values());
    }

    @Test
    void onePassOfAModelWhoseCoreIsFrozenIsCertified() {
        assertThat(certificate(base)).isEmpty();
        for (String name : List.of("last", "best")) {
            Path model = deepened.resolve(name);
            OnePassCertificate issued = certificate(model).orElseThrow();
            assertThat(issued.isIssued()).isTrue();
            assertThat(issued.base()).isEqualTo(ContentHash.of(CheckpointDirectory.open(base)));
            assertThat(issued.tensors().keySet())
                    .isEqualTo(CheckpointDirectory.open(base).tensors().keySet());
            assertThat(changed(model)).isEmpty();
        }
    }

    @Test
    void aChangedWeightOrConfigurationThatOnePassUsesVoidsItByName() throws IOException {
        CheckpointDirectory model = CheckpointDirectory.open(deepened);
        assertThat(changed(withChanged(model, CORE, model.config()))).containsExactly(CORE);
        assertThat(changed(withChanged(model, "model.routers.1.weight", model.config())))
                .isEmpty();
        assertThat(changed(withChanged(model, "model.step_gates", model.config())))
                .isEmpty();
        ObjectNode json = model.config().toJson();
        json.put("rope_theta", 20_000.0);
        assertThat(changed(withChanged(model, "model.step_gates", ModelConfig.fromJson(json, "changed"))))
                .containsExactly(OnePassCertificate.CONFIGURATION);
    }

    private Path withChanged(CheckpointDirectory model, String name, ModelConfig config) throws IOException {
        List<StoredTensor> tensors = model.tensors().values().stream()
                .map(tensor -> tensor.name().equals(name) ? moved(tensor) : tensor)
                .toList();
        Path changed = folder.resolve("changed");
        CheckpointDirectory.write(
                changed,
                config,
                tensors,
                Optional.of(model.tokenizer()),
                model.manifest().orElseThrow());
        return changed;
    }

    /// A copy in which the last bit of one number is flipped.
    private static StoredTensor moved(StoredTensor tensor) {
        float[] values = tensor.toFloats();
        values[values.length - 1] = Math.nextUp(values[values.length - 1]);
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    @Test
    void aModelWhoseCoreWasTrainedSaysThatNothingIsCertified() throws IOException {
        Path run = folder.resolve("core");
        train(from(base, DEEPENED, "optimizer.trained=[model.step_gates, " + CORE + "]"), run);
        OnePassCertificate refused = certificate(run).orElseThrow();
        assertThat(refused.isIssued()).isFalse();
        assertThat(refused.trained()).containsExactly(CORE);
    }

    @Test
    void aModelThatIsTaughtFurtherKeepsTheCertificateOfItsFirstBase() throws IOException {
        Path further = folder.resolve("further");
        train(from(deepened, AFTER_MODEL, FURTHER_PASSES), further);
        OnePassCertificate kept = certificate(further).orElseThrow();
        assertThat(kept.isIssued()).isTrue();
        assertThat(kept.base()).isEqualTo(ContentHash.of(CheckpointDirectory.open(base)));
        Path whole = folder.resolve("whole");
        train(from(deepened, AFTER_MODEL, "data.seed=3"), whole);
        assertThat(certificate(whole).orElseThrow().trained()).contains(CORE);
        Path afterwards = folder.resolve("afterwards");
        train(from(whole, AFTER_MODEL, FURTHER_PASSES), afterwards);
        OnePassCertificate refused = certificate(afterwards).orElseThrow();
        assertThat(refused.isIssued()).isFalse();
        assertThat(refused.base()).isEqualTo(ContentHash.of(CheckpointDirectory.open(base)));
        assertThat(refused.trained()).contains(CORE);
    }

    @Test
    void aResumedRunCertifiesTheSame() throws IOException {
        Path run = folder.resolve("run");
        Recipe recipe = from(base, DEEPENED, FURTHER_PASSES);
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(recipe, run, new RecordingListener().afterStep(report -> trainer[0].requestStop()));
        trainer[0].run(false);
        new Trainer(recipe, run, TrainingListener.SILENT).run(true);
        assertThat(certificate(run)).isEqualTo(certificate(deepened));
        Manifest manifest = CheckpointDirectory.open(run).manifest().orElseThrow();
        assertThat(manifest.referenceDepth()).hasValue(1);
    }
}
