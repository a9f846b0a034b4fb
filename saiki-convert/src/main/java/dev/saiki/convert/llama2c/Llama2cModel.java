package dev.saiki.convert.llama2c;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.WideTensors;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A reader of llama2.c's model files.
///
/// The first format has no magic number: seven sizes, then float32 weights, grouped by kind. Version 2 has a
/// 256-byte header, float32 norms, and int8 matrices with a float32 scale for each group of numbers. In both
/// formats, rotary positions pair neighbours, so the rows of queries and keys are reordered, see
/// {@link dev.saiki.convert.foreign.HeadRows}.
public final class Llama2cModel {

    private static final int MAGIC = 0x616b3432;
    private static final int HEADER = 256;
    private static final int SIZES = 7;
    private static final double EPSILON = 1e-5;
    private static final double THETA = 10_000;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment file;
    private final String where;
    private final WideTensors wide;
    private final List<StoredTensor> tensors = new ArrayList<>();
    private Sizes sizes = new Sizes(0, 0, 0, 0, 0, 0, 0);
    private long position;
    private int group;

    private Llama2cModel(MemorySegment file, String where, WideTensors wide) {
        this.file = file;
        this.where = where;
        this.wide = wide;
    }

    /// The sizes of a model, in file order.
    private record Sizes(int hidden, int inner, int layers, int heads, int groups, int vocabulary, int positions) {

        int headDim() {
            return hidden / heads;
        }

        /// The problem with the sizes, if there is one.
        Optional<String> problem() {
            boolean positive = hidden > 0 && inner > 0 && layers > 0 && heads > 0 && groups > 0 && vocabulary > 0;
            boolean bounded = hidden <= ModelConfig.MAX_SIZE
                    && inner <= ModelConfig.MAX_SIZE
                    && layers <= ModelConfig.MAX_LAYERS
                    && vocabulary <= ModelConfig.MAX_VOCABULARY
                    && positions <= ModelConfig.MAX_VOCABULARY;
            if (!positive || positions <= 0 || !bounded) {
                return Optional.of("sizes out of range");
            }
            return hidden % heads == 0 && hidden / heads % 2 == 0 && heads % groups == 0
                    ? Optional.empty()
                    : Optional.of("head counts that do not fit the width");
        }
    }

    /// Reads a model.
    ///
    /// @param path the file
    /// @param vocabulary llama2.c's vocabulary file; empty for a model without tokenizer
    /// @param arena the lifetime of the mapped tensors
    /// @param wide receives the widened tensors
    /// @return the model
    /// @throws InputException if the file is not in this format
    /// @throws IOException if the file cannot be read, or widened tensors cannot be written
    public static ForeignModel read(Path path, Optional<Path> vocabulary, Arena arena, WideTensors wide)
            throws IOException {
        MemorySegment bytes;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
        Llama2cModel model = new Llama2cModel(bytes, path.toString(), wide);
        List<Path> sources = new ArrayList<>(List.of(path));
        vocabulary.ifPresent(sources::add);
        return model.read(vocabulary, sources);
    }

    private ForeignModel read(Optional<Path> vocabulary, List<Path> sources) throws IOException {
        if (file.byteSize() < SIZES * Integer.BYTES) {
            throw notAModel("too short");
        }
        boolean quantized = file.get(INT, 0) == MAGIC;
        boolean tied = quantized ? readQuantized() : readFloat();
        ObjectNode config = config(tied);
        ModelConfig.fromJson(config, where);
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        files.put("generation_config.json", generationConfig());
        if (vocabulary.isPresent()) {
            files.put("tokenizer.json", Llama2cVocabulary.tokenizerJson(vocabulary.get(), sizes.vocabulary()));
        }
        ForeignModel.Kind kind = new ForeignModel.Kind(
                "llama2.c", "", List.of(quantized ? "int8" : "F32"), quantized ? List.of("int8") : List.of());
        return new ForeignModel(kind, config, tensors, files, sources);
    }

