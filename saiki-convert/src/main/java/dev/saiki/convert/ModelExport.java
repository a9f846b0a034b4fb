package dev.saiki.convert;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.FusedTensors;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.Companions;
import dev.saiki.convert.foreign.TemporaryTensors;
import dev.saiki.convert.gguf.GgufModels;
import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A writer of checkpoints in other tools' formats: Hugging Face folders and GGUF files.
///
/// A vanilla model is exported as a model of its family. A recursive model of fixed depth is unrolled into a
/// vanilla one: the shared layers are repeated in the order in which a token passes them. Routers, step gates
/// other than 1, injection, and steps that read another step's keys and values have no counterpart in a vanilla
/// model. Such a model is refused with a message that names the obstacle. The first step alone of a model with
/// step gates can always be exported. Norms of a step become the norms of its layers; low-rank updates and the
/// projection of a narrow embedding are multiplied out.
public final class ModelExport {

    /// The format of an exported model.
    public enum Format {
        /// A Hugging Face folder.
        HF,
        /// One file for llama.cpp.
        GGUF
    }

    /// The number format of the matrices in an exported GGUF file.
    public enum Weights {
        /// Float32.
        F32,
        /// IEEE 754 half.
        F16,
        /// The upper half of a float32.
        BF16,
        /// 8 bits per weight, with one scale for 32 weights.
        Q8_0,
        /// 4 bits per weight, with one scale for 32 weights.
        Q4_0
    }

    /// The result of an export.
    ///
    /// @param config the exported model
    /// @param unrolled whether the exported model is a recursive model, unrolled at a fixed depth
    public record Exported(ModelConfig config, boolean unrolled) {}

    private ModelExport() {}

    /// Exports a model.
    ///
    /// @param model the checkpoint's folder
    /// @param format the target format
    /// @param weights the number format of the matrices; empty to keep the format of the checkpoint
    /// @param maxDepth number of recursion steps of an unrolled model; empty for all steps
    /// @param out the folder or file to write
    /// @return the result of the export
    /// @throws InputException if the format cannot represent the model; the message states the reason
    /// @throws IOException if reading or writing fails; the target is then unchanged
    public static Exported run(Path model, Format format, Optional<Weights> weights, OptionalInt maxDepth, Path out)
            throws IOException {
        return run(CheckpointDirectory.open(model), format, weights, maxDepth, out);
    }

    /// Exports an open model.
    ///
    /// @param checkpoint the model
    /// @param format the target format
    /// @param weights the number format of the matrices; empty to keep the format of the checkpoint
    /// @param maxDepth number of recursion steps of an unrolled model; empty for all steps
    /// @param out the folder or file to write
    /// @return the result of the export
    /// @throws InputException if the format cannot represent the model; the message states the reason
    /// @throws IOException if reading or writing fails; the target is then unchanged
    public static Exported run(
            CheckpointDirectory checkpoint, Format format, Optional<Weights> weights, OptionalInt maxDepth, Path out)
            throws IOException {
        ModelConfig config = checkpoint.config();
        List<StoredTensor> tensors = List.copyOf(checkpoint.tensors().values());
        if (config.isVanilla()) {
            maxDepth.ifPresent(depth -> {
                throw new InputException("--max-depth is for recursive models; " + checkpoint.path() + " is vanilla");
            });
        } else {
            Unrolled unrolled = Unrolled.of(config, checkpoint.tensors(), maxDepth);
            config = unrolled.config();
            tensors = unrolled.tensors();
        }
        if (config.architecture().embeddingSize().isPresent()) {
            tensors = withWholeEmbedding(tensors);
            config = config.withArchitecture(config.architecture().withEmbeddingSize(OptionalInt.empty()));
        }
        switch (format) {
            case HF -> writeFolder(checkpoint, config, tensors, weights, out);
            case GGUF -> writeGguf(checkpoint, config, tensors, weights, out);
        }
        return new Exported(config, !checkpoint.config().isVanilla());
    }

