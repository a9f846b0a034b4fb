package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.FusedTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.BlockEncoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.Companions;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.HeadRows;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A reader and writer of models in GGUF files.
public final class GgufModels {

    private static final String ARCHITECTURE = "general.architecture";

    /// A change of the order of a tensor's rows, from neighbouring pairs to halves, see {@link HeadRows}.
    @FunctionalInterface
    public interface Reordering {

        /// Changes the order.
        ///
        /// @param tensor a tensor with its rows in the order of neighbouring pairs
        /// @param headDim rows of a head
        /// @return the tensor with its rows in half-split order
        /// @throws IOException if the tensor cannot be written
        StoredTensor toHalves(StoredTensor tensor, int headDim) throws IOException;
    }

    private GgufModels() {}

    /// Reads a model.
    ///
    /// @param path the file
    /// @param arena the lifetime of the mapped tensors
    /// @param reordering changes the order of rows where an architecture needs it
    /// @return the model
    /// @throws InputException if the file is damaged or cannot be represented exactly; the message names the part
    /// @throws IOException if reordered tensors cannot be written
    public static ForeignModel read(Path path, Arena arena, Reordering reordering) throws IOException {
        return read(GgufFile.open(path, arena), List.of(path), reordering);
    }

    static ForeignModel read(GgufFile file, List<Path> sources, Reordering reordering) throws IOException {
        GgufMetadata metadata = file.metadata();
        metadata.whole("split.count").filter(pieces -> pieces > 1).ifPresent(pieces -> {
            throw new InputException(metadata.where() + ": the file is one of " + pieces
                    + " shards of a model; join them first (llama-gguf-split --merge)");
        });
        String name = metadata.requireText(ARCHITECTURE);
        GgufArchitecture architecture = GgufArchitecture.ofKey(name)
                .orElseThrow(() -> metadata.wrong(
                        ARCHITECTURE,
                        "one of "
                                + Arrays.stream(GgufArchitecture.values())
                                        .map(GgufArchitecture::key)
                                        .collect(Collectors.joining(", ")),
                        "'" + name + "'"));
        Problems problems = new Problems();
        Optional<ObjectNode> read = problems.attempt(() -> GgufConfig.read(file, architecture));
        Optional<Optional<byte[]>> tokenizer = problems.attempt(() -> GgufTokenizer.read(metadata));
        problems.throwIfAny();
        ObjectNode config = read.orElseThrow();
        ModelConfig model = ModelConfig.fromJson(config, metadata.where());
        List<StoredTensor> tensors = tensors(file, architecture, model, reordering);
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        tokenizer.orElseThrow().ifPresent(json -> files.put("tokenizer.json", json));
        metadata.text(GgufTokenizer.TEMPLATE)
                .ifPresent(template -> files.put("chat_template.jinja", template.getBytes(StandardCharsets.UTF_8)));
        if (files.containsKey("tokenizer.json")) {
            files.put("tokenizer_config.json", tokenizerConfig(metadata));
        }
        ForeignModel.Kind kind = new ForeignModel.Kind(
                "GGUF",
                architecture.key(),
                file.tensors().values().stream()
                        .map(StoredTensor::type)
                        .distinct()
                        .sorted()
                        .map(StoredType::name)
                        .toList());
        return new ForeignModel(kind, config, tensors, files, sources);
    }

    private static byte[] tokenizerConfig(GgufMetadata metadata) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        Optional<List<String>> tokens = metadata.texts(GgufTokenizer.PREFIX + "tokens");
        for (String name : List.of("bos", "eos")) {
            metadata.whole(GgufTokenizer.PREFIX + name + "_token_id")
                    .filter(id -> tokens.isPresent() && id < tokens.get().size())
                    .ifPresent(
                            id -> json.put(name + "_token", tokens.orElseThrow().get(id)));
        }
        return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static List<StoredTensor> tensors(
            GgufFile file, GgufArchitecture architecture, ModelConfig config, Reordering reordering)
            throws IOException {
        int normOffset = config.architecture().family().normOffset();
        SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (StoredTensor tensor : file.tensors().values()) {
            if (GgufRope.areDivisors(tensor.name(), architecture)
                    || (config.tieWordEmbeddings() && tensor.name().equals(GgufConfig.HEAD))) {
                continue;
            }
            String where = file.metadata().where();
            String name = architecture
                    .checkpointName(tensor.name())
                    .orElseThrow(() -> new InputException(
                            where + ": tensor " + tensor.name() + " does not belong to a model of architecture "
                                    + architecture.key() + " in the form that Saiki supports"));
            StoredTensor stored =
                    shifted(new StoredTensor(name, tensor.type(), tensor.shape(), tensor.data()), -normOffset);
            if (architecture.pairsNeighbours() && GgufArchitecture.isRotated(name)) {
                HeadRows.obstacle(stored.shape(), config.headDim()).ifPresent(problem -> {
                    throw new InputException(where + ": tensor " + tensor.name() + ": " + problem);
                });
                stored = reordering.toHalves(stored, config.headDim());
            }
            tensors.put(name, stored);
        }
        return List.copyOf(FusedTensors.split(file.metadata().where(), config, tensors, FusedTensors.Layout.GGUF)
                .values());
    }

