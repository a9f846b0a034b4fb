package dev.saiki.convert;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.convert.sentencepiece.SampleFile;
import dev.saiki.text.tokenizer.BytePairTrainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A small model in every supported format, and copies in which one file is damaged.
final class HostileSources {

    /// The kind of file that is damaged.
    enum Kind {
        GGUF_PIECES,
        GGUF_BYTES,
        GGUF_WHOLE,
        CONFIG,
        TOKENIZER_OF_BYTES,
        TOKENIZER_OF_PIECES,
        TENSORS,
        INDEX,
        SENTENCEPIECE,
        QUANTIZED_CONFIG,
        QUANTIZED_TENSORS
    }

    /// A damaged source.
    ///
    /// @param path the folder or file
    /// @param bytes the total size of the source's files
    record Damaged(Path path, long bytes) {}

    private static final int HIDDEN = 32;
    private static final int INNER = 64;
    private static final int VOCABULARY = 512;
    private static final int POSITIONS = 16;
    private static final String TOKENIZER = "tokenizer.json";
    private static final String TENSORS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String CONFIG = "config.json";
    private static final Path QUANTIZED = Path.of("..", "golden", "quantized", "gptq");

    private final Path folder;
    private final Map<Kind, GgufMutations> ggufs = new EnumMap<>(Kind.class);
    private final Map<Kind, JsonMutations> jsons = new EnumMap<>(Kind.class);
    private final Map<String, byte[]> whole = new LinkedHashMap<>();
    private final Map<String, byte[]> sharded = new LinkedHashMap<>();
    private final Map<String, byte[]> quantized = new LinkedHashMap<>();
    private final byte[] sentencePiece = SampleFile.of(2, false);

    /// Makes the valid sources.
    ///
    /// @param folder the folder for valid and damaged sources
    HostileSources(Path folder) throws IOException {
        this.folder = folder;
        byte[] ofBytes = BytePairTrainer.train(
                        List.of("the whale and the sea and the ship and the whale")
                                .iterator(),
                        300)
                .json();
        byte[] ofPieces = Files.readAllBytes(Stories.CHECKPOINT.resolve(TOKENIZER));
        byte[] pieces = gguf(checkpoint("pieces", ofPieces));
        byte[] bytes = gguf(checkpoint("bytes", ofBytes));
        ggufs.put(Kind.GGUF_PIECES, new GgufMutations(renamed(pieces)));
        ggufs.put(Kind.GGUF_BYTES, new GgufMutations(renamed(bytes)));
        ggufs.put(Kind.GGUF_WHOLE, new GgufMutations(pieces));
        Path model = folder.resolve("pieces");
        for (String name : List.of(CONFIG, TOKENIZER, TENSORS, "generation_config.json")) {
            whole.put(name, Files.readAllBytes(model.resolve(name)));
        }
        shard(model);
        jsons.put(Kind.CONFIG, new JsonMutations(config()));
        jsons.put(Kind.TOKENIZER_OF_BYTES, new JsonMutations(ofBytes));
        jsons.put(Kind.TOKENIZER_OF_PIECES, new JsonMutations(ofPieces));
        jsons.put(
                Kind.INDEX,
                new JsonMutations(Optional.ofNullable(sharded.get(INDEX)).orElseThrow()));
        for (String name : List.of(CONFIG, TENSORS)) {
            quantized.put(name, Files.readAllBytes(QUANTIZED.resolve(name)));
        }
        jsons.put(
                Kind.QUANTIZED_CONFIG,
                new JsonMutations(Optional.ofNullable(quantized.get(CONFIG)).orElseThrow()));
        jsons.put(Kind.TENSORS, new JsonMutations(header(whole)));
        jsons.put(Kind.QUANTIZED_TENSORS, new JsonMutations(header(quantized)));
    }

    private static byte[] header(Map<String, byte[]> files) {
        byte[] tensors = Optional.ofNullable(files.get(TENSORS)).orElseThrow();
        int length = (int) ByteMutations.get(tensors, 0, 8);
        return Arrays.copyOfRange(tensors, 8, 8 + length);
    }

    private static ObjectNode json() {
        return JsonMapper.shared()
                .createObjectNode()
                .put("model_type", "llama")
                .put("hidden_size", HIDDEN)
                .put("intermediate_size", INNER)
                .put("num_hidden_layers", 2)
                .put("num_attention_heads", 4)
                .put("num_key_value_heads", 2)
                .put("head_dim", 8)
                .put("vocab_size", VOCABULARY)
                .put("max_position_embeddings", POSITIONS)
                .put("rms_norm_eps", 1e-5)
                .put("rope_theta", 10_000.0)
                .put("tie_word_embeddings", true)
                .put("bos_token_id", 1)
                .put("eos_token_id", 2);
    }

