package dev.saiki.model.shrink;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.StepLora;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.SingularValues;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// The tying of a model's layers: layers are merged into a block that is applied several times. Low-rank updates
/// of later steps restore what tying loses, as far as their rank allows: they keep the largest singular values of
/// the difference between the original and the shared weights (Relaxed Recursive Transformers, Bae et al.,
/// arXiv:2410.20672).
///
/// Norms other than those of queries and keys are not tied: the first step uses its layers' norms, and each later
/// step has its own. Biases and the norms of queries and keys have no updates; those of the first step's layers
/// are used.
public final class LayerTying {

    private static final String LAYERS = "model.layers.";
    private static final String WEIGHT = ".weight";

    private final ModelConfig base;
    private final Map<String, StoredTensor> tensors;
    private final ShrinkOptions options;
    private final ModelConfig config;
    private final LayerMap map;
    private final List<String> norms;
    private final SequencedMap<String, StoredTensor> made = new LinkedHashMap<>();

    private LayerTying(CheckpointDirectory checkpoint, ShrinkOptions options) {
        this.base = checkpoint.config();
        this.tensors = checkpoint.tensors();
        this.options = options;
        InputException.require(
                base.isVanilla(),
                checkpoint.path() + ": must be a model in which no layers share weights, got one with recursion");
        InputException.require(
                base.architecture().experts().isEmpty(),
                checkpoint.path().toString(),
                "a model without experts, because experts of different layers cannot be tied",
                "one of type " + base.architecture().family().key());
        options.requireDivides(checkpoint.path().toString(), base.numHiddenLayers());
        Recursion plain = options.recursion();
        this.map = LayerMap.of(plain, base.numHiddenLayers());
        this.norms = base.architecture().family().normTensors();
        requireAlike(checkpoint);
        ModelConfig tied =
                base.withRecursion(Optional.of(plain.withStepNorms(true)), new Routing.None(), KeyValueSharing.NONE);
        int rank = Math.min(options.rank(), fullRank(tied));
        this.config = rank == 0
                ? tied
                : base.withRecursion(
                        Optional.of(plain.withStepNorms(true).withStepLora(Optional.of(new StepLora(rank, rank)))),
                        new Routing.None(),
                        KeyValueSharing.NONE);
    }

    /// Ties layers.
    ///
    /// @param checkpoint a model without recursion
    /// @param options the target shape
    /// @return the shrunk model
    /// @throws InputException if the model already has recursion, its layers cannot be divided equally among the
    ///     steps, or layers to be tied differ in sliding window or rotary positions
    public static ShrunkModel of(CheckpointDirectory checkpoint, ShrinkOptions options) {
        return new LayerTying(checkpoint, options).tie();
    }

    /// Checks that layers to be tied have the same sliding window and rotary positions, which tied weights do not
    /// include.
    private void requireAlike(CheckpointDirectory checkpoint) {
        for (int layer = map.firstShared(); layer < map.endOfShared(); layer++) {
            int first = map.uniqueOf().indexOf(map.uniqueOf().get(layer));
            if (!base.architecture().windowOf(layer).equals(base.architecture().windowOf(first))
                    || base.architecture().rotationOf(layer)
                            != base.architecture().rotationOf(first)) {
                throw new InputException(checkpoint.path() + ": layers " + first + " and " + layer
                        + " differ in sliding window or rotated positions, so they cannot be tied");
            }
        }
    }

    private static int fullRank(ModelConfig tied) {
        return ParameterNames.mapsOfSteps(tied).values().stream()
                .mapToInt(shape -> Math.toIntExact(Math.min(shape.getFirst(), shape.getLast())))
                .max()
                .orElse(0);
    }

    private ShrunkModel tie() {
        tensors.values().stream()
                .filter(tensor -> !tensor.name().startsWith(LAYERS))
                .forEach(tensor -> made.put(tensor.name(), tensor));
        for (int layer = 0; layer < map.numUnrolled(); layer++) {
            if (layer < map.firstShared() || layer >= map.endOfShared()) {
                keep(layer);
            }
        }
        for (int place = 0; place < map.blockSize(); place++) {
            share(place);
        }
        List<StepLoss> losses = new ArrayList<>();
        for (int step = 0; step < map.numRecursions(); step++) {
            losses.add(addStep(step));
        }
        return new ShrunkModel(config, inOrder(), losses);
    }

    private List<StoredTensor> inOrder() {
        return ParameterNames.required(config).keySet().stream()
                .map(name -> Objects.requireNonNull(made.get(name), name))
                .toList();
    }

    /// The index of the original layer that a step computes at a position of the block.
    private int layerOf(int step, int place) {
        return map.firstShared() + step * map.blockSize() + place;
    }

    private static String prefix(int layer) {
        return LAYERS + layer + ".";
    }