    /// The start token also ends an answer, because training texts were concatenated.
    private static byte[] generationConfig() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("bos_token_id", Llama2cVocabulary.BEGIN);
        json.putArray("eos_token_id").add(Llama2cVocabulary.END).add(Llama2cVocabulary.BEGIN);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private InputException notAModel(String why) {
        return new InputException(where
                + ": neither a model folder, nor a GGUF file, nor a llama2.c model (as a llama2.c model: " + why
                + "); for a Hugging Face model, give its folder");
    }

    private Sizes sizes(long at) {
        int[] numbers = new int[SIZES];
        for (int i = 0; i < SIZES; i++) {
            numbers[i] = file.get(INT, at + (long) i * Integer.BYTES);
        }
        return new Sizes(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
    }

    /// Reads the first format.
    ///
    /// @return whether the head is tied; a negative vocabulary size means that the head is not tied
    private boolean readFloat() throws IOException {
        Sizes read = sizes(0);
        boolean tied = read.vocabulary() > 0;
        sizes = new Sizes(
                read.hidden(),
                read.inner(),
                read.layers(),
                read.heads(),
                read.groups(),
                Math.absExact(Math.max(read.vocabulary(), -Integer.MAX_VALUE)),
                read.positions());
        sizes.problem().ifPresent(problem -> {
            throw notAModel(problem);
        });
        position = (long) SIZES * Integer.BYTES;
        long turns = (long) sizes.positions() * (sizes.headDim() / 2) * 2 * Float.BYTES;
        long expected = position + floats(tied) * Float.BYTES + turns;
        if (file.byteSize() != expected) {
            throw notAModel(expected + " bytes expected, " + file.byteSize() + " found");
        }
        long hidden = sizes.hidden();
        long keys = (long) sizes.groups() * sizes.headDim();
        floats("model.embed_tokens.weight", List.of((long) sizes.vocabulary(), hidden));
        layers("input_layernorm", List.of(hidden));
        layers("self_attn.q_proj", List.of(hidden, hidden));
        layers("self_attn.k_proj", List.of(keys, hidden));
        layers("self_attn.v_proj", List.of(keys, hidden));
        layers("self_attn.o_proj", List.of(hidden, hidden));
        layers("post_attention_layernorm", List.of(hidden));
        layers("mlp.gate_proj", List.of((long) sizes.inner(), hidden));
        layers("mlp.down_proj", List.of(hidden, (long) sizes.inner()));
        layers("mlp.up_proj", List.of((long) sizes.inner(), hidden));
        floats("model.norm.weight", List.of(hidden));
        position += turns;
        if (!tied) {
            floats("lm_head.weight", List.of((long) sizes.vocabulary(), hidden));
        }
        return tied;
    }

    private long floats(boolean tied) {
        long hidden = sizes.hidden();
        long keys = (long) sizes.groups() * sizes.headDim();
        long layer = 2 * hidden + 2 * hidden * hidden + 2 * keys * hidden + 3L * sizes.inner() * hidden;
        return Math.addExact(
                Math.multiplyExact(layer, (long) sizes.layers()),
                hidden + (tied ? 1L : 2L) * sizes.vocabulary() * hidden);
    }

    private void layers(String part, List<Long> shape) throws IOException {
        for (int layer = 0; layer < sizes.layers(); layer++) {
            floats("model.layers." + layer + "." + part + ".weight", shape);
        }
    }

    private void floats(String name, List<Long> shape) throws IOException {
        long bytes = StoredTensor.byteCount(StoredType.F32, shape);
        add(new StoredTensor(name, StoredType.F32, shape, file.asSlice(position, bytes)));
        position += bytes;
    }

    private void add(StoredTensor tensor) throws IOException {
        boolean rotated = tensor.name().contains(".q_proj.") || tensor.name().contains(".k_proj.");
        tensors.add(rotated ? wide.addHalves(tensor, sizes.headDim()) : tensor);
    }

    /// Reads version 2.
    ///
    /// @return whether the head is tied
    private boolean readQuantized() throws IOException {
        if (file.byteSize() < HEADER) {
            throw notAModel("too short");
        }
        int version = file.get(INT, Integer.BYTES);
        if (version != 2) {
            throw InputException.of(
                    where, "the version of llama2.c's format", "2 (int8), or the first one, without a header", version);
        }
        sizes = sizes(2L * Integer.BYTES);
        long behind = (2L + SIZES) * Integer.BYTES;
        boolean tied = file.get(ValueLayout.JAVA_BYTE, behind) != 0;
        group = file.get(INT, behind + 1);
        sizes.problem().ifPresent(problem -> {
            throw notAModel(problem);
        });
        if (group < 1 || sizes.hidden() % group != 0 || sizes.inner() % group != 0) {
            throw InputException.of(
                    where, "the size of a group", "a divisor of " + sizes.hidden() + " and " + sizes.inner(), group);
        }
        requireQuantizedSize(tied);
        position = HEADER;
        long hidden = sizes.hidden();
        long keys = (long) sizes.groups() * sizes.headDim();
        layers("input_layernorm", List.of(hidden));
        layers("post_attention_layernorm", List.of(hidden));
        floats("model.norm.weight", List.of(hidden));
        quantized("model.embed_tokens.weight", List.of((long) sizes.vocabulary(), hidden));
        quantizedLayers("self_attn.q_proj", List.of(hidden, hidden));
        quantizedLayers("self_attn.k_proj", List.of(keys, hidden));
        quantizedLayers("self_attn.v_proj", List.of(keys, hidden));
        quantizedLayers("self_attn.o_proj", List.of(hidden, hidden));
        quantizedLayers("mlp.gate_proj", List.of((long) sizes.inner(), hidden));
        quantizedLayers("mlp.down_proj", List.of(hidden, (long) sizes.inner()));
        quantizedLayers("mlp.up_proj", List.of((long) sizes.inner(), hidden));
        if (!tied) {
            quantized("lm_head.weight", List.of((long) sizes.vocabulary(), hidden));
        }
        return tied;
    }

    private void requireQuantizedSize(boolean tied) {
        long norms = (2L * sizes.layers() + 1) * sizes.hidden();
        long numbers = floats(tied) - norms;
        long expected = HEADER + norms * Float.BYTES + numbers + numbers / group * Float.BYTES;
        if (file.byteSize() != expected) {
            throw notAModel(expected + " bytes expected, " + file.byteSize() + " found");
        }
    }

    private void quantizedLayers(String part, List<Long> shape) throws IOException {
        for (int layer = 0; layer < sizes.layers(); layer++) {
            quantized("model.layers." + layer + "." + part + ".weight", shape);
        }
    }

    private void quantized(String name, List<Long> shape) throws IOException {
        long numbers = StoredTensor.byteCount(StoredType.I8, shape);
        long start = position;
        long scales = start + numbers;
        add(wide.add(name, shape, (from, target, count) -> {
            for (int i = 0; i < count; i++) {
                byte number = file.get(ValueLayout.JAVA_BYTE, start + from + i);
                target[i] = number * file.get(FLOAT, scales + (from + i) / group * Float.BYTES);
            }
        }));
        position = scales + numbers / group * Float.BYTES;
    }

    private ObjectNode config(boolean tied) {
        ObjectNode config = JsonMapper.shared().createObjectNode();
        config.put("model_type", "llama");
        config.put("vocab_size", sizes.vocabulary());
        config.put("hidden_size", sizes.hidden());
        config.put("intermediate_size", sizes.inner());
        config.put("num_hidden_layers", sizes.layers());
        config.put("num_attention_heads", sizes.heads());
        config.put("num_key_value_heads", sizes.groups());
        config.put("head_dim", sizes.headDim());
        config.put("max_position_embeddings", sizes.positions());
        config.put("rms_norm_eps", EPSILON);
        config.put("rope_theta", THETA);
        config.put("tie_word_embeddings", tied);
        config.put("bos_token_id", Llama2cVocabulary.BEGIN);
        config.put("eos_token_id", Llama2cVocabulary.END);
        return config;
    }
}
