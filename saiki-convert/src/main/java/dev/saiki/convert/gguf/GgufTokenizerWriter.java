package dev.saiki.convert.gguf;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A converter of `tokenizer.json` to GGUF metadata.
///
/// SentencePiece tokens get scores that decrease with the rank of the first merge that creates them, so that
/// llama.cpp merges in the same order. The `tokenizer.json` itself is included under a separate key.
final class GgufTokenizerWriter {

    private static final String PREFIX = GgufTokenizer.PREFIX;
    private static final long NORMAL = 1;
    private static final long UNKNOWN = 2;
    private static final long CONTROL = 3;
    private static final long USER_DEFINED = 4;
    private static final long UNUSED = 5;
    private static final long BYTE = 6;

    /// The score of tokens that no merge creates.
    private static final double LOWEST = -1e6;

    private final JsonNode root;
    private final String[] tokens;
    private final long[] kinds;
    private final double[] scores;

    /// @param vocabSize rows of the embedding; ids beyond the tokenizer's become padding tokens
    private GgufTokenizerWriter(JsonNode root, int vocabSize) {
        this.root = root;
        tokens = new String[vocabSize];
        kinds = new long[vocabSize];
        scores = new double[vocabSize];
        Arrays.setAll(tokens, id -> "[PAD" + id + "]");
        Arrays.fill(kinds, UNUSED);
        Arrays.fill(scores, LOWEST);
    }

    /// Writes a tokenizer.
    ///
    /// @param file the `tokenizer.json`
    /// @param vocabSize rows of the model's embedding
    /// @param bos the token at the start of a text, if the model has one
    /// @param eos the token at the end of a text, if the model has one
    /// @param writer receives the metadata
    /// @throws InputException if llama.cpp cannot reproduce the tokenizer
    static void write(Path file, int vocabSize, OptionalInt bos, OptionalInt eos, GgufWriter writer) {
        Tokenizer tokenizer = Tokenizer.load(file);
        byte[] json = tokenizer.json();
        GgufTokenizerWriter content =
                new GgufTokenizerWriter(JsonMapper.shared().readTree(json), Math.max(vocabSize, tokenizer.vocabSize()));
        boolean ofBytes =
                content.root.path("decoder").path("type").stringValue("").equals("ByteLevel");
        content.collect(ofBytes);
        if (ofBytes) {
            content.writeBytes(writer, file);
        } else {
            content.writePieces(writer, file);
        }
        writer.put(PREFIX + "tokens", new GgufValue.Texts(List.of(content.tokens)))
                .put(PREFIX + "token_type", new GgufValue.Wholes(content.kinds, ValueType.I32));
        int[] prefix = tokenizer.encodePrompt("");
        boolean begins = content.root.path("post_processor").isObject()
                && bos.isPresent()
                && prefix.length == 1
                && prefix[0] == bos.getAsInt();
        bos.ifPresent(id -> writer.put(PREFIX + "bos_token_id", id));
        eos.ifPresent(id -> writer.put(PREFIX + "eos_token_id", id));
        writer.put(PREFIX + "add_bos_token", begins).put(PREFIX + "add_eos_token", false);
        writer.put(GgufTokenizer.WHOLE, new String(json, StandardCharsets.UTF_8));
    }

    private void collect(boolean ofBytes) {
        boolean hasBytes = root.path("model").path("byte_fallback").booleanValue(false);
        root.path("model").path("vocab").properties().forEach(entry -> {
            int id = entry.getValue().intValue();
            tokens[id] = entry.getKey();
            kinds[id] = !ofBytes && hasBytes && entry.getKey().matches("<0x[0-9A-F]{2}>") ? BYTE : NORMAL;
        });
        String unknown = root.path("model").path("unk_token").stringValue("");
        for (JsonNode token : root.path("added_tokens").values()) {
            int id = token.path("id").intValue();
            tokens[id] = token.path("content").stringValue();
            boolean special = token.path("special").booleanValue(false);
            boolean isUnknown = !ofBytes && tokens[id].equals(unknown);
            kinds[id] = isUnknown ? UNKNOWN : special ? CONTROL : USER_DEFINED;
        }
    }

    private void writeBytes(GgufWriter writer, Path file) {
        WordRule rule = WordRule.of(root)
                .orElseThrow(() -> new InputException(file
                        + ": the tokenizer cannot be written to GGUF: its pre-tokenizer is not one that llama.cpp"
                        + " and Saiki both support: " + String.join(", ", WordRule.names())));
        writer.put(PREFIX + "model", "gpt2").put(PREFIX + "pre", rule.llamaName());
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : root.path("model").path("merges").values()) {
            merges.add(
                    merge.isString()
                            ? merge.stringValue()
                            : merge.get(0).stringValue() + " " + merge.get(1).stringValue());
        }
        writer.put(PREFIX + "merges", new GgufValue.Texts(merges));
    }

    private void writePieces(GgufWriter writer, Path file) {
        JsonNode normalizer = root.path("normalizer");
        boolean prepends = normalizer.toString().contains("\"Prepend\"");
        List<String> steps = normalizer.findValuesAsString("type");
        boolean plain = root.path("model").path("type").stringValue("").equals("BPE")
                && !root.hasNonNull("pre_tokenizer")
                && steps.contains("Replace")
                && List.of("Sequence", "Prepend", "Replace").containsAll(steps);
        if (!plain) {
            throw new InputException(
                    file + ": the tokenizer cannot be written to GGUF: a SentencePiece tokenizer must be BPE, with"
                            + " only Prepend and Replace as normalizers and no pre_tokenizer");
        }
        Map<String, Integer> ids = new TreeMap<>();
        for (int id = 0; id < tokens.length; id++) {
            ids.put(tokens[id], id);
        }
        int rank = 0;
        for (JsonNode merge : root.path("model").path("merges").values()) {
            String made = merge.isString()
                    ? merge.stringValue().replace(" ", "")
                    : merge.get(0).stringValue() + merge.get(1).stringValue();
            int id = ids.getOrDefault(made, -1);
            if (id >= 0 && scores[id] == LOWEST) {
                scores[id] = -rank++;
            }
        }
        writer.put(PREFIX + "model", "llama")
                .put(PREFIX + "pre", "default")
                .put(PREFIX + "add_space_prefix", prepends)
                .put(PREFIX + "scores", new GgufValue.Reals(scores, ValueType.F32));
    }
}