    /// A configuration with every key that is read.
    private static byte[] config() {
        ObjectNode json = json();
        json.putArray("eos_token_id").add(2).add(3);
        json.put("attention_bias", false).put("mlp_bias", false).putNull("sliding_window");
        json.put("use_sliding_window", false).put("hidden_act", "silu").put("initializer_range", 0.02);
        json.putObject("rope_scaling")
                .put("rope_type", "llama3")
                .put("factor", 8.0)
                .put("low_freq_factor", 1.0)
                .put("high_freq_factor", 4.0)
                .put("original_max_position_embeddings", 8);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Path checkpoint(String name, byte[] tokenizer) throws IOException {
        ModelConfig config = ModelConfig.fromJson(json(), name);
        Random random = new Random(1);
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.parameters(config).forEach((tensor, shape) -> {
            float[] numbers = new float[Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact))];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextGaussian();
            }
            tensors.add(StoredTensor.ofFloats(tensor, shape, numbers));
        });
        Path out = folder.resolve(name);
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        files.put(TOKENIZER, tokenizer);
        files.put("chat_template.jinja", "{{ messages }}".getBytes(StandardCharsets.UTF_8));
        CheckpointDirectory.write(out, config, tensors, files, Manifest.untrained());
        return out;
    }

    private byte[] gguf(Path model) throws IOException {
        Path file = folder.resolve("whole.gguf");
        ModelExport.run(
                model, ModelExport.Format.GGUF, Optional.of(ModelExport.Weights.Q8_0), OptionalInt.empty(), file);
        return Files.readAllBytes(file);
    }

    /// A file without the key under which Saiki stores a whole `tokenizer.json`, like other tools' files.
    private static byte[] renamed(byte[] gguf) {
        byte[] bytes = gguf.clone();
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("tokenizer.huggingface.json");
        bytes[at] = 'T';
        return bytes;
    }

    private void shard(Path model) throws IOException {
        List<StoredTensor> tensors =
                List.copyOf(CheckpointDirectory.open(model).tensors().values());
        ObjectNode map = JsonMapper.shared().createObjectNode();
        for (int shard = 0; shard < 2; shard++) {
            String name = "model-" + shard + ".safetensors";
            List<StoredTensor> some = shard == 0 ? tensors.subList(0, 5) : tensors.subList(5, tensors.size());
            some.forEach(tensor -> map.put(tensor.name(), name));
            SafetensorsWriter.write(folder.resolve(name), some, Map.of());
            sharded.put(name, Files.readAllBytes(folder.resolve(name)));
        }
        ObjectNode index = JsonMapper.shared().createObjectNode();
        index.putObject("metadata").put("total_size", 1);
        index.set("weight_map", map);
        sharded.put(INDEX, index.toString().getBytes(StandardCharsets.UTF_8));
        sharded.put(CONFIG, Files.readAllBytes(model.resolve(CONFIG)));
    }

    /// Writes a copy with damage of one kind.
    Damaged damaged(Kind kind, Random random) throws IOException {
        return switch (kind) {
            case GGUF_PIECES, GGUF_BYTES, GGUF_WHOLE ->
                file(Optional.ofNullable(ggufs.get(kind)).orElseThrow().mutated(random));
            case CONFIG -> folderWith(whole, CONFIG, json(kind, random));
            case TOKENIZER_OF_BYTES, TOKENIZER_OF_PIECES -> folderWith(whole, TOKENIZER, json(kind, random));
            case TENSORS -> folderWith(whole, TENSORS, tensors(whole, kind, random));
            case QUANTIZED_CONFIG -> folderWith(quantized, CONFIG, json(kind, random));
            case QUANTIZED_TENSORS -> folderWith(quantized, TENSORS, tensors(quantized, kind, random));
            case INDEX -> folderWith(sharded, INDEX, json(kind, random));
            case SENTENCEPIECE -> {
                Map<String, byte[]> files = new LinkedHashMap<>(whole);
                files.remove(TOKENIZER);
                yield folderWith(files, "tokenizer.model", damagedMessage(random));
            }
        };
    }

    private byte[] json(Kind kind, Random random) {
        return Optional.ofNullable(jsons.get(kind)).orElseThrow().mutated(random);
    }

    /// A file with a wrong header length or a damaged header, sometimes with further damage.
    private byte[] tensors(Map<String, byte[]> files, Kind kind, Random random) {
        byte[] valid = Optional.ofNullable(files.get(TENSORS)).orElseThrow();
        int length = (int) ByteMutations.get(valid, 0, 8);
        if (random.nextInt(4) == 0) {
            byte[] bytes = valid.clone();
            ByteMutations.put(bytes, 0, 8, ByteMutations.odd(length, bytes.length - 8L, random));
            return bytes;
        }
        byte[] header = json(kind, random);
        byte[] bytes = ByteMutations.replaced(valid, 8, 8 + length, header);
        ByteMutations.put(bytes, 0, 8, header.length);
        return random.nextInt(4) == 0 ? ByteMutations.anywhere(bytes, random) : bytes;
    }

    /// Damages a Protocol Buffers message anywhere, because lengths and types are single bytes between the texts.
    private byte[] damagedMessage(Random random) {
        byte[] bytes = sentencePiece.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
            bytes = ByteMutations.anywhere(bytes, random);
        }
        return bytes;
    }

    private Damaged file(byte[] bytes) throws IOException {
        return new Damaged(Files.write(folder.resolve("damaged.gguf"), bytes), bytes.length);
    }

    private Damaged folderWith(Map<String, byte[]> files, String name, byte[] content) throws IOException {
        Path target = folder.resolve("damaged");
        Files.createDirectories(target);
        try (Stream<Path> old = Files.list(target)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        Map<String, byte[]> all = new LinkedHashMap<>(files);
        all.put(name, content);
        long bytes = 0;
        for (Map.Entry<String, byte[]> file : all.entrySet()) {
            Files.write(target.resolve(file.getKey()), file.getValue());
            bytes += file.getValue().length;
        }
        return new Damaged(target, bytes);
    }
}
