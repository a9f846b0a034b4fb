package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The parts of the golden models, taken out or changed one at a time. A part whose absence changes nothing would not
/// be tested by {@link FamilyGoldenTest}.
class FamilyPartsTest {

    private static final Path GOLDEN = Path.of("..", "golden", "families");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Ten times the tolerance of the golden test.
    private static final double NOTICED = 1e-3;

    /// Keys, or keys of a family, that do not take part in the computation of a text that fits.
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "architectures",
            "eos_token_id",
            "torch_dtype",
            "use_cache",
            "max_position_embeddings",
            "attention_dropout",
            "residual_dropout",
            "resid_pdrop",
            "output_router_logits",
            "router_aux_loss_coef",
            "router_jitter_noise",
            "cohere2.rotary_pct",
            "cohere2.use_parallel_block",
            "gemma2.sliding_window_size",
            "qwen3_moe.intermediate_size",
            "qwen3_moe.max_window_layers",
            "starcoder2.mlp_type",
            "starcoder2.norm_type");

    @TempDir
    private Path folder = Path.of("");

    static List<String> modelsInOneFile() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            return folders.filter(path -> Files.exists(path.resolve("model.safetensors")))
                    .map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("modelsInOneFile")
    void everyTensorMatters(String name) throws IOException {
        Path golden = GOLDEN.resolve(name);
        double[] whole = logprobs(golden, golden);
        Files.copy(golden.resolve("config.json"), folder.resolve("config.json"));
        boolean storesNormsMinusOne = name.startsWith("gemma");
        try (SafetensorsFile file = SafetensorsFile.open(golden.resolve("model.safetensors"))) {
            List<StoredTensor> tensors = List.copyOf(file.tensors().values());
            Set<String> kinds =
                    tensors.stream().map(FamilyPartsTest::kind).collect(Collectors.toCollection(TreeSet::new));
            for (String kind : kinds) {
                List<StoredTensor> without = tensors.stream()
                        .map(tensor -> kind(tensor).equals(kind) ? takenOut(tensor, storesNormsMinusOne) : tensor)
                        .toList();
                SafetensorsWriter.write(folder.resolve("model.safetensors"), without, file.metadata());

                assertThat(difference(whole, logprobs(folder, golden))).as(kind).isGreaterThan(NOTICED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void everyKeyMattersInSomeModelOfItsFamily(ModelFamily family) throws IOException {
        Map<String, Boolean> noticed = new TreeMap<>();
        for (Path golden : models()) {
            ObjectNode config = config(golden);
            if (config.get("model_type").asString().equals(family.key())) {
                notice(golden, config, List.of(), noticed);
            }
        }
        WITHOUT_EFFECT.forEach(key -> {
            noticed.remove(key);
            noticed.remove(key.replaceFirst("^" + family.key() + "\\.", ""));
        });
        assertThat(noticed).isNotEmpty().doesNotContainValue(false);
    }

    /// All families read these keys with the same code.
    @Test
    void everyKeyOfPositionsMattersInSomeModel() throws IOException {
        Map<String, Boolean> noticed = new TreeMap<>();
        for (Path golden : models()) {
            ObjectNode config = config(golden);
            for (String block : List.of("rope_scaling", "rope_parameters")) {
                if (config.get(block) instanceof ObjectNode) {
                    notice(golden, config, List.of(block), noticed);
                }
            }
        }
        noticed.keySet().removeAll(WITHOUT_EFFECT);
        assertThat(noticed).isNotEmpty().doesNotContainValue(false);
    }

    private static List<Path> models() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            return folders.sorted().toList();
        }
    }

    private static ObjectNode config(Path model) throws IOException {
        return (ObjectNode) JSON.readTree(Files.readString(model.resolve("config.json")));
    }

    /// Records for each key of an object in a configuration whether changing its value changes the results.
    private void notice(Path golden, ObjectNode config, List<String> object, Map<String, Boolean> noticed)
            throws IOException {
        double[] whole = logprobs(golden, golden);
        for (String key : inside(config, object).propertyNames()) {
            ObjectNode copy = config.deepCopy();
            ObjectNode parent = inside(copy, object);
            JsonNode value = parent.get(key);
            if (!value.isNull() && !noticed.getOrDefault(key, false)) {
                parent.set(key, changed(value));
                noticed.put(key, isNoticed(golden, copy, whole));
            }
        }
    }

    private static ObjectNode inside(ObjectNode config, List<String> object) {
        return object.isEmpty() ? config : (ObjectNode) config.get(object.getFirst());
    }

    private boolean isNoticed(Path golden, ObjectNode config, double[] whole) throws IOException {
        Path copy = Files.createTempDirectory(folder, "changed");
        try (Stream<Path> files = Files.list(golden)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(Objects.requireNonNull(file.getFileName())));
            }
        }
        Files.writeString(copy.resolve("config.json"), config.toString());
        try {
            return difference(whole, logprobs(copy, golden)) > NOTICED;
        } catch (InputException refused) {
            return true;
        }
    }

    private static JsonNode changed(JsonNode value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (value) {
            case ArrayNode list -> {
                ArrayNode turned = nodes.arrayNode();
                for (int i = 0; i < list.size(); i++) {
                    turned.add(list.get((i + 1) % list.size()));
                }
                yield list.isEmpty() ? turned.add(1) : turned;
            }
            case ObjectNode _ -> nodes.nullNode();
            case JsonNode flag when flag.isBoolean() -> nodes.booleanNode(!flag.asBoolean());
            case JsonNode number
            when number.isIntegralNumber() && number.asInt() >= 16 -> nodes.numberNode(number.asInt() / 2);
            case JsonNode number
            when number.isIntegralNumber() ->
                nodes.numberNode(number.asInt() > 1 ? number.asInt() - 1 : number.asInt() + 1);
            case JsonNode number
            when number.isNumber() -> nodes.numberNode(number.asDouble() < 0.01 ? 0.1 : number.asDouble() * 0.7);
            default -> nodes.stringNode(value.asString() + "x");
        };
    }

    /// A tensor's name without the numbers of its layer and expert.
    private static String kind(StoredTensor tensor) {
        return tensor.name().replaceAll("\\.[0-9]+", "");
    }

    /// A norm multiplies by 1; any other tensor is 0.
    private static StoredTensor takenOut(StoredTensor tensor, boolean storesNormsMinusOne) {
        int count = Math.toIntExact(tensor.elementCount());
        if (tensor.name().endsWith("norm.weight") && !storesNormsMinusOne) {
            float[] ones = new float[count];
            Arrays.fill(ones, 1);
            return StoredTensor.ofFloats(tensor.name(), tensor.shape(), ones);
        }
        byte[] zeros = new byte[Math.toIntExact(tensor.data().byteSize())];
        return new StoredTensor(tensor.name(), tensor.type(), tensor.shape(), MemorySegment.ofArray(zeros));
    }

    private static double[] logprobs(Path model, Path golden) throws IOException {
        JsonNode listed =
                JSON.readTree(Files.readString(golden.resolve("expected.json"))).get("ids");
        int[] ids = new int[listed.size()];
        Arrays.setAll(ids, i -> listed.get(i).asInt());
        EngineOptions options =
                EngineOptions.builder().threads(1).weights(WeightFormat.FLOAT32).build();
        try (Engine engine = Engine.open(CheckpointDirectory.open(model), Opened.BYTES, options)) {
            return engine.score(ids, RouteSettings.MODEL).join().logprobs();
        }
    }

    private static double difference(double[] one, double[] other) {
        double largest = 0;
        for (int i = 1; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]));
        }
        return largest;
    }
}
