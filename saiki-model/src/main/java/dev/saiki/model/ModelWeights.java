package dev.saiki.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.routing.Injection;
import dev.saiki.model.routing.RouterThresholds;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The master weights of a model: one float32 array with a view per name.
///
/// A layer that several recursion steps share exists once. {@link RecursiveTransformer} computes with these
/// weights or with a copy in lower precision; only the optimizer changes them. Buffers (the selection bias of
/// loss-free balancing, the thresholds of expert-threshold routing) are not parameters, have no gradient, and are
/// always on the CPU.
public final class ModelWeights implements AutoCloseable {

    /// The name of a step's norm; the groups are what precedes and follows `steps.<step>.` in the name.
    private static final Pattern NORM_OF_STEP = Pattern.compile("(.*\\.)steps\\.\\d+\\.(\\w*norm\\.(?:weight|bias))");

    private final Device device;
    private final ModelConfig config;
    private final Optional<AdapterConfig> adapter;
    private final ParameterLayout layout;
    private final Tensor flat;
    private final SequencedMap<String, Tensor> parameters;
    private final SequencedMap<String, Tensor> buffers;

    private ModelWeights(ModelConfig config, boolean auxiliaryRouters, Optional<AdapterConfig> adapter) {
        this(config, auxiliaryRouters, adapter, Device.CPU);
    }

    private ModelWeights(ModelConfig config, boolean auxiliaryRouters, Optional<AdapterConfig> adapter, Device device) {
        this.device = device;
        this.config = config;
        this.adapter = adapter;
        this.layout = new ParameterLayout(config, auxiliaryRouters, adapter);
        try (TensorScope _ = TensorScope.open()) {
            this.flat = TensorScope.release(Tensors.on(device).zeros(DType.FLOAT32, layout.count()));
            SequencedMap<String, Tensor> views = new LinkedHashMap<>();
            for (String name : layout.names()) {
                views.put(name, TensorScope.release(view(flat, layout.slot(name))));
            }
            this.parameters = Collections.unmodifiableSequencedMap(views);
            SequencedMap<String, Tensor> states = new LinkedHashMap<>();
            ParameterNames.buffers(config)
                    .forEach((name, shape) -> states.put(
                            name, TensorScope.release(Tensors.on(Device.CPU).zeros(DType.FLOAT32, lengths(shape)))));
            this.buffers = Collections.unmodifiableSequencedMap(states);
        }
    }

    /// The initial step gates of a fresh model: 1, which applies each step fully, as in a recursive model without
    /// gates. With gates at 0, the shared block would learn nothing from its later steps until the gates open.
    public static final double DEFAULT_STEP_GATE = 1;

    /// Draws fresh weights, with step gates at {@link #DEFAULT_STEP_GATE}.
    ///
    /// @param config the model
    /// @param seed the seed, which may be any number
    /// @param auxiliaryRouters whether the model gets auxiliary routers
    /// @return the weights
    public static ModelWeights initialize(ModelConfig config, long seed, boolean auxiliaryRouters) {
        return initialize(config, seed, auxiliaryRouters, DEFAULT_STEP_GATE);
    }

    /// Draws fresh weights: matrices normally distributed with standard deviation `initializer_range`, norms at
    /// one, biases at zero, the matrix of the injection at the identity, the thresholds of expert-threshold
    /// routing at one half, and the second matrix of each low-rank update at zero.
    ///
    /// Every tensor has its own generator, seeded by the seed and the tensor's name, so that a tensor with the
    /// same name and shape gets the same initial values in any model.
    ///
    /// @param config the model
    /// @param seed the seed, which may be any number
    /// @param auxiliaryRouters whether the model gets auxiliary routers
    /// @param stepGate the gate of each step but the first, if the model has step gates
    /// @return the weights
    public static ModelWeights initialize(ModelConfig config, long seed, boolean auxiliaryRouters, double stepGate) {
        return initialize(config, seed, auxiliaryRouters, stepGate, Optional.empty());
    }

