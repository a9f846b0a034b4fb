package dev.saiki.engine.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.Experts;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.NormPlace;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.QueryKeyNorm;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.StepLora;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.cache.VisibleKeys;
import dev.saiki.engine.kernel.LowRankMatrix;
import dev.saiki.engine.kernel.WeightMatrices;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WeightMemory;
import dev.saiki.engine.settings.InputWatcher;
import dev.saiki.engine.settings.WeightFormat;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A model's weights in the engine's own form. Each matrix is copied from the checkpoint into the layout of its
/// kernel, and the pages of the file are released.
///
/// @param reading number assigned when the weights were read, unique in this process; it distinguishes results of
///     these weights, thresholds and number formats from other results
/// @param config configuration of the model
/// @param format number format of the matrices
/// @param embedding embeddings of the tokens
/// @param layers the weights of each unique layer
/// @param injection weights that inject the entry state into later steps; null if the model has none
/// @param finalNorm the last norm, divided by the divisor of the logits
/// @param head the head, which uses the embedding's weights if the two are tied
/// @param router router, which decides the depth of tokens
/// @param memory the memory of the matrices
@SuppressWarnings("ArrayRecordComponent") // Holds weights; never compared.
public record EngineWeights(
        long reading,
        ModelConfig config,
        WeightFormat format,
        EmbeddingTable embedding,
        List<LayerWeights> layers,
        @Nullable InjectionWeights injection,
        EngineNorm finalNorm,
        Head head,
        Router router,
        WeightMemory memory)
        implements AutoCloseable {

    private static final AtomicLong READINGS = new AtomicLong();

    /// Makes a defensive copy of the list.
    public EngineWeights {
        layers = List.copyOf(layers);
    }

    /// Reads a checkpoint.
    ///
    /// @param checkpoint the model
    /// @param format number format of the matrices; routers and norms are always float32
    /// @param watcher observer of the inputs of linear maps
    /// @return the weights, to be closed
    public static EngineWeights read(CheckpointDirectory checkpoint, WeightFormat format, InputWatcher watcher) {
        WeightMemory memory = new WeightMemory();
        try {
            return read(checkpoint, format, watcher, memory);
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    /// Returns an unused number, for weights or an adapter about to be read.
    static long nextReading() {
        return READINGS.incrementAndGet();
    }

    private static EngineWeights read(
            CheckpointDirectory checkpoint, WeightFormat format, InputWatcher watcher, WeightMemory memory) {
        ModelConfig config = checkpoint.config();
        Map<String, StoredTensor> tensors = checkpoint.tensors();
        MatrixReader reader = new MatrixReader(
                tensors,
                format,
                watcher,
                memory,
                config.architecture().family().normOffset(),
                config.recursion()
                        .flatMap(Recursion::stepLora)
                        .map(StepLora::scale)
                        .orElse(1.0));
        List<LayerWeights> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layerMap().numUnique(); layer++) {
            layers.add(layer(layer, config, reader));
        }
        StoredTensor embedding = require(tensors, ParameterNames.EMBEDDING);
        StoredTensor projection = tensors.get(ParameterNames.EMBEDDING_PROJECTION);
        WeightMatrix table =
                reader.matrix(config.tieWordEmbeddings() ? embedding : require(tensors, ParameterNames.HEAD));
        WeightMatrix narrowing =
                projection == null || !config.tieWordEmbeddings() ? null : reader.matrix(transposed(projection));
        EngineWeights weights = new EngineWeights(
                nextReading(),
                config,
                format,
                EmbeddingTable.of(embedding, projection == null ? null : reader.matrix(projection)),
                layers,
                InjectionWeights.read(tensors, reader::matrix),
                reader.normWeights(ParameterNames.FINAL_NORM)
                        .dividedBy((float) config.architecture().scales().logits()),
                new Head(table, narrowing, config.architecture().scales().caps().logits()),
                Routers.of(config, tensors),
                memory);
        tensors.values().forEach(StoredTensor::unload);
        return weights;
    }

    private static StoredTensor transposed(StoredTensor matrix) {
        int rows = Math.toIntExact(matrix.shape().getFirst());
        int columns = Math.toIntExact(matrix.shape().getLast());
        float[] values = matrix.toFloats();
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return StoredTensor.ofFloats(matrix.name(), List.of((long) columns, (long) rows), turned);
    }

    private static LayerWeights layer(int unique, ModelConfig config, MatrixReader reader) {
        String prefix = "model.layers." + unique + ".";
        int unrolled = config.layerMap().uniqueOf().indexOf(unique);
        Architecture architecture = config.architecture();
        StepWeights shared =
                StepWeights.shared(norms(architecture.family(), (_, name) -> reader.normWeights(prefix + name)));
        return new LayerWeights(
                shared,
                reader.linear(prefix + "self_attn.", List.of("q_proj")),
                reader.linear(prefix + "self_attn.", List.of("k_proj", "v_proj")),
                headNorms(prefix + "self_attn.", architecture.family().queryKeyNorm(), reader),
                reader.linear(prefix + "self_attn.", List.of("o_proj")),
                feedForward(prefix, architecture, reader),
                new LayerWeights.Sight(
                        architecture.windowOf(unrolled).orElse(VisibleKeys.NO_WINDOW),
                        architecture.rotationOf(unrolled)),
                steps(unique, shared, config, reader));
    }

    private static FeedForwardWeights feedForward(String prefix, Architecture architecture, MatrixReader reader) {
        boolean isGated = architecture.family().gatesFeedForward();
        Optional<Experts> experts = architecture.experts();
        if (experts.isEmpty()) {
            return reader.network(prefix + "mlp.", isGated);
        }
        return new FeedForwardWeights.Mixture(
                experts.get(),
                reader.float32(prefix + ParameterNames.EXPERT_GATE),
                IntStream.range(0, experts.get().count())
                        .mapToObj(expert -> reader.network(prefix + ParameterNames.EXPERTS + expert + ".", isGated))
                        .toList());
    }

    private static List<StepWeights> steps(int unique, StepWeights shared, ModelConfig config, MatrixReader reader) {
        LayerMap map = config.layerMap();
        boolean isOutside = unique < map.firstShared() || unique >= map.firstShared() + map.blockSize();
        boolean areAlike = config.recursion()
                .filter(recursion ->
                        recursion.stepNorms() || recursion.stepLora().isPresent())
                .isEmpty();
        if (isOutside || areAlike) {
            return List.of();
        }
        ModelFamily family = config.architecture().family();
        List<StepWeights> steps = new ArrayList<>();
        for (int step = 1; step < config.numRecursions(); step++) {
            String prefix = ParameterNames.step(unique, step);
            steps.add(new StepWeights(
                    norms(family, (place, name) -> reader.normOr(prefix + name, shared.norm(place))),
                    reader.updates(prefix + "self_attn.", "q_proj"),
                    reader.updates(prefix + "self_attn.", "k_proj", "v_proj"),
                    reader.updates(prefix + "self_attn.", "o_proj"),
                    reader.updates(prefix + "mlp.", "gate_proj", "up_proj"),
                    reader.updates(prefix + "mlp.", "down_proj")));
        }
        return steps;
    }

    private static @Nullable HeadNorms headNorms(String prefix, QueryKeyNorm kind, MatrixReader reader) {
        return kind == QueryKeyNorm.NONE
                ? null
                : new HeadNorms(kind, reader.norm(prefix + "q_norm.weight"), reader.norm(prefix + "k_norm.weight"));
    }

    private static Map<NormPlace, EngineNorm> norms(
            ModelFamily family, BiFunction<NormPlace, String, EngineNorm> read) {
        Map<NormPlace, EngineNorm> norms = new EnumMap<>(NormPlace.class);
        family.normPlacement().tensors().forEach((place, name) -> norms.put(place, read.apply(place, name)));
        return norms;
    }

    /// A reader of the matrices of one model. All matrices are stored in the same weight memory.
    ///
    /// @param normOffset what is added to the stored weights of norms
    /// @param scale factor of the low-rank updates
    private record MatrixReader(
            Map<String, StoredTensor> tensors,
            WeightFormat format,
            InputWatcher watcher,
            WeightMemory memory,
            int normOffset,
            double scale) {

        float[] norm(String name) {
            float[] weight = require(tensors, name).toFloats();
            for (int i = 0; i < weight.length; i++) {
                weight[i] += normOffset;
            }
            return weight;
        }

        EngineNorm normWeights(String name) {
            StoredTensor bias = tensors.get(ModelFamily.biasOf(name));
            return new EngineNorm(norm(name), bias == null ? null : bias.toFloats());
        }

        EngineNorm normOr(String name, EngineNorm otherwise) {
            return tensors.containsKey(name) ? normWeights(name) : otherwise;
        }

        /// The low-rank updates of maps with adjacent outputs; empty if the step has none.
        List<LowRankMatrix> updates(String prefix, String... names) {
            List<LowRankMatrix> updates = new ArrayList<>();
            int firstOutput = 0;
            for (String name : names) {
                StoredTensor a = tensors.get(prefix + name + ParameterNames.LORA_A);
                if (a != null) {
                    StoredTensor b = require(tensors, prefix + name + ParameterNames.LORA_B);
                    int rank = Math.toIntExact(a.shape().getFirst());
                    updates.add(LowRankMatrix.of(a.toFloats(), b.toFloats(), rank, scale, firstOutput));
                    firstOutput += Math.toIntExact(b.shape().getFirst());
                }
            }
            return updates;
        }

        FeedForwardWeights.Network network(String prefix, boolean isGated) {
            return new FeedForwardWeights.Network(
                    linear(prefix, isGated ? List.of("gate_proj", "up_proj") : List.of("up_proj")),
                    linear(prefix, List.of("down_proj")));
        }

        WeightMatrix float32(String name) {
            return WeightMatrices.of(List.of(require(tensors, name)), WeightFormat.FLOAT32, memory);
        }

        LinearMap linear(String prefix, List<String> names) {
            List<StoredTensor> stacked = names.stream()
                    .map(name -> require(tensors, prefix + name + ".weight"))
                    .toList();
            WeightMatrix matrix = WeightMatrices.of(stacked, format, memory);
            boolean biased = tensors.containsKey(prefix + names.getFirst() + ".bias");
            return new LinearMap(
                    stacked.stream().map(StoredTensor::name).toList(),
                    matrix,
                    biased ? bias(prefix, names, matrix.outputs()) : null,
                    watcher);
        }

        private float[] bias(String prefix, List<String> names, int outputs) {
            float[] stacked = new float[outputs];
            int next = 0;
            for (String name : names) {
                float[] part = require(tensors, prefix + name + ".bias").toFloats();
                System.arraycopy(part, 0, stacked, next, part.length);
                next += part.length;
            }
            return stacked;
        }

        /// Makes a matrix that lies outside the layers, and therefore is not rounded to less than eight bits.
        WeightMatrix matrix(StoredTensor tensor) {
            boolean rounded = format.isMixed() && !tensor.type().hasBlocks();
            return WeightMatrices.of(List.of(tensor), rounded ? WeightFormat.INT8 : format, memory);
        }
    }

    static StoredTensor require(Map<String, StoredTensor> tensors, String name) {
        return Optional.ofNullable(tensors.get(name))
                .orElseThrow(() -> new IllegalStateException("the checkpoint passed its checks but lacks " + name));
    }

    /// Frees the matrices. The matrices must not be used afterwards.
    @Override
    public void close() {
        memory.close();
    }

    /// Returns the bytes of matrices and norms.
    ///
    /// @return bytes; tied embedding and head are counted once
    public long bytes() {
        long untied = config.tieWordEmbeddings() ? 0 : embedding.table().data().byteSize();
        return layers.stream().mapToLong(LayerWeights::bytes).sum()
                + head.bytes()
                + embedding.projectionBytes()
                + untied
                + (injection == null ? 0 : injection.bytes());
    }
}
