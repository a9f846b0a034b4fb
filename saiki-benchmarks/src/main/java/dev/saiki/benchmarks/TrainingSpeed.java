package dev.saiki.benchmarks;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.Capacities;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.StepContext;
import dev.saiki.train.TrainStep;
import dev.saiki.train.TrainStepSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;

/// A benchmark of training: tokens per second of a vanilla, a recursive and a Mixture-of-Recursions model, side by
/// side in one process.
///
/// Prints one JSON line per model, in the form of `benchmarks/pytorch/train_step.py`. The models run step by step
/// in turn, so that noise of the machine affects all of them. `benchmarks/training-speed.sh` runs Saiki and
/// PyTorch; `benchmarks/gpu.sh` does so on a GPU, with the system properties `saiki.device` (default `cpu`),
/// `saiki.sequences`, the number of rows of a batch, and `saiki.tflops`, the peak of which a line then names the share
/// (MFU): three times the forward FLOPs, counted as in the paper.
public final class TrainingSpeed {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MIN_WARM_UP = 3;
    private static final Device DEVICE =
            Device.parse(System.getProperty("saiki.device", "cpu")).orElseThrow();
    private static final double PEAK = Double.parseDouble(System.getProperty("saiki.tflops", "0"));

    /// A model shape with its batch.
    ///
    /// @param hidden width
    /// @param layers the number of layers of the vanilla model
    /// @param recursiveLayers number of unrolled layers with two, three and four recursions
    /// @param heads query heads
    /// @param keyValueHeads key-value heads
    /// @param inner width of the feed-forward
    /// @param vocabulary number of token ids
    /// @param sequences rows of the batch
    /// @param length tokens per row
    private record Shape(
            int hidden,
            int layers,
            List<Integer> recursiveLayers,
            int heads,
            int keyValueHeads,
            int inner,
            int vocabulary,
            int sequences,
            int length) {

        static Shape named(String name) {
            return switch (name) {
                case "small" -> new Shape(256, 8, List.of(8, 8, 10), 4, 4, 704, 4096, 8, 256);
                case "135m" -> new Shape(576, 30, List.of(30, 32, 30), 9, 3, 1536, 49_152, 2, 512);
                case "360m" -> new Shape(960, 32, List.of(32, 32, 34), 15, 5, 2560, 49_152, 2, 512);
                default -> throw new IllegalArgumentException("shape must be small, 135m or 360m, got " + name);
            };
        }

        Shape withSequences(int count) {
            return new Shape(hidden, layers, recursiveLayers, heads, keyValueHeads, inner, vocabulary, count, length);
        }

        ModelConfig model(String kind) {
            ModelConfig vanilla = new ModelConfig(
                    hidden,
                    inner,
                    layers,
                    heads,
                    keyValueHeads,
                    64,
                    vocabulary,
                    length,
                    1e-5,
                    10_000,
                    true,
                    0.02,
                    OptionalInt.empty(),
                    List.of(0),
                    Architecture.LLAMA,
                    Optional.empty(),
                    new Routing.None(),
                    KeyValueSharing.NONE);
            if (kind.equals("vanilla")) {
                return vanilla;
            }
            int n = kind.charAt(kind.length() - 1) - '0';
            Routing routing = kind.startsWith("mor")
                    ? new Routing.ExpertChoice(
                            new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                            Capacities.balanced(n),
                            Routing.defaultThreshold(n),
                            CausalBy.ROUTER)
                    : new Routing.None();
            return vanilla.withNumHiddenLayers(recursiveLayers.get(n - 2))
                    .withRecursion(
                            Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, n)),
                            routing,
                            KeyValueSharing.NONE);
        }
    }

    private TrainingSpeed() {}

    /// Measures.
    ///
    /// @param arguments shape (small, 135m, 360m), precision (float32, bfloat16), workers, steps, then models:
    ///     vanilla, recursive2 … recursive4, mor2 … mor4
    public static void main(String[] arguments) {
        if (arguments.length < 5) {
            System.err.println("usage: TrainingSpeed SHAPE PRECISION WORKERS STEPS MODEL...");
            System.exit(2);
        }
        Shape named = Shape.named(arguments[0]);
        Shape shape = named.withSequences(Integer.getInteger("saiki.sequences", named.sequences()));
        Precision precision = Precision.valueOf(arguments[1].toUpperCase(Locale.ROOT));
        int workers = Integer.parseInt(arguments[2]);
        int steps = Integer.parseInt(arguments[3]);
        List<Contestant> contestants = Arrays.stream(arguments)
                .skip(4)
                .map(kind -> new Contestant(kind, shape, precision, workers))
                .toList();
        // The JIT compiler slows down the first steps, more so for a model with more code.
        int warmUp = Math.max(MIN_WARM_UP, steps / 2);
        for (int step = 1; step <= warmUp + steps; step++) {
            for (Contestant contestant : contestants) {
                contestant.run(step, step > warmUp);
            }
        }
        Contestant first = contestants.getFirst();
        for (Contestant contestant : contestants) {
            Map<String, Object> line = contestant.line(arguments[0], precision, workers);
            if (contestant != first) {
                line.put("compared_with", first.kind);
                line.put("time_ratio", first.median() / contestant.median());
                line.put("flop_ratio", contestant.flops() / first.flops());
                line.put(
                        "time_over_flops", first.median() * first.flops() / (contestant.median() * contestant.flops()));
            }
            System.out.println(JSON.writeValueAsString(line));
        }
    }

    /// A model in training and its step times.
    private static final class Contestant {

        private final String kind;
        private final Shape shape;
        private final ModelConfig config;
        private final TrainStep step;
        private final int microBatches;
        private final Random random = new Random(1);
        private final List<Double> speeds = new ArrayList<>();

        Contestant(String kind, Shape shape, Precision precision, int workers) {
            this.kind = kind;
            this.shape = shape;
            this.config = shape.model(kind);
            this.microBatches = workers;
            ModelWeights fresh = ModelWeights.initialize(config, 1, false);
            ModelWeights weights = DEVICE.equals(fresh.device()) ? fresh : fresh.copyTo(DEVICE);
            this.step = TrainStep.builder(
                            weights,
                            new TrainStepSettings(
                                    new TrainingObjective(
                                            0.001,
                                            0,
                                            0,
                                            TrainingObjective.Supervision.AUXILIARY_LOSS,
                                            TrainingObjective.Balancing.NONE,
                                            0,
                                            0,
                                            0,
                                            0,
                                            Optional.empty()),
                                    precision,
                                    new AdamW.Settings(0.9, 0.95, 1e-8),
                                    0.1,
                                    1,
                                    new TrainStepSettings.Parallelism(workers),
                                    10,
                                    RecursiveTransformer.Activations.KEEP,
                                    0,
                                    0))
                    .build();
        }

        void run(int number, boolean measured) {
            List<int[][]> batch = new ArrayList<>();
            for (int i = 0; i < microBatches; i++) {
                int[][] rows = new int[shape.sequences() / microBatches][];
                for (int row = 0; row < rows.length; row++) {
                    rows[row] = random.ints(shape.length() + 1L, 0, shape.vocabulary())
                            .toArray();
                }
                batch.add(rows);
            }
            long start = System.nanoTime();
            step.run(batch, new StepContext(number, 1e-3, 1));
            double seconds = (System.nanoTime() - start) / 1e9;
            if (measured) {
                speeds.add(shape.sequences() * shape.length() / seconds);
            }
        }

        /// The median of the tokens per second.
        double median() {
            return speeds.stream().sorted().toList().get(speeds.size() / 2);
        }

        /// Forward FLOPs per token.
        double flops() {
            return Accounting.of(config).forwardFlopsPerToken();
        }

        Map<String, Object> line(String shapeName, Precision precision, int workers) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("side", "saiki");
            line.put("shape", shapeName);
            line.put("variant", kind + "-" + precision.name().toLowerCase(Locale.ROOT));
            line.put(
                    "tokens_per_second",
                    speeds.stream().map(speed -> Math.round(speed * 10) / 10.0).toList());
            line.put("median", Math.round(median() * 10) / 10.0);
            line.put("workers", workers);
            line.put("device", DEVICE.toString());
            line.put("tokens_a_step", shape.sequences() * shape.length());
            line.put("libtorch", TorchRuntime.version());
            line.put("parameters", Accounting.of(config).totalParameters());
            line.put("forward_flops_per_token", Math.round(flops()));
            if (PEAK > 0) {
                line.put("share_of_peak", 3 * flops() * median() / (PEAK * 1e12));
            }
            return line;
        }
    }
}
