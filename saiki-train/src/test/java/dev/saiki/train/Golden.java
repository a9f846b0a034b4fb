package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.Distillation;
import dev.saiki.model.FullDepth;
import dev.saiki.model.GainSupervision;
import dev.saiki.model.GainTarget;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.Teacher;
import dev.saiki.model.TrainingObjective;
import dev.saiki.model.TrainingRows;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RouterThresholds;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The files of one variant of `golden/data`: a model, a batch, an objective, and PyTorch's results.
final class Golden implements AutoCloseable {

    private static final Path DATA = Path.of("..", "golden", "data");
    private static final JsonMapper JSON = new JsonMapper();

    private final JsonNode json;
    private final SafetensorsFile file;

    Golden(String name) throws IOException {
        this.json = JSON.readTree(Files.readString(DATA.resolve(name + ".json")));
        this.file = SafetensorsFile.open(DATA.resolve(name + ".safetensors"));
    }

    /// The device on which variants are compared with PyTorch: `-Dsaiki.device=cuda` selects a GPU.
    static Device device() {
        String spelling = System.getProperty("saiki.device", "cpu");
        return Device.parse(spelling).orElseThrow(() -> new IllegalArgumentException(spelling));
    }

    /// The names of all variants.
    static List<String> variants() throws IOException {
        try (Stream<Path> files = Files.list(DATA)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".safetensors"))
                    .map(name -> name.substring(0, name.length() - ".safetensors".length()))
                    .sorted()
                    .toList();
        }
    }

    ModelWeights weights() {
        Map<String, StoredTensor> stored = new LinkedHashMap<>();
        names("weights/").forEach(name -> stored.put(name, file.tensor("weights/" + name)));
        return ModelWeights.of(ModelConfig.fromJson(json.get("config"), "config"), stored);
    }

    /// The teacher of a variant, if it has one.
    Optional<TrainStep.Teaching> teaching(Device device) {
        JsonNode setting = json.get("objective").path("teacher");
        if (!setting.isObject()) {
            return Optional.empty();
        }
        Map<String, StoredTensor> stored = new LinkedHashMap<>();
        names("teacher/").forEach(name -> stored.put(name, file.tensor("teacher/" + name)));
        Teacher teacher = new Teacher(
                onto(device, ModelWeights.of(ModelConfig.fromJson(setting.get("config"), "config"), stored)),
                Precision.FLOAT32,
                new Distillation(
                        setting.get("coefficient").asDouble(),
                        setting.get("temperature").asDouble()));
        return Optional.of(new TrainStep.Teaching(teacher, setting.path("depth").asInt(0)));
    }

    /// The weights on a device; the given weights are closed if they are copied.
    static ModelWeights onto(Device device, ModelWeights weights) {
        if (device.equals(weights.device())) {
            return weights;
        }
        try (weights) {
            return weights.copyTo(device);
        }
    }

    /// The batch, with the teacher's own text as one further micro-batch.
    StepRows rows() {
        List<TrainingRows> own = batch().stream().map(TrainingRows::of).toList();
        if (!file.names().contains("teacher_ids")) {
            return new StepRows(own, List.of());
        }
        // What follows the last id is not read, and nothing is compared with it.
        int[][] taught = rows(longs("teacher_ids")).stream()
                .map(ids -> Arrays.copyOf(ids, ids.length + 1))
                .toArray(int[][]::new);
        return new StepRows(own, List.of(TrainingRows.of(taught)));
    }

    TrainStepSettings settings() {
        return settings(Precision.FLOAT32, RecursiveTransformer.Activations.KEEP, 0);
    }

    TrainStepSettings settings(Precision precision, RecursiveTransformer.Activations activations, double dropout) {
        JsonNode objective = json.get("objective");
        JsonNode optimizer = json.get("optimizer");
        return new TrainStepSettings(
                new TrainingObjective(
                        objective.get("auxiliary_loss_coefficient").asDouble(),
                        objective.get("router_z_loss_coefficient").asDouble(),
                        objective.get("balancing_loss_coefficient").asDouble(),
                        TrainingObjective.Supervision.valueOf(upper(objective.get("supervision"))),
                        TrainingObjective.Balancing.valueOf(upper(objective.get("balancing"))),
                        objective.get("bias_update_rate").asDouble(),
                        objective.get("capacity_warmup_steps").asInt(),
                        objective.get("balancing_warmup_steps").asInt(),
                        objective.path("threshold_update_rate").asDouble(0),
                        fullDepth(objective.path("full_depth"))),
                precision,
                new AdamW.Settings(
                        optimizer.get("beta1").asDouble(),
                        optimizer.get("beta2").asDouble(),
                        optimizer.get("epsilon").asDouble()),
                optimizer.get("weight_decay").asDouble(),
                optimizer.get("max_grad_norm").asDouble(),
                new TrainStepSettings.Parallelism(1),
                optimizer.get("auxiliary_router_learning_rate_factor").asDouble(),
                activations,
                dropout,
                0);
    }

    private static Optional<FullDepth> fullDepth(JsonNode setting) {
        if (!setting.isObject()) {
            return Optional.empty();
        }
        JsonNode router = setting.path("router");
        Optional<GainSupervision> taught = router.isObject()
                ? Optional.of(new GainSupervision(
                        target(router),
                        router.get("coefficient").asDouble(),
                        router.get("reaches_trunk").asBoolean(),
                        router.path("rejected_share").asDouble(0),
                        1))
                : Optional.empty();
        JsonNode distillation = setting.path("distillation");
        Optional<Distillation> distilled = distillation.isObject()
                ? Optional.of(new Distillation(
                        distillation.get("coefficient").asDouble(),
                        distillation.get("temperature").asDouble()))
                : Optional.empty();
        return Optional.of(new FullDepth(
                setting.get("share").asDouble(),
                FullDepth.Prior.valueOf(upper(setting.get("prior"))),
                taught,
                distilled));
    }

    private static GainTarget target(JsonNode router) {
        return switch (router.get("target").asString()) {
            case "regression" -> new GainTarget.Regression(router.get("clip").asDouble());
            case "divergence" -> new GainTarget.Divergence(router.get("clip").asDouble());
            case "weighted_labels" ->
                new GainTarget.WeightedLabels(router.get("kept_gain").asDouble());
            case String other -> throw new IllegalArgumentException(other);
        };
    }

    private static String upper(JsonNode key) {
        return key.asString().toUpperCase(Locale.ROOT);
    }

    /// The random draws of the reference, instead of a run's draws from its seed.
    TrainStep.Draws draws() {
        return new TrainStep.Draws() {
            @Override
            public RandomScores scores(StepContext context, int firstSequence) {
                return file.names().contains("random_scores") ? storedScores(firstSequence) : RandomScores.causal();
            }

            @Override
            public double effort(RouterThresholds thresholds, StepContext context, int microBatch) {
                return json.get("efforts")
                        .get(Math.toIntExact(context.step() - 1))
                        .get(microBatch)
                        .asDouble();
            }

            @Override
            public int exit(FullDepth setting, int recursions, StepContext context, int microBatch) {
                return json.get("exits")
                        .get(Math.toIntExact(context.step() - 1))
                        .get(microBatch)
                        .asInt();
            }
        };
    }

    private RandomScores storedScores(int firstSequence) {
        StoredTensor stored = file.tensor("random_scores");
        float[] scores = stored.toFloats();
        int sequences = Math.toIntExact(stored.shape().get(1));
        int time = Math.toIntExact(stored.shape().get(2));
        return (sequence, position, step) -> scores[(step * sequences + firstSequence + sequence) * time + position];
    }

    StepContext context(int index) {
        return new StepContext(
                index + 1L, json.get("optimizer").get("learning_rate").asDouble(), 1);
    }

    List<int[]> inputs() {
        return rows(longs("ids"));
    }

    /// The batch as micro-batches of rows of T + 1 ids.
    List<int[][]> batch() {
        List<int[]> targets = rows(longs("targets"));
        List<int[]> rows = new ArrayList<>();
        for (int[] input : inputs()) {
            int[] row = Arrays.copyOf(input, input.length + 1);
            int[] target = targets.get(rows.size());
            row[input.length] = target[input.length - 1];
            assertThat(Arrays.copyOfRange(row, 1, row.length))
                    .describedAs("targets are the next inputs")
                    .isEqualTo(target);
            rows.add(row);
        }
        JsonNode draws = json.has("exits") ? json.get("exits") : json.path("efforts");
        int microBatches = draws.isArray() ? draws.get(0).size() : 1;
        int each = rows.size() / microBatches;
        return IntStream.range(0, microBatches)
                .mapToObj(i -> rows.subList(i * each, (i + 1) * each).toArray(int[][]::new))
                .toList();
    }

    private List<int[]> rows(long[] flat) {
        int time = Math.toIntExact(file.tensor("ids").shape().get(1));
        List<int[]> rows = new ArrayList<>();
        for (int start = 0; start < flat.length; start += time) {
            int[] row = new int[time];
            for (int t = 0; t < time; t++) {
                row[t] = Math.toIntExact(flat[start + t]);
            }
            rows.add(row);
        }
        return rows;
    }

    JsonNode step(int index) {
        return json.get("steps").get(index);
    }

    List<String> evaluations() {
        List<String> names = new ArrayList<>();
        json.get("evaluations").forEach(name -> names.add(name.asString()));
        return names;
    }

    List<String> names(String prefix) {
        return file.names().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    float[] floats(String name) {
        return file.tensor(name).toFloats();
    }

    long[] longs(String name) {
        return file.tensor(name).toLongs();
    }

    float[] current(ModelWeights weights, String name) {
        Tensor tensor = weights.parameters().containsKey(name)
                ? weights.parameters().get(name)
                : weights.buffers().get(name);
        assertThat(tensor).describedAs(name).isNotNull();
        return tensor == null ? new float[0] : tensor.toFloats();
    }

    @Override
    public void close() {
        file.close();
    }
}