    /// The names of a layer's tensors without its prefix.
    private List<String> parts(int layer) {
        String prefix = prefix(layer);
        return tensors.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    private StoredTensor of(int layer, String part) {
        return Objects.requireNonNull(tensors.get(prefix(layer) + part), part);
    }

    private void put(String name, StoredTensor like, float[] values) {
        made.put(name, StoredTensor.ofFloats(name, like.shape(), values));
    }

    private void keep(int layer) {
        for (String part : parts(layer)) {
            String name = prefix(map.uniqueOf().get(layer)) + part;
            StoredTensor tensor = of(layer, part);
            made.put(name, new StoredTensor(name, tensor.type(), tensor.shape(), tensor.data()));
        }
    }

    private void share(int place) {
        int unique = map.firstShared() + place;
        for (String part : parts(layerOf(0, place))) {
            StoredTensor first = of(layerOf(0, place), part);
            put(prefix(unique) + part, first, isMatrix(part) ? tied(place, part) : first.toFloats());
        }
    }

    private boolean isMatrix(String part) {
        return ParameterNames.mapsOfSteps(config).keySet().stream().anyMatch(name -> part.equals(name + WEIGHT));
    }

    private float[] tied(int place, String part) {
        return switch (options.tying()) {
            case LOWER -> of(layerOf(0, place), part).toFloats();
            case STEPWISE -> of(map.firstShared() + spread(place), part).toFloats();
            case AVERAGE -> {
                double[] sum =
                        new double[Math.toIntExact(of(layerOf(0, place), part).elementCount())];
                for (int step = 0; step < map.numRecursions(); step++) {
                    float[] values = of(layerOf(step, place), part).toFloats();
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += values[i] / map.numRecursions();
                    }
                }
                float[] mean = new float[sum.length];
                IntStream.range(0, sum.length).forEach(i -> mean[i] = (float) sum[i]);
                yield mean;
            }
        };
    }

    /// The index, among all tied layers, of the layer for a position in the block: positions are evenly spread
    /// from the first layer to the last.
    private int spread(int place) {
        int all = map.blockSize() * map.numRecursions();
        return map.blockSize() == 1
                ? 0
                : Math.toIntExact(Math.round((double) place * (all - 1) / (map.blockSize() - 1)));
    }

    /// Adds a step's norms and updates, and returns the step's loss.
    private StepLoss addStep(int step) {
        double whole = 0;
        double lost = 0;
        double left = 0;
        for (int place = 0; place < map.blockSize(); place++) {
            int layer = layerOf(step, place);
            int unique = map.firstShared() + place;
            for (String part : parts(layer)) {
                StoredTensor wanted = of(layer, part);
                if (norms.contains(part)) {
                    if (step > 0) {
                        put(ParameterNames.step(unique, step) + part, wanted, wanted.toFloats());
                    }
                    continue;
                }
                float[] difference = difference(wanted, prefix(unique) + part);
                whole += square(wanted.toFloats());
                lost += square(difference);
                left += isMatrix(part) && step > 0 && lora().isPresent()
                        ? update(ParameterNames.step(unique, step) + part, wanted, difference)
                        : square(difference);
            }
        }
        return new StepLoss(step, Math.sqrt(lost / whole), Math.sqrt(left / whole));
    }

    private Optional<StepLora> lora() {
        return config.recursion().flatMap(Recursion::stepLora);
    }

    private float[] difference(StoredTensor wanted, String shared) {
        float[] values = wanted.toFloats();
        float[] of = Objects.requireNonNull(made.get(shared), shared).toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] -= of[i];
        }
        return values;
    }

    private static double square(float[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> (double) values[i] * values[i])
                .sum();
    }

    /// Adds the best update of the chosen rank, B = U √S and A = √S V for the difference U S V, and returns the
    /// sum of the squares of the remaining difference.
    private double update(String part, StoredTensor wanted, float[] difference) {
        long outputs = wanted.shape().getFirst();
        long inputs = wanted.shape().getLast();
        int rank = lora().orElseThrow().rank();
        int kept = (int) Math.min(rank, Math.min(outputs, inputs));
        String name = part.substring(0, part.length() - WEIGHT.length());
        try (TensorScope _ = TensorScope.open()) {
            Tensor matrix = Tensors.on(Device.CPU).of(difference, outputs, inputs);
            SingularValues parts = SingularValues.of(matrix);
            Tensor roots = Tensors.on(Device.CPU).of(roots(parts.values().toFloats(), kept), 1, kept);
            Tensor up = parts.left().narrow(1, 0, kept).multiply(roots);
            Tensor down = parts.right().narrow(0, 0, kept).multiply(roots.reshape(kept, 1));
            float[] left = matrix.subtract(up.matmul(down)).contiguous().toFloats();
            made.put(
                    name + ParameterNames.LORA_A,
                    padded(name + ParameterNames.LORA_A, down, List.of((long) rank, inputs)));
            made.put(name + ParameterNames.LORA_B, padded(name + ParameterNames.LORA_B, up, List.of(outputs, (long)
                    rank)));
            return square(left);
        }
    }

    private static float[] roots(float[] values, int kept) {
        float[] roots = new float[kept];
        for (int i = 0; i < kept; i++) {
            roots[i] = (float) Math.sqrt(values[i]);
        }
        return roots;
    }

    /// A matrix padded with rows and columns of zeros, because the updates of all maps have the same rank.
    private static StoredTensor padded(String name, Tensor matrix, List<Long> shape) {
        float[] values = matrix.contiguous().toFloats();
        int columns = Math.toIntExact(matrix.size(1));
        int width = Math.toIntExact(shape.getLast());
        float[] all = new float[Math.toIntExact(shape.getFirst() * width)];
        for (int row = 0; row < values.length / columns; row++) {
            System.arraycopy(values, row * columns, all, row * width, columns);
        }
        return StoredTensor.ofFloats(name, shape, all);
    }
}
