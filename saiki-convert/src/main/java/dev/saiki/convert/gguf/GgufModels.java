package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.Companions;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.HeadRows;
import dev.saiki.convert.foreign.WideTensors;
import dev.saiki.io.InputException;
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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A reader and writer of models in GGUF files.
public final class GgufModels {

    private static final String ARCHITECTURE = "general.architecture";

    /// llama.cpp's codes for the predominant number format of a file.
    private static final Map<GgufType, Integer> FILE_TYPES =
            Map.of(GgufType.F32, 0, GgufType.F16, 1, GgufType.Q8_0, 7, GgufType.BF16, 32);

    private GgufModels() {}

    /// Reads a model.
    ///
    /// @param path the file
    /// @param arena the lifetime of the mapped tensors
    /// @param wide receives the widened tensors
    /// @return the model
    /// @throws InputException if the file is damaged or cannot be represented exactly; the message names the part
    /// @throws IOException if widened tensors cannot be written
    public static ForeignModel read(Path path, Arena arena, WideTensors wide) throws IOException {
        return read(GgufFile.open(path, arena), List.of(path), wide);
    }

    static ForeignModel read(GgufFile file, List<Path> sources, WideTensors wide) throws IOException {
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
        ObjectNode config = GgufConfig.read(file, architecture);
        ModelConfig.fromJson(config, metadata.where());
        List<StoredTensor> tensors = tensors(file, architecture, config, wide);
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        GgufTokenizer.read(metadata).ifPresent(json -> files.put("tokenizer.json", json));
        metadata.text(GgufTokenizer.TEMPLATE)
                .ifPresent(template -> files.put("chat_template.jinja", template.getBytes(StandardCharsets.UTF_8)));
        if (files.containsKey("tokenizer.json")) {
            files.put("tokenizer_config.json", tokenizerConfig(metadata));
        }
        ForeignModel.Kind kind = new ForeignModel.Kind(
                "GGUF",
                architecture.key(),
                types(file, _ -> true),
                types(file, type -> type.stored().isEmpty()));
        return new ForeignModel(kind, config, tensors, files, sources);
    }

    private static List<String> types(GgufFile file, Predicate<GgufType> which) {
        return file.tensors().values().stream()
                .map(GgufTensor::type)
                .distinct()
                .filter(which)
                .sorted()
                .map(GgufType::name)
                .toList();
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
            GgufFile file, GgufArchitecture architecture, JsonNode config, WideTensors wide) throws IOException {
        int headDim = config.path("head_dim").intValue();
        boolean tied = config.path("tie_word_embeddings").booleanValue();
        List<StoredTensor> tensors = new ArrayList<>();
        for (GgufTensor tensor : file.tensors().values()) {
            if (tensor.name().equals(GgufRope.DIVISORS)
                    || (tied && tensor.name().equals(GgufConfig.HEAD))) {
                continue;
            }
            String where = file.metadata().where();
            String name = architecture
                    .checkpointName(tensor.name())
                    .orElseThrow(() -> new InputException(
                            where + ": tensor " + tensor.name() + " does not belong to a model of architecture "
                                    + architecture.key() + " in the form that Saiki supports"));
            StoredTensor stored = stored(tensor, name, wide);
            if (architecture.pairsNeighbours() && GgufArchitecture.isRotated(name)) {
                HeadRows.obstacle(stored.shape(), headDim).ifPresent(problem -> {
                    throw new InputException(where + ": tensor " + tensor.name() + ": " + problem);
                });
                stored = wide.addHalves(stored, headDim);
            }
            tensors.add(stored);
        }
        return tensors;
    }

    private static StoredTensor stored(GgufTensor tensor, String name, WideTensors wide) throws IOException {
        Optional<StoredType> type = tensor.type().stored();
        if (type.isPresent()) {
            return new StoredTensor(name, type.get(), tensor.shape(), tensor.data());
        }
        BlockDecoder decoder = new BlockDecoder(tensor);
        return wide.add(name, tensor.shape(), decoder::copyTo);
    }

    /// Writes a vanilla model.
    ///
    /// @param target the file to write or replace
    /// @param config the model
    /// @param tensors the model's tensors
    /// @param type the number format of matrices: F32, F16, BF16 or Q8_0; norms, biases, and matrices whose rows
    ///     cannot be divided into blocks are always F32
    /// @param companions the model's tokenizer and template
    /// @param name the model's name in the file
    /// @throws InputException if llama.cpp would compute something different; the message names the difference
    /// @throws IOException if writing fails; the target is then unchanged
    public static void write(
            Path target,
            ModelConfig config,
            List<StoredTensor> tensors,
            GgufType type,
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
                .put(
                        "general.file_type",
                        Optional.ofNullable(FILE_TYPES.get(type)).orElseThrow())
                .put("general.quantization_version", 2);
        Optional<double[]> divisors = GgufConfig.write(json, architecture, writer);
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
            GgufType type,
            GgufArchitecture architecture,
            Optional<double[]> divisors) {
        List<GgufWriter.Content> contents = new ArrayList<>();
        divisors.ifPresent(values -> contents.add(content(
                GgufRope.DIVISORS,
                StoredTensor.ofFloats(GgufRope.DIVISORS, List.of((long) values.length), narrowed(values)),
                GgufType.F32)));
        for (StoredTensor tensor : tensors) {
            String name = architecture
                    .ggufName(tensor.name())
                    .orElseThrow(() -> new InputException("tensor " + tensor.name()
                            + " cannot be written to GGUF for architecture " + architecture.key()));
            boolean turned = architecture.pairsNeighbours() && GgufArchitecture.isRotated(tensor.name());
            boolean matrix = tensor.shape().size() > 1;
            boolean whole = tensor.shape().getLast() % type.blockSize() == 0;
            GgufType written = matrix && whole ? type : GgufType.F32;
            contents.add(turned ? turned(name, tensor, config.headDim(), written) : content(name, tensor, written));
            // llama.cpp requires a separate head for this family.
            if (architecture == GgufArchitecture.OLMO2
                    && config.tieWordEmbeddings()
                    && name.equals(GgufConfig.EMBEDDING)) {
                contents.add(content(GgufConfig.HEAD, tensor, whole ? type : GgufType.F32));
            }
        }
        return contents;
    }

    private static float[] narrowed(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static GgufWriter.Content turned(String name, StoredTensor tensor, int headDim, GgufType type) {
        return new GgufWriter.Content(name, type, tensor.shape(), output -> {
            try (Arena passing = Arena.ofConfined()) {
                new BlockEncoder(HeadRows.toNeighbours(tensor, headDim, passing), type).writeTo(output);
            }
        });
    }

    private static GgufWriter.Content content(String name, StoredTensor tensor, GgufType type) {
        return new GgufWriter.Content(name, type, tensor.shape(), new BlockEncoder(tensor, type)::writeTo);
    }
}
