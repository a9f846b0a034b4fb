package dev.saiki.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.config.Capacities;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Configs;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class CheckpointDirectoryTest {

    private static final ModelConfig CONFIG = routed(Configs.expertChoice(3));

    @TempDir
    Path folder;

    private static ModelConfig routed(Routing routing) {
        return Configs.recursive(Configs.tiny(8), ParameterSharing.MIDDLE_CYCLE, 3, routing, KeyValueSharing.NONE);
    }

    private static StoredTensor random(String name, List<Long> shape) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        float[] values = new float[(int) (StoredTensor.byteCount(StoredType.F32, shape) / Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return StoredTensor.ofFloats(name, shape, values);
    }

    private static Map<String, StoredTensor> tensors(Map<String, List<Long>> shapes) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> tensors.put(name, random(name, shape)));
        return tensors;
    }

    private Path written(ModelConfig config, Map<String, StoredTensor> tensors) throws IOException {
        Path directory = folder.resolve("model");
        CheckpointDirectory.write(
                directory, config, List.copyOf(tensors.values()), Optional.empty(), Manifest.untrained());
        return directory;
    }

    /// Writes a checkpoint without the writer's own check.
    private Path writtenUnchecked(ModelConfig config, Map<String, StoredTensor> tensors) throws IOException {
        Path directory = Files.createDirectories(folder.resolve("model"));
        JsonFiles.write(directory.resolve("config.json"), config.toJson());
        SafetensorsWriter.write(directory.resolve("model.safetensors"), List.copyOf(tensors.values()), Map.of());
        return directory;
    }

    private static void refuses(Path directory, String... parts) {
        assertThatThrownBy(() -> CheckpointDirectory.open(directory))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.toString())
                .message()
                .contains(parts);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        Path tokenizer = Files.writeString(folder.resolve("t.json"), "{}");
        Manifest manifest = Manifest.now(
                Optional.of("model:\n  hidden_size: 8\n"),
                Optional.of("abc"),
                1L << 40,
                7,
                Map.of("validation_nll", 2.5, "mean_depth", Double.NaN));
        Path directory = folder.resolve("deep/model");
        CheckpointDirectory.write(directory, CONFIG, List.copyOf(tensors.values()), Optional.of(tokenizer), manifest);

        CheckpointDirectory checkpoint = CheckpointDirectory.open(directory);
        assertThat(checkpoint.config()).isEqualTo(CONFIG);
        assertThat(checkpoint.manifest()).contains(manifest);
        assertThat(checkpoint.path()).isEqualTo(directory);
        assertThat(checkpoint.tokenizer()).hasContent("{}");
        assertThat(checkpoint.tensors().keySet())
                .containsExactlyElementsOf(ParameterNames.required(CONFIG).keySet());
        checkpoint
                .tensors()
                .forEach((name, tensor) -> assertThat(tensor.toFloats())
                        .as(name)
                        .isEqualTo(random(name, tensor.shape()).toFloats()));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "config.json",
                            "generation_config.json",
                            "manifest.json",
                            "model.safetensors",
                            "tokenizer.json");
        }
    }

    @Test
    void everyRoutingCanBeStoredWithAllItsTensors() throws IOException {
        for (Routing routing : List.of(
                new Routing.None(),
                Configs.expertChoice(3, RouterType.WIDE_MLP, CausalBy.AUXILIARY_ROUTER),
                Configs.expertChoice(3),
                Configs.expertChoice(3, RouterType.POSITION, CausalBy.ROUTER),
                Configs.tokenChoice(RouterType.MLP),
                Configs.expertThreshold(0.5),
                new Routing.Random(0.1, Gating.ADDITIVE, Capacities.balanced(3)))) {
            ModelConfig config = routed(routing);
            Path directory = written(config, tensors(ParameterNames.allowed(config)));

            assertThat(CheckpointDirectory.open(directory).tensors().keySet())
                    .as(routing.key())
                    .containsExactlyElementsOf(ParameterNames.allowed(config).keySet());
        }
    }

    @Test
    void writingReplacesTheOldCheckpoint() throws IOException {
        written(CONFIG, tensors(ParameterNames.required(CONFIG)));
        ModelConfig other = Configs.tiny(1);
        Path directory = written(other, tensors(ParameterNames.required(other)));

        assertThat(CheckpointDirectory.open(directory).config()).isEqualTo(other);
    }

    @Test
    void checkpointCanBeRewrittenFromItsOwnMapping() throws IOException {
        Path directory = written(CONFIG, tensors(ParameterNames.required(CONFIG)));
        byte[] before = Files.readAllBytes(directory.resolve("model.safetensors"));
        CheckpointDirectory open = CheckpointDirectory.open(directory);
        CheckpointDirectory.write(
                directory, open.config(), List.copyOf(open.tensors().values()), Optional.empty(), Manifest.untrained());

        assertThat(directory.resolve("model.safetensors")).hasBinaryContent(before);
    }

    @Test
    void oldFolderIsReadWhereAKilledWriterLeftIt() throws IOException {
        Path directory = written(CONFIG, tensors(ParameterNames.required(CONFIG)));
        Files.move(directory, folder.resolve("model.previous"));

        assertThat(CheckpointDirectory.open(directory).config()).isEqualTo(CONFIG);
    }

    @Test
    void missingTensorIsNamed() throws IOException {
        for (String name : ParameterNames.required(CONFIG).keySet()) {
            Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
            tensors.remove(name);

            refuses(writtenUnchecked(CONFIG, tensors), "tensor " + name + " is missing");
        }
    }

    @Test
    void thresholdsMayNotBeMissingAndTheBiasMay() throws IOException {
        ModelConfig threshold = routed(Configs.expertThreshold(1));
        refuses(
                writtenUnchecked(threshold, tensors(ParameterNames.parameters(threshold))),
                "model.router_thresholds is missing");

        ModelConfig token = routed(Configs.tokenChoice(RouterType.LINEAR));
        assertThat(CheckpointDirectory.open(written(token, tensors(ParameterNames.parameters(token))))
                        .tensors())
                .doesNotContainKey("model.router.expert_bias");
    }

    @Test
    void auxiliaryRoutersComeAllOrNotAtAll() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.allowed(CONFIG));
        assertThat(CheckpointDirectory.open(written(CONFIG, tensors)).tensors())
                .containsKey("model.auxiliary_routers.1.weight");
        tensors.remove("model.auxiliary_routers.1.weight");

        refuses(writtenUnchecked(CONFIG, tensors), "tensor model.auxiliary_routers.1.weight is missing");
    }

    @Test
    void unknownTensorIsNamedWithWhatWasMeant() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        tensors.put("x", random("model.norm.weights", List.of(8L)));

        refuses(writtenUnchecked(CONFIG, tensors), "tensor model.norm.weights does not belong", "model.norm.weight");
    }

    @Test
    void otherHeadBesideTiedEmbeddingIsRefused() throws IOException {
        ModelConfig tied = ModelConfig.fromJson(Configs.tiny(1).toJson().put("tie_word_embeddings", true), "x");
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(tied));
        tensors.put(ParameterNames.HEAD, random(ParameterNames.HEAD, List.of(11L, 8L)));

        refuses(writtenUnchecked(tied, tensors), "tensor lm_head.weight differs from model.embed_tokens.weight");
    }

    @Test
    void whatFollowsFromTheRestIsLeftOut() throws IOException {
        ModelConfig tied = ModelConfig.fromJson(Configs.tiny(1).toJson().put("tie_word_embeddings", true), "x");
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(tied));
        StoredTensor embedding = random(ParameterNames.EMBEDDING, List.of(11L, 8L));
        tensors.put(
                ParameterNames.HEAD,
                new StoredTensor(ParameterNames.HEAD, embedding.type(), embedding.shape(), embedding.data()));
        tensors.put("x", random("model.layers.0.self_attn.rotary_emb.inv_freq", List.of(2L)));

        assertThat(CheckpointDirectory.open(writtenUnchecked(tied, tensors))
                        .tensors()
                        .keySet())
                .containsExactlyElementsOf(ParameterNames.required(tied).keySet());
    }

    @Test
    void wrongShapeIsNamed() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        tensors.put("model.routers.1.weight", random("model.routers.1.weight", List.of(8L, 1L)));

        refuses(writtenUnchecked(CONFIG, tensors), "tensor model.routers.1.weight must have shape [1, 8], got [8, 1]");
    }

    @Test
    void routersMustBeSingleAndWeightsMustWiden() throws IOException {
        String router = "model.routers.1.weight";
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        tensors.put(router, zeros(router, StoredType.BF16, List.of(1L, 8L)));
        refuses(writtenUnchecked(CONFIG, tensors), router + " must be F32, got BF16");

        String norm = ParameterNames.FINAL_NORM;
        tensors = tensors(ParameterNames.required(CONFIG));
        tensors.put(norm, zeros(norm, StoredType.F64, List.of(8L)));
        refuses(writtenUnchecked(CONFIG, tensors), norm + " must be F32, BF16 or F16, got F64");

        tensors.put(norm, zeros(norm, StoredType.BF16, List.of(8L)));
        assertThat(CheckpointDirectory.open(written(CONFIG, tensors)).tensors()).containsKey(norm);
    }

    private static StoredTensor zeros(String name, StoredType type, List<Long> shape) {
        int bytes = (int) StoredTensor.byteCount(type, shape);
        return new StoredTensor(name, type, shape, MemorySegment.ofArray(new byte[bytes]));
    }

    @Test
    void writerRefusesWhatAReaderWould() {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        tensors.remove(ParameterNames.FINAL_NORM);

        assertThatThrownBy(() -> written(CONFIG, tensors))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensor model.norm.weight is missing");
        assertThat(folder.resolve("model")).doesNotExist();
    }

    @Test
    void failedWriteLeavesTheOldCheckpoint() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        Path directory = written(CONFIG, tensors);

        assertThatThrownBy(() -> CheckpointDirectory.write(
                        directory,
                        CONFIG,
                        List.copyOf(tensors.values()),
                        Optional.of(folder.resolve("absent.json")),
                        Manifest.untrained()))
                .isInstanceOf(IOException.class);
        assertThat(CheckpointDirectory.open(directory).config()).isEqualTo(CONFIG);
        assertThat(folder.resolve("model.tmp")).doesNotExist();
    }

    @Test
    void newerFormatIsRefusedBeforeAnythingElse() throws IOException {
        Path directory = written(CONFIG, tensors(ParameterNames.required(CONFIG)));
        Files.writeString(directory.resolve("manifest.json"), "{\"format_version\": 2, \"saiki_version\": \"9.0\"}");
        Files.writeString(directory.resolve("config.json"), "{\"from\": \"the future\"}");

        refuses(directory, "format_version 2 is newer", "up to 1", "written by Saiki 9.0");
    }

    @Test
    void missingPartsAreNamed() throws IOException {
        refuses(folder.resolve("absent"), "absent: no such folder");
        refuses(
                Files.writeString(folder.resolve("file"), ""),
                "must be the folder of a checkpoint or a run, got a file");
        for (String part : List.of("config.json", "model.safetensors")) {
            Path directory = written(CONFIG, tensors(ParameterNames.required(CONFIG)));
            Files.delete(directory.resolve(part));
            refuses(directory, part, "no such file");
        }
    }

    @Test
    void absentTokenizerIsNamed() throws IOException {
        CheckpointDirectory checkpoint =
                CheckpointDirectory.open(written(CONFIG, tensors(ParameterNames.required(CONFIG))));

        assertThat(checkpoint.hasTokenizer()).isFalse();
        assertThatThrownBy(checkpoint::tokenizer)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("has no tokenizer");
    }

    /// Two shards and an index, the form in which other tools write large models.
    private Path sharded(Map<String, StoredTensor> tensors) throws IOException {
        Path directory = writtenUnchecked(CONFIG, tensors);
        Files.delete(directory.resolve("model.safetensors"));
        List<StoredTensor> all = List.copyOf(tensors.values());
        List<List<StoredTensor>> shards = List.of(all.subList(0, 5), all.subList(5, all.size()));
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        index.putObject("metadata").put("total_size", 1);
        ObjectNode map = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-0000" + (i + 1) + "-of-00002.safetensors";
            shards.get(i).forEach(tensor -> map.put(tensor.name(), name));
            SafetensorsWriter.write(directory.resolve(name), shards.get(i), Map.of());
        }
        JsonFiles.write(directory.resolve("model.safetensors.index.json"), index);
        return directory;
    }

    private static void rewriteIndex(Path directory, String from, String to) throws IOException {
        Path index = directory.resolve("model.safetensors.index.json");
        String text = Files.readString(index);
        assertThat(text).contains(from);
        Files.writeString(index, text.replaceFirst(from, to));
    }

    @Test
    void shardsAreReadAsOneModel() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        Path directory = sharded(tensors);

        Map<String, StoredTensor> read = CheckpointDirectory.open(directory).tensors();
        assertThat(new ArrayList<>(read.keySet())).isEqualTo(new ArrayList<>(tensors.keySet()));
        read.forEach((name, tensor) -> assertThat(tensor.toFloats())
                .as(name)
                .isEqualTo(random(name, tensor.shape()).toFloats()));
    }

    @Test
    void tensorInTwoPlacesIsRefused() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));
        Path both = sharded(tensors);
        SafetensorsWriter.write(both.resolve("model.safetensors"), List.copyOf(tensors.values()), Map.of());
        refuses(both, "model.safetensors or model.safetensors.index.json, not both");

        Files.delete(both.resolve("model.safetensors"));
        List<StoredTensor> all = List.copyOf(tensors.values());
        SafetensorsWriter.write(both.resolve("model-00002-of-00002.safetensors"), all.subList(4, all.size()), Map.of());
        refuses(both, "model-00002-of-00002.safetensors: holds " + all.get(4).name(), "places in model-00001");
    }

    @Test
    void indexMustAgreeWithItsShards() throws IOException {
        Map<String, StoredTensor> tensors = tensors(ParameterNames.required(CONFIG));

        Path unlisted = sharded(tensors);
        rewriteIndex(unlisted, "\"model.norm.weight\"", "\"model.norm.weights\"");
        refuses(unlisted, "holds model.norm.weight, which", "does not list");

        Path missing = sharded(tensors);
        rewriteIndex(
                missing, "\"model.norm.weight\"", "\"x\": \"model-00001-of-00002.safetensors\", \"model.norm.weight\"");
        refuses(missing, "tensor x is missing", "lists it in this file");

        Path absent = sharded(tensors);
        Files.delete(absent.resolve("model-00001-of-00002.safetensors"));
        refuses(absent, "model-00001-of-00002.safetensors: no such file");
    }

    @Test
    void indexMustNotReachOutsideItsFolder() throws IOException {
        for (String name : List.of(
                "../model.safetensors", "/tmp/x.safetensors", "a/b.safetensors", "..", ".safetensors", "x.bin")) {
            Path directory = sharded(tensors(ParameterNames.required(CONFIG)));
            rewriteIndex(directory, "model-00001-of-00002.safetensors", name);

            refuses(directory, "must be the name of a .safetensors file in the same folder", name);
        }
    }

    @Test
    void vanillaFolderIsPlainLlama() throws IOException {
        ModelConfig config = Configs.tiny(2);
        Path directory = written(config, tensors(ParameterNames.required(config)));

        assertThat(directory.resolve("config.json")).content().contains("\"model_type\" : \"llama\"");
        assertThat(directory.resolve("generation_config.json"))
                .content()
                .contains("\"eos_token_id\" : 0")
                .doesNotContain("bos_token_id");
    }

    @Test
    void bothFilesSayWhatEndsAnAnswer() throws IOException {
        ModelConfig config = Configs.tiny(2).withTokenIds(OptionalInt.empty(), List.of(3, 1));
        Path directory = written(config, tensors(ParameterNames.required(config)));
        Path generation = directory.resolve("generation_config.json");
        assertThat(CheckpointDirectory.open(directory).endTokenIds()).containsExactly(3, 1);
        Files.writeString(generation, "{\"eos_token_id\": [1, 2]}");
        assertThat(CheckpointDirectory.open(directory).endTokenIds()).containsExactly(3, 1, 2);
        Files.writeString(generation, "{\"eos_token_id\": 4}");
        assertThat(CheckpointDirectory.open(directory).endTokenIds()).containsExactly(3, 1, 4);
        Files.writeString(generation, "{\"eos_token_id\": null}");
        assertThat(CheckpointDirectory.open(directory).endTokenIds()).containsExactly(3, 1);
        Files.writeString(generation, "{\"eos_token_id\": [\"</s>\"]}");
        refuses(directory, "generation_config.json", "eos_token_id");
        Files.delete(generation);
        assertThat(CheckpointDirectory.open(directory).endTokenIds()).containsExactly(3, 1);
    }

    @Test
    void theFolderOfARunStandsForItsLastCheckpoint() throws IOException {
        Path model = written(CONFIG, tensors(ParameterNames.required(CONFIG)));
        Path last = Files.createDirectories(folder.resolve("runs/mor")).resolve("last");
        Files.move(model, last);
        assertThat(CheckpointDirectory.open(folder.resolve("runs/mor")).path()).isEqualTo(last);
        assertThat(CheckpointDirectory.locate(last)).isEqualTo(last);
        Path previous = Files.move(last, last.resolveSibling("last.previous"));
        assertThat(CheckpointDirectory.open(folder.resolve("runs/mor")).path()).isEqualTo(previous);
    }

    @Test
    void aFolderWithoutAModelIsRefusedWithTheModelsBelowIt() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("runs"));
        refuses(empty, "contains no model", "config.json", "give the folder");
        Path model = written(CONFIG, tensors(ParameterNames.required(CONFIG)));
        Path last = Files.createDirectories(empty.resolve("mor")).resolve("last");
        Files.move(model, last);
        refuses(empty, "contains no model", "did you mean " + last + "?");
        refuses(folder.resolve("rusn"), "no such folder", "did you mean " + empty + "?");
    }

    @Test
    void aModelIsCalledWhatItsRunIsCalled() {
        assertThat(CheckpointDirectory.nameOf(Path.of("runs/mor/last"))).isEqualTo("mor");
        assertThat(CheckpointDirectory.nameOf(Path.of("runs/mor"))).isEqualTo("mor");
        assertThat(CheckpointDirectory.nameOf(Path.of("runs/mor/./last/"))).isEqualTo("mor");
        assertThat(CheckpointDirectory.nameOf(Path.of("/"))).isEqualTo("model");
    }
}