    /// Draws fresh weights with an adapter; the adapter's matrix A is uniform as in PEFT, and its matrix B is
    /// zero, so that the adapter initially changes nothing.
    ///
    /// @param config the model
    /// @param seed the seed, which may be any number
    /// @param auxiliaryRouters whether the model gets auxiliary routers
    /// @param stepGate the gate of each step but the first, if the model has step gates
    /// @param adapter low-rank updates of some maps; empty for none
    /// @return the weights
    public static ModelWeights initialize(
            ModelConfig config, long seed, boolean auxiliaryRouters, double stepGate, Optional<AdapterConfig> adapter) {
        ModelWeights weights = new ModelWeights(config, auxiliaryRouters, adapter);
        for (Map.Entry<String, Tensor> entry : weights.parameters.entrySet()) {
            Tensor tensor = entry.getValue();
            if (AdapterTensors.isUp(entry.getKey())) {
                continue;
            }
            if (AdapterTensors.isDown(entry.getKey())) {
                fillUniform(tensor, 1 / Math.sqrt((double) tensor.size(1)), seed, entry.getKey());
                continue;
            }
            switch (ParameterLayout.segmentOf(entry.getKey())) {
                case NORMS ->
                    tensor.fillInPlace(
                            ParameterLayout.isBias(entry.getKey())
                                    ? 0
                                    : 1 - config.architecture().family().normOffset());
                case STEP_GATES -> fillGates(entry.getKey(), tensor, stepGate);
                case MATRICES, ROUTERS, AUXILIARY_ROUTERS -> {
                    if (entry.getKey().equals(ParameterNames.INJECTION)) {
                        fillIdentity(tensor);
                    } else if (!ParameterLayout.isZeroAtFirst(entry.getKey())) {
                        fillNormal(tensor, config.initializerRange(), seed, entry.getKey());
                    }
                }
            }
        }
        weights.routerThresholds().ifPresent(RouterThresholds::reset);
        return weights;
    }

    /// Sets the gates of all steps after the first, if the model has step gates.
    ///
    /// @param value the value of the gates: 0 leaves the state unchanged, and 1 applies a step fully
    public void setStepGates(double value) {
        Optional.ofNullable(parameters.get(ParameterNames.STEP_GATES)).ifPresent(gates -> fillStepGates(gates, value));
    }

    /// Initialises the injection, so that a later step's input is, element by element, `share` times the
    /// token's state on entering the recursion plus (1 − `share`) times the token's current state.
    ///
    /// @param share above 0 and below 1
    public void setInjection(double share) {
        Optional.ofNullable(parameters.get(ParameterNames.INJECTION_RATE))
                .ifPresent(rate -> rate.fillInPlace(Injection.rate(share)));
        Optional.ofNullable(parameters.get(ParameterNames.INJECTION_DECAY))
                .ifPresent(decay -> decay.fillInPlace(Injection.decay(share)));
    }

    /// Copies the weights of a checkpoint, widening them to float32.
    ///
    /// @param checkpoint an open checkpoint directory
    /// @return the weights
    public static ModelWeights load(CheckpointDirectory checkpoint) {
        return of(checkpoint.config(), checkpoint.tensors());
    }

    /// Copies stored tensors, widening them to float32.
    ///
    /// @param config the model
    /// @param stored all tensors of the model, by name
    /// @return the weights
    public static ModelWeights of(ModelConfig config, Map<String, StoredTensor> stored) {
        boolean auxiliaryRouters = stored.keySet().stream()
                .anyMatch(name -> ParameterLayout.segmentOf(name) == ParameterLayout.Segment.AUXILIARY_ROUTERS);
        ModelWeights weights = new ModelWeights(config, auxiliaryRouters, Optional.empty());
        weights.restore(stored);
        return weights;
    }

