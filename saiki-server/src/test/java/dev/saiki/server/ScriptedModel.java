package dev.saiki.server;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A model that writes a script: layers that change nothing, and a head that knows of each token which one
/// comes next. Pieces of the script are added tokens, or bytes where they are single letters; each may come
/// once.
final class ScriptedModel {

    private static final int WIDTH = 256;
    private static final int CONTEXT = 4096;
    private static final float SCALE = 4;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path folder;
    private final Tokenizer tokenizer;

    private ScriptedModel(Path folder, Tokenizer tokenizer) {
        this.folder = folder;
        this.tokenizer = tokenizer;
    }

    Path folder() {
        return folder;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /// Writes a checkpoint.
    ///
    /// @param folder to be made
    /// @param tokens added ones, beside the pieces
    /// @param before the end of the prompt, behind which the script begins
    /// @param script its pieces; the last one ends the answer
    static ScriptedModel write(Path folder, List<String> tokens, String before, List<String> script)
            throws IOException {
        Tokenizer tokenizer = tokenizer(folder, tokens, script);
        List<Integer> ids = new ArrayList<>(List.of(last(tokenizer, before)));
        script.forEach(piece -> ids.add(last(tokenizer, piece)));
        ModelConfig config = new ModelConfig(
                WIDTH,
                WIDTH,
                1,
                4,
                2,
                WIDTH / 4,
                tokenizer.vocabSize(),
                CONTEXT,
                1e-5,
                10_000,
                false,
                0.2,
                OptionalInt.empty(),
                List.of(tokenizer.endOfTextId()),
                Architecture.LLAMA,
                Optional.empty(),
                new Routing.None(),
                KeyValueSharing.NONE);
        RandomCheckpoint.write(folder, config, 1, Manifest.untrained(), tensor -> changed(tensor, ids));
        tokenizer.save(folder.resolve("tokenizer.json"));
        return new ScriptedModel(folder, tokenizer);
    }

    private static int last(Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encodeWithSpecials(text);
        return ids[ids.length - 1];
    }

    private static Tokenizer tokenizer(Path folder, List<String> tokens, List<String> script) throws IOException {
        Path file = folder.resolveSibling("tokenizer.json");
        TestServer.TOKENIZER.save(file);
        ObjectNode json = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
        ArrayNode added = (ArrayNode) json.get("added_tokens");
        int id = TestServer.TOKENIZER.vocabSize();
        List<String> all = new ArrayList<>(tokens);
        script.stream()
                .filter(piece -> piece.length() > 1 && !tokens.contains(piece))
                .forEach(all::add);
        for (String content : all) {
            ObjectNode token = ((ObjectNode) added.get(0)).deepCopy();
            added.add(token.put("id", id++).put("content", content));
        }
        return Tokenizer.parse(JSON.writeValueAsBytes(json), "with a script");
    }

    private static StoredTensor changed(StoredTensor tensor, List<Integer> ids) {
        String name = tensor.name();
        boolean isQuiet = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
        int count = Math.toIntExact(tensor.shape().stream().reduce(1L, Math::multiplyExact));
        float[] values = new float[count];
        if (name.equals(ParameterNames.EMBEDDING)) {
            for (int id = 0; id < count / WIDTH; id++) {
                System.arraycopy(direction(id), 0, values, id * WIDTH, WIDTH);
            }
        } else if (name.equals(ParameterNames.HEAD)) {
            for (int i = 1; i < ids.size(); i++) {
                float[] last = direction(ids.get(i - 1));
                for (int k = 0; k < WIDTH; k++) {
                    values[ids.get(i) * WIDTH + k] = SCALE * last[k];
                }
            }
        } else if (!isQuiet) {
            return tensor;
        }
        return StoredTensor.ofFloats(name, tensor.shape(), values);
    }

    /// A vector of length 1 that is a token's own.
    private static float[] direction(int id) {
        Random random = new Random(id);
        double[] drawn = random.doubles(WIDTH, -1, 1).toArray();
        double length = 0;
        for (double value : drawn) {
            length += value * value;
        }
        float[] direction = new float[WIDTH];
        for (int k = 0; k < WIDTH; k++) {
            direction[k] = (float) (drawn[k] / Math.sqrt(length));
        }
        return direction;
    }
}
