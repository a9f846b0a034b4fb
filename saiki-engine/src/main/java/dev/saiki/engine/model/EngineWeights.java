package dev.saiki.engine.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.kernel.WeightMatrices;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WeightMemory;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// A model's weights as the engine reads them from a checkpoint: each matrix is copied into the order that its
/// kernel reads, and the pages of the file are let go of.
///
/// @param reading number that no other reading of a checkpoint in this process has, so that what was computed with
///     other weights, thresholds or number formats cannot be taken for what these compute
/// @param config the model
/// @param embedding what tokens enter with
/// @param layers one a unique layer
/// @param finalNorm `[hidden]`
/// @param head `[V, hidden]`; the embedding's numbers if they are tied
/// @param router who decides about depth
/// @param memory that the matrices lie in
@SuppressWarnings("ArrayRecordComponent") // A carrier of weights that nothing compares.
public record EngineWeights(
        long reading,
        ModelConfig config,
        EmbeddingTable embedding,
        List<LayerWeights> layers,
        float[] finalNorm,
        WeightMatrix head,
        Router router,
        WeightMemory memory)
        implements AutoCloseable {

    private static final AtomicLong READINGS = new AtomicLong();

    /// Keeps its own copy of the list.
    public EngineWeights {
        layers = List.copyOf(layers);
    }

    /// Reads a checkpoint.
    ///
    /// @param checkpoint the model
    /// @param options in which format the matrices are held; routers and norms are always float32
    /// @return the weights, to be closed
    public static EngineWeights read(CheckpointDirectory checkpoint, EngineOptions options) {
        WeightMemory memory = new WeightMemory();
        try {
            return read(checkpoint, options, memory);
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private static EngineWeights read(CheckpointDirectory checkpoint, EngineOptions options, WeightMemory memory) {
        ModelConfig config = checkpoint.config();
        if (!config.architecture().equals(Architecture.LLAMA)) {
            throw new InputException(checkpoint.path()
                    + ": model_type must be that of a plain Llama, the only one computed so far, got "
                    + config.architecture());
        }
        Map<String, StoredTensor> tensors = checkpoint.tensors();
        MatrixReader reader = new MatrixReader(tensors, options, memory);
        List<LayerWeights> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layerMap().numUnique(); layer++) {
            layers.add(layer("model.layers." + layer + ".", reader));
        }
        StoredTensor embedding = require(tensors, ParameterNames.EMBEDDING);
        StoredTensor head = config.tieWordEmbeddings() ? embedding : require(tensors, ParameterNames.HEAD);
        EngineWeights weights = new EngineWeights(
                READINGS.incrementAndGet(),
                config,
                EmbeddingTable.of(embedding),
                layers,
                require(tensors, ParameterNames.FINAL_NORM).toFloats(),
                reader.matrix(List.of(head)),
                Routers.of(config, tensors),
                memory);
        tensors.values().forEach(StoredTensor::letGo);
        return weights;
    }

    private static LayerWeights layer(String prefix, MatrixReader reader) {
        return new LayerWeights(
                require(reader.tensors(), prefix + "input_layernorm.weight").toFloats(),
                reader.stacked(prefix + "self_attn.", List.of("q_proj")),
                reader.stacked(prefix + "self_attn.", List.of("k_proj", "v_proj")),
                reader.stacked(prefix + "self_attn.", List.of("o_proj")),
                require(reader.tensors(), prefix + "post_attention_layernorm.weight")
                        .toFloats(),
                reader.stacked(prefix + "mlp.", List.of("gate_proj", "up_proj")),
                reader.stacked(prefix + "mlp.", List.of("down_proj")));
    }

    /// A reader of the matrices of one model, all into one memory.
    private record MatrixReader(Map<String, StoredTensor> tensors, EngineOptions options, WeightMemory memory) {

        WeightMatrix stacked(String prefix, List<String> names) {
            return matrix(names.stream()
                    .map(name -> require(tensors, prefix + name + ".weight"))
                    .toList());
        }

        WeightMatrix matrix(List<StoredTensor> stacked) {
            int fromRows = options.torchFromRows();
            return fromRows > 0
                    ? WeightMatrices.withManyRows(stacked, options.weights(), memory, fromRows, options.threads())
                    : WeightMatrices.of(stacked, options.weights(), memory);
        }
    }

    static StoredTensor require(Map<String, StoredTensor> tensors, String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the checkpoint was checked, and yet has no " + name);
        }
        return tensor;
    }

    /// Frees the matrices. Nothing may compute with them any more.
    @Override
    public void close() {
        memory.close();
    }

    /// Counts the bytes that matrices and norms take.
    ///
    /// @return bytes; embedding and head once if they are tied
    public long bytes() {
        long untied = config.tieWordEmbeddings() ? 0 : embedding.table().data().byteSize();
        return layers.stream().mapToLong(LayerWeights::heldBytes).sum() + head.heldBytes() + untied;
    }
}