    /// Overwrites the tensors of {@link #stored} with stored values; a buffer that is not stored becomes zero.
    ///
    /// @param stored tensors by name
    public void restore(Map<String, StoredTensor> stored) {
        ownParameters().forEach((name, tensor) -> {
            StoredTensor source = stored.get(name);
            if (source == null) {
                throw new IllegalArgumentException("the tensor " + name + " is missing");
            }
            copy(source, tensor);
        });
        ownBuffers().forEach((name, tensor) -> {
            StoredTensor source = stored.get(name);
            if (source == null) {
                tensor.zeroInPlace();
            } else {
                copy(source, tensor);
            }
        });
    }

    /// Overwrites the parameters and buffers that are stored with the same name and shape. The others are
    /// unchanged, except that step norms that are not stored become copies of their layers' norms.
    ///
    /// @param stored tensors by name
    /// @return the names of the stored tensors that were not used, in the order of the stored tensors
    public List<String> takeOver(SequencedMap<String, StoredTensor> stored) {
        List<String> left = new ArrayList<>();
        stored.forEach((name, source) -> {
            @Nullable Tensor target = parameters.containsKey(name) ? parameters.get(name) : buffers.get(name);
            if (target != null && Arrays.equals(target.shape(), lengths(source.shape()))) {
                copy(source, target);
            } else {
                left.add(name);
            }
        });
        copyNormsToSteps(stored.keySet());
        return left;
    }

    private void copyNormsToSteps(Set<String> stored) {
        parameters.forEach((name, tensor) -> {
            Matcher norm = NORM_OF_STEP.matcher(name);
            if (norm.matches() && !stored.contains(name)) {
                tensor.copyFrom(Objects.requireNonNull(parameters.get(norm.group(1) + norm.group(2))));
            }
        });
    }

    /// Copies all weights to a device, on which models then compute. Buffers are read and updated in Java, and
    /// stay on the CPU.
    ///
    /// @param target the device
    /// @return the copy
    public ModelWeights copyTo(Device target) {
        ModelWeights copy = new ModelWeights(config, hasAuxiliaryRouters(), adapter, target);
        copy.flat.copyFrom(flat);
        copy.buffers.forEach((name, buffer) -> buffer.copyFrom(Objects.requireNonNull(buffers.get(name))));
        return copy;
    }

    /// Returns the device of the parameters.
    ///
    /// @return the device
    public Device device() {
        return device;
    }

    /// Returns the model's configuration.
    ///
    /// @return the configuration
    public ModelConfig config() {
        return config;
    }

    /// Returns all parameters in checkpoint order, as views of the master weights.
    ///
    /// @return FLOAT32 tensors by name
    public SequencedMap<String, Tensor> parameters() {
        return parameters;
    }

    /// Returns the state that is saved with the model but not trained by gradient descent.
    ///
    /// @return FLOAT32 tensors on the CPU, by name
    public SequencedMap<String, Tensor> buffers() {
        return buffers;
    }

    /// Returns the thresholds of expert-threshold routing, as a view of their buffer.
    ///
    /// @return empty for any other routing
    public Optional<RouterThresholds> routerThresholds() {
        return config.routing() instanceof Routing.ExpertThreshold routing
                ? Optional.ofNullable(buffers.get(ParameterNames.ROUTER_THRESHOLDS))
                        .map(values -> new RouterThresholds(routing, values))
                : Optional.empty();
    }

    /// Tells whether the parameters include auxiliary routers.
    ///
    /// @return true if the model has auxiliary routers
    public boolean hasAuxiliaryRouters() {
        return layout.segment(ParameterLayout.Segment.AUXILIARY_ROUTERS).length() > 0;
    }

    /// Returns the number of parameters.
    ///
    /// @return the number of elements of all parameters, including auxiliary routers
    public long count() {
        return layout.count();
    }

    /// Returns the flat array of all parameters, on which the optimizer works.
    ///
    /// @return FLOAT32 `[count]`
    public Tensor flat() {
        return flat;
    }