    /// Multiplies out the projection of a narrow embedding: E Pᵀ, which a tied head can use too.
    private static List<StoredTensor> withWholeEmbedding(List<StoredTensor> tensors) {
        StoredTensor table = named(tensors, ParameterNames.EMBEDDING);
        StoredTensor projection = named(tensors, ParameterNames.EMBEDDING_PROJECTION);
        int width = Math.toIntExact(table.shape().getLast());
        int hidden = Math.toIntExact(projection.shape().getFirst());
        int vocabulary = Math.toIntExact(table.shape().getFirst());
        float[] rows = table.toFloats();
        float[] map = projection.toFloats();
        float[] whole = new float[Math.multiplyExact(vocabulary, hidden)];
        for (int id = 0; id < vocabulary; id++) {
            for (int i = 0; i < hidden; i++) {
                double sum = 0;
                for (int j = 0; j < width; j++) {
                    sum += (double) rows[id * width + j] * map[i * width + j];
                }
                whole[id * hidden + i] = (float) sum;
            }
        }
        StoredTensor embedding = StoredTensor.ofFloats(table.name(), List.of((long) vocabulary, (long) hidden), whole);
        return tensors.stream()
                .filter(tensor -> !tensor.name().equals(projection.name()))
                .map(tensor -> tensor.name().equals(table.name()) ? embedding : tensor)
                .toList();
    }

