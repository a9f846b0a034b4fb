package dev.saiki.train;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainedParameters;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Compares losses and gradients of adapters with PyTorch's; see `golden/README.md`.
class AdapterGoldenTest {

    private static final Path GOLDEN = Path.of("..", "golden");
    private static final double TOLERANCE = 1e-4;

    static List<String> models() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN.resolve("adapters"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .sorted()
                    .toList();
        }
    }

    private static JsonNode json(String folder, String name) throws IOException {
        return new JsonMapper().readTree(Files.readString(GOLDEN.resolve(folder).resolve(name + ".json")));
    }

    @ParameterizedTest
    @MethodSource("models")
    void lossAndEveryGradientEqualPyTorchAndTheBaseHasNone(String name) throws IOException {
        JsonNode golden = json("adapters", name);
        List<String> maps = new ArrayList<>();
        golden.get("maps").forEach(map -> maps.add(map.asString()));
        AdapterConfig adapter = new AdapterConfig(
                golden.get("rank").asInt(), golden.get("alpha").asDouble(), maps);
        ModelConfig config = ModelConfig.fromJson(json("data", name).get("config"), "config");
        try (SafetensorsFile base = SafetensorsFile.open(GOLDEN.resolve("data").resolve(name + ".safetensors"));
                SafetensorsFile own =
                        SafetensorsFile.open(GOLDEN.resolve("adapters").resolve(name + ".safetensors"));
                ModelWeights weights = ModelWeights.initialize(config, 1, false, 1, Optional.of(adapter))) {
            SequencedMap<String, StoredTensor> stored = new LinkedHashMap<>(under(base, "weights/"));
            stored.putAll(under(own, "adapter/"));
            assertThat(weights.takeOver(stored)).isEmpty();
            TrainedParameters trained = TrainedParameters.of(
                    weights, weights.stored().stream().map(StoredTensor::name).collect(Collectors.toSet()));
            for (RecursiveTransformer.Activations activations : RecursiveTransformer.Activations.values()) {
                try (TrainStep step = TrainStep.builder(weights, settings(activations))
                                .trained(trained)
                                .build();
                        TensorScope _ = TensorScope.open()) {
                    StepResult result = step.computeGradients(StepRows.of(batch(base)), new StepContext(1, 0.1, 1));
                    double loss = Double.parseDouble(golden.get("loss").asString());
                    assertThat(result.crossEntropyLoss()).isCloseTo(loss, within(1e-5 * loss));
                    Map<String, StoredTensor> expected = under(own, "gradients/");
                    assertThat(step.gradients().keySet()).isEqualTo(expected.keySet());
                    for (Map.Entry<String, Tensor> gradient : step.gradients().entrySet()) {
                        assertClose(
                                "gradient of " + gradient.getKey(),
                                gradient.getValue().toFloats(),
                                own.tensor("gradients/" + gradient.getKey()).toFloats(),
                                TOLERANCE);
                    }
                }
            }
        }
    }

    private static SequencedMap<String, StoredTensor> under(SafetensorsFile file, String prefix) {
        SequencedMap<String, StoredTensor> found = new LinkedHashMap<>();
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), file.tensor(name));
            }
        }
        return found;
    }

    private static List<int[][]> batch(SafetensorsFile base) {
        long[] ids = base.tensor("ids").toLongs();
        long[] targets = base.tensor("targets").toLongs();
        int time = Math.toIntExact(base.tensor("ids").shape().get(1));
        int[][] rows = new int[ids.length / time][time + 1];
        for (int row = 0; row < rows.length; row++) {
            for (int t = 0; t < time; t++) {
                rows[row][t] = Math.toIntExact(ids[row * time + t]);
            }
            rows[row][time] = Math.toIntExact(targets[(row + 1) * time - 1]);
        }
        return List.<int[][]>of(rows);
    }

    private static TrainStepSettings settings(RecursiveTransformer.Activations activations) {
        TrainingObjective objective = new TrainingObjective(
                0,
                0,
                0,
                TrainingObjective.Supervision.NONE,
                TrainingObjective.Balancing.NONE,
                0,
                0,
                0,
                0,
                Optional.empty());
        return new TrainStepSettings(
                objective,
                Precision.FLOAT32,
                new AdamW.Settings(0.9, 0.95, 1e-8),
                0,
                1,
                new TrainStepSettings.Parallelism(1),
                1,
                activations,
                0,
                0);
    }
}