    /// Returns the structure of the adapter, if the model has one.
    ///
    /// @return empty for a model without an adapter
    public Optional<AdapterConfig> adapter() {
        return adapter;
    }

    /// Returns all parameters and buffers for saving, without copying; for a model with an adapter, returns
    /// only the adapter's matrices, because the rest belongs to the base. Valid until this is closed.
    ///
    /// @return tensors in checkpoint order
    public List<StoredTensor> stored() {
        List<StoredTensor> tensors = new ArrayList<>();
        ownParameters().forEach((name, tensor) -> tensors.add(StoredTensors.of(name, tensor)));
        ownBuffers().forEach((name, tensor) -> tensors.add(StoredTensors.of(name, tensor)));
        return tensors;
    }

    private SequencedMap<String, Tensor> ownParameters() {
        if (adapter.isEmpty()) {
            return parameters;
        }
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(parameters);
        own.keySet().retainAll(AdapterTensors.of(config, adapter.get()).keySet());
        return own;
    }

    private SequencedMap<String, Tensor> ownBuffers() {
        return adapter.isEmpty() ? buffers : new LinkedHashMap<>();
    }

    /// Frees the native memory.
    @Override
    public void close() {
        parameters.values().forEach(Tensor::close);
        buffers.values().forEach(Tensor::close);
        flat.close();
    }

    ParameterLayout layout() {
        return layout;
    }

    static Tensor view(Tensor flat, ParameterLayout.Slot slot) {
        return flat.narrow(0, slot.range().start(), slot.range().length()).reshape(lengths(slot.shape()));
    }

    private static void copy(StoredTensor source, Tensor target) {
        try (TensorScope _ = TensorScope.open()) {
            target.copyFrom(Tensors.on(Device.CPU).of(source.toFloats(), target.shape()));
        }
    }

    private static void fillIdentity(Tensor matrix) {
        int width = Math.toIntExact(matrix.size(0));
        float[] values = new float[Math.multiplyExact(width, width)];
        for (int i = 0; i < width; i++) {
            values[i * width + i] = 1;
        }
        try (TensorScope _ = TensorScope.open()) {
            matrix.copyFrom(Tensors.like(matrix).of(values, matrix.shape()));
        }
    }

    private static void fillGates(String name, Tensor tensor, double stepGate) {
        switch (name) {
            case ParameterNames.INJECTION_DECAY -> tensor.zeroInPlace();
            case ParameterNames.INJECTION_RATE -> tensor.fillInPlace(Injection.rate(Injection.FIRST_STEP));
            default -> fillStepGates(tensor, stepGate);
        }
    }

    /// Sets the gates of all steps after the first. The first step has no gate; its entry has the value 1, which
    /// would apply the step fully.
    private static void fillStepGates(Tensor gates, double value) {
        float[] values = new float[Math.toIntExact(gates.count())];
        Arrays.fill(values, (float) value);
        values[0] = 1;
        try (TensorScope _ = TensorScope.open()) {
            gates.copyFrom(Tensors.like(gates).of(values, gates.shape()));
        }
    }

    private static void fillNormal(Tensor tensor, double standardDeviation, long seed, String name) {
        fill(tensor, seed, name, random -> standardDeviation * random.nextGaussian());
    }

    private static void fillUniform(Tensor tensor, double bound, long seed, String name) {
        fill(tensor, seed, name, random -> random.nextDouble(-bound, bound));
    }

    private static void fill(Tensor tensor, long seed, String name, ToDoubleFunction<SplittableRandom> draw) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode());
        float[] values = new float[Math.toIntExact(tensor.count())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) draw.applyAsDouble(random);
        }
        try (TensorScope _ = TensorScope.open()) {
            tensor.copyFrom(Tensors.like(tensor).of(values, tensor.shape()));
        }
    }

    private static long[] lengths(List<Long> shape) {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