    private static StoredTensor named(List<StoredTensor> tensors, String name) {
        return tensors.stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void writeFolder(
            CheckpointDirectory checkpoint,
            ModelConfig config,
            List<StoredTensor> tensors,
            Optional<Weights> weights,
            Path out)
            throws IOException {
        if (weights.isPresent()) {
            throw new InputException(
                    "--weights is for GGUF; a folder keeps the number formats of the checkpoint, except"
                            + " that blocks are widened to float32");
        }
        SequencedMap<String, byte[]> files = new LinkedHashMap<>(checkpoint.companions());
        if (checkpoint.hasTokenizer()) {
            files.put("tokenizer.json", Files.readAllBytes(checkpoint.tokenizer()));
        }
        @Nullable Path parent = out.toAbsolutePath().getParent();
        try (TemporaryTensors widened = TemporaryTensors.in(parent == null ? out : parent)) {
            List<StoredTensor> written = new ArrayList<>();
            for (FusedTensors.Group group : FusedTensors.groups(config, tensors, FusedTensors.Layout.HUGGING_FACE)) {
                StoredTensor first = group.parts().getFirst();
                boolean asIs = group.parts().size() == 1 && !first.type().hasBlocks();
                written.add(asIs ? first : widened.add(group));
            }
            CheckpointDirectory.write(
                    out, config, written, files, checkpoint.manifest().orElseGet(Manifest::untrained));
        }
    }

    private static void writeGguf(
            CheckpointDirectory checkpoint,
            ModelConfig config,
            List<StoredTensor> tensors,
            Optional<Weights> weights,
            Path out)
            throws IOException {
        Path folder = checkpoint.path();
        Optional<Path> tokenizer = checkpoint.hasTokenizer() ? Optional.of(checkpoint.tokenizer()) : Optional.empty();
        Optional<String> template = CheckpointTemplate.isIn(folder)
                ? Optional.of(CheckpointTemplate.read(folder, Clock.systemUTC()).source())
                : Optional.empty();
        Optional<StoredType> type = weights.map(Weights::name).map(StoredType::valueOf);
        GgufModels.write(
                out, config, tensors, type, new Companions(tokenizer, template), CheckpointDirectory.nameOf(folder));
    }

    /// A recursive model of fixed depth, unrolled into a vanilla one.
    private record Unrolled(ModelConfig config, List<StoredTensor> tensors) {

        private static final String LAYERS = "model.layers.";

        static Unrolled of(ModelConfig config, SequencedMap<String, StoredTensor> stored, OptionalInt maxDepth) {
            LayerMap map = config.layerMap();
            int depth = maxDepth.orElse(map.numRecursions());
            InputException.requireBetween("--max-depth: the depth", depth, 1, map.numRecursions());
            refuseForbidden(config, stored, depth);
            List<Integer> kept = IntStream.range(0, map.numUnrolled())
                    .filter(layer -> stepOf(layer, map, config) < depth)
                    .boxed()
                    .toList();
            List<Integer> layers = kept.stream().map(map.uniqueOf()::get).toList();
            StepTensors steps = new StepTensors(config, stored);
            List<StoredTensor> tensors = new ArrayList<>();
            for (StoredTensor tensor : stored.values()) {
                if (!tensor.name().startsWith(LAYERS)) {
                    boolean isOfRecursion = ParameterNames.isStoredInFloat32(tensor.name())
                            || tensor.name().equals(ParameterNames.INJECTION);
                    if (!isOfRecursion) {
                        tensors.add(tensor);
                    }
                    continue;
                }
                int dot = tensor.name().indexOf('.', LAYERS.length());
                int unique = Integer.parseInt(tensor.name(), LAYERS.length(), dot, 10);
                String part = tensor.name().substring(dot + 1);
                for (int layer = 0; layer < layers.size(); layer++) {
                    if (layers.get(layer) == unique && !StepTensors.isOfStep(part)) {
                        StoredTensor own = steps.at(stepOf(kept.get(layer), map, config), unique, part, tensor);
                        tensors.add(new StoredTensor(LAYERS + layer + "." + part, own.type(), own.shape(), own.data()));
                    }
                }
            }
            ModelConfig vanilla = config.withRecursion(Optional.empty(), new Routing.None(), KeyValueSharing.NONE)
                    .withLayers(kept);
            return new Unrolled(vanilla, tensors);
        }

        /// The recursion step of a layer; 0 for the unshared layers at both ends.
        private static int stepOf(int layer, LayerMap map, ModelConfig config) {
            int index = layer - map.firstShared();
            if (index < 0 || index >= map.numRecursions() * map.blockSize()) {
                return 0;
            }
            boolean cycle = config.recursion()
                    .map(recursion -> recursion.sharing().isCycle())
                    .orElse(true);
            return cycle ? index / map.blockSize() : index % map.numRecursions();
        }

        private static void refuseForbidden(ModelConfig config, SequencedMap<String, StoredTensor> stored, int depth) {
            // With step gates, the first step alone is a vanilla model, even if the whole model is routed.
            String firstOnly = config.hasStepGates() ? ". Its first step can be exported: --max-depth 1" : "";
            if (depth > 1 && config.recursion().map(Recursion::injection).orElse(false)) {
                throw new InputException("recursion.injection cannot be exported: each step adds the state that entered"
                        + " the recursion, which no vanilla layer does. The first step can be exported: --max-depth 1");
            }
            if (config.hasStepGates() && depth == 1) {
                return;
            }
            if (config.isRouted()) {
                throw new InputException("routing.type " + config.routing().key() + " cannot be exported: "
                        + (config.hasStepGates()
                                ? "its tokens take different numbers of layers, which no vanilla model supports"
                                        + firstOnly
                                : "its router scales the output of each step, which no vanilla layer does. Models of"
                                        + " fixed depth (routing.type none) can be exported"));
            }
            if (config.kvSharing() != KeyValueSharing.NONE) {
                throw new InputException("kv_sharing " + config.kvSharing().key()
                        + " cannot be exported: its later steps read the keys and values of the first step, which no"
                        + " vanilla model does" + firstOnly);
            }
            if (config.hasStepGates()) {
                float[] gates = Objects.requireNonNull(stored.get(ParameterNames.STEP_GATES))
                        .toFloats();
                for (int step = 1; step < depth; step++) {
                    if (gates[step] != 1) {
                        throw new InputException("recursion.step_gates cannot be exported: the gate of step " + step
                                + " is " + gates[step]
                                + ", but a vanilla model has no gates (only a gate of 1 can be exported)"
                                + firstOnly);
                    }
                }
            }
        }
    }
}