    /// Writes a vanilla model.
    ///
    /// @param target the file to write or replace
    /// @param config the model
    /// @param tensors the model's tensors
    /// @param type the number format of matrices: F32, F16, BF16, Q8_0 or Q4_0; empty to keep that of each matrix,
    ///     but Q8_0 for Q6_0. Norms, biases, and matrices whose rows cannot be divided into blocks are always F32
    /// @param companions the model's tokenizer and template
    /// @param name the model's name in the file
    /// @throws InputException if llama.cpp would compute something different; the message names the difference
    /// @throws IOException if writing fails; the target is then unchanged
    public static void write(
            Path target,
            ModelConfig config,
            List<StoredTensor> tensors,
            Optional<StoredType> type,
            Companions companions,
            String name)
            throws IOException {
        JsonNode json = config.toJson();
        String modelType = json.path("model_type").stringValue("");
        GgufArchitecture architecture = GgufArchitecture.ofModelType(modelType)
                .orElseThrow(() -> new InputException("a model of type " + modelType + " cannot be written to GGUF"));
        GgufWriter writer = new GgufWriter()
                .put(ARCHITECTURE, architecture.key())
                .put("general.name", name)
                .put("general.file_type", GgufTypes.fileCode(type.orElseGet(() -> predominant(tensors))))
                .put("general.quantization_version", 2);
        Map<String, double[]> divisors = GgufConfig.write(json, architecture, writer);
        if (companions.tokenizer().isPresent()) {
            GgufTokenizerWriter.write(
                    companions.tokenizer().get(), config.vocabSize(), config.bosTokenId(), config.eosTokenId(), writer);
        } else {
            writer.put(GgufTokenizer.PREFIX + "model", "none");
        }
        companions.template().ifPresent(template -> writer.put(GgufTokenizer.TEMPLATE, template));
        writer.write(target, contents(config, tensors, type, architecture, divisors));
    }

    private static List<GgufWriter.Content> contents(
            ModelConfig config,
            List<StoredTensor> tensors,
            Optional<StoredType> type,
            GgufArchitecture architecture,
            Map<String, double[]> divisors) {
        List<GgufWriter.Content> contents = new ArrayList<>();
        divisors.forEach((name, values) -> contents.add(content(
                name, StoredTensor.ofFloats(name, List.of((long) values.length), narrowed(values)), StoredType.F32)));
        int normOffset = config.architecture().family().normOffset();
        List<StoredTensor> shifted =
                tensors.stream().map(tensor -> shifted(tensor, normOffset)).toList();
        for (FusedTensors.Group group : FusedTensors.groups(config, shifted, FusedTensors.Layout.GGUF)) {
            String name = architecture
                    .ggufName(group.name())
                    .orElseThrow(() -> new InputException("tensor " + group.name()
                            + " cannot be written to GGUF for architecture " + architecture.key()));
            StoredTensor first = group.parts().getFirst();
            StoredType wanted = type.or(group::type).map(GgufTypes::inGguf).orElse(StoredType.F32);
            boolean isMatrix = first.shape().size() > 1;
            boolean whole = first.shape().getLast() % wanted.blockSize() == 0;
            boolean isGate = group.name().endsWith(ParameterNames.EXPERT_GATE);
            StoredType written = isMatrix && whole && !isGate ? wanted : StoredType.F32;
            boolean turned = architecture.pairsNeighbours() && GgufArchitecture.isRotated(group.name());
            contents.add(turned ? turned(name, first, config.headDim(), written) : content(name, group, written));
            // llama.cpp requires a separate head for this family.
            if (architecture == GgufArchitecture.OLMO2
                    && config.tieWordEmbeddings()
                    && name.equals(GgufConfig.EMBEDDING)) {
                contents.add(content(GgufConfig.HEAD, first, written));
            }
        }
        return contents;
    }

    /// Adds a number to the weight of a norm, in float32; other tensors stay as they are. A GGUF file stores norms with
    /// the family's offset added.
    private static StoredTensor shifted(StoredTensor tensor, int added) {
        if (added == 0 || !tensor.name().endsWith("norm.weight")) {
            return tensor;
        }
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] += added;
        }
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    /// The number format of most matrices.
    private static StoredType predominant(List<StoredTensor> tensors) {
        return tensors.stream()
                .filter(tensor -> tensor.shape().size() > 1)
                .collect(Collectors.groupingBy(tensor -> GgufTypes.inGguf(tensor.type()), Collectors.counting()))
                .entrySet()
                .stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(StoredType.F32);
    }

    private static float[] narrowed(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static GgufWriter.Content turned(String name, StoredTensor tensor, int headDim, StoredType type) {
        return new GgufWriter.Content(name, type, tensor.shape(), output -> {
            try (Arena passing = Arena.ofConfined()) {
                BlockEncoder.of(type).write(HeadRows.toNeighbours(tensor, headDim, passing), output);
            }
        });
    }

    private static GgufWriter.Content content(String name, StoredTensor tensor, StoredType type) {
        return content(name, new FusedTensors.Group(tensor), type);
    }

    private static GgufWriter.Content content(String name, FusedTensors.Group group, StoredType type) {
        return new GgufWriter.Content(name, type, group.shape(), output -> {
            for (StoredTensor part : group.parts()) {
                BlockEncoder.of(type).write(part, output);
            }
        });
    }
}
