package dev.saiki.text.dataset;

import static dev.saiki.io.InputException.require;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.text.files.BoundedFiles;
import dev.saiki.text.files.UnreadableJson;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The content of `dataset.json`.
///
/// @param vocabSize the number of ids of the tokenizer
/// @param tokenizerHash the SHA-256 of `tokenizer.json`
/// @param dataHash the SHA-256 of all shards concatenated, training before validation
/// @param validationFraction the requested share of held-out tokens
/// @param seed the seed of the choice of held-out documents
/// @param heldOut the method by which the held-out text was chosen
/// @param train the training split
/// @param validation the held-out split
record DatasetDescription(
        int vocabSize,
        String tokenizerHash,
        String dataHash,
        double validationFraction,
        long seed,
        HeldOutKind heldOut,
        Split train,
        Split validation) {

    static final int FORMAT_VERSION = 1;

    private static final int MAX_BYTES = 1 << 24;
    private static final int HASH_DIGITS = 64;
    private static final Set<String> KEYS = Set.of(
            "format_version",
            "vocab_size",
            "tokenizer_sha256",
            "data_sha256",
            "validation_fraction",
            "seed",
            "held_out",
            "train",
            "validation");
    private static final Set<String> SPLIT_KEYS = Set.of("documents", "tokens", "text_bytes", "shards");
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxStringLength(1 << 12)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    /// The choice of held-out text.
    enum HeldOutKind {
        /// Whole documents, chosen by a hash of seed and text.
        WHOLE_DOCUMENTS,
        /// The end of the only document.
        TAIL_OF_SINGLE_DOCUMENT;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// One split.
    ///
    /// @param documents the number of documents
    /// @param tokens the number of ids, including end-of-text ids
    /// @param textBytes the length of the text in UTF-8
    /// @param shards the names of the split's files, in order
    record Split(long documents, long tokens, long textBytes, List<String> shards) {

        private ObjectNode toJson() {
            ObjectNode node = MAPPER.createObjectNode();
            node.put("documents", documents);
            node.put("tokens", tokens);
            node.put("text_bytes", textBytes);
            ArrayNode files = node.putArray("shards");
            shards.forEach(files::add);
            return node;
        }
    }

    void write(Path file) throws IOException {
        AtomicFiles.writeString(file, toJson());
    }

    String toJson() {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("format_version", FORMAT_VERSION);
        root.put("vocab_size", vocabSize);
        root.put("tokenizer_sha256", tokenizerHash);
        root.put("data_sha256", dataHash);
        root.put("validation_fraction", validationFraction);
        root.put("seed", seed);
        root.put("held_out", heldOut.key());
        root.set("train", train.toJson());
        root.set("validation", validation.toJson());
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    static DatasetDescription read(Path file) {
        String where = file.toString();
        JsonNode root;
        try {
            root = MAPPER.readTree(BoundedFiles.read(file, MAX_BYTES));
        } catch (JacksonException e) {
            throw UnreadableJson.in(where, e);
        }
        if (root == null || !root.isObject()) {
            throw InputException.of(where, "the content", "a JSON object", "something else");
        }
        JsonNode version = root.path("format_version");
        if (!version.isInt() || version.intValue() != FORMAT_VERSION) {
            throw InputException.of(where, "format_version", String.valueOf(FORMAT_VERSION), version);
        }
        checkKeys(root, KEYS, where, "");
        return new DatasetDescription(
                Math.toIntExact(number(root, "vocab_size", 1, Tokenizer.MAX_VOCABULARY, where)),
                hash(root, "tokenizer_sha256", where),
                hash(root, "data_sha256", where),
                fraction(root, where),
                number(root, "seed", Long.MIN_VALUE, Long.MAX_VALUE, where),
                heldOut(root, where),
                split(root, "train", where),
                split(root, "validation", where));
    }

    private static Split split(JsonNode root, String name, String where) {
        JsonNode node = root.path(name);
        checkKeys(node, SPLIT_KEYS, where, name + ".");
        List<String> shards = new ArrayList<>();
        for (JsonNode shard : node.path("shards")) {
            // Plain names only: a path could lead out of the folder.
            if (!shard.isString() || !shard.stringValue().matches(name + "-\\d{5,9}\\.bin")) {
                throw InputException.of(where, name + ".shards", "names such as " + name + "-00000.bin", shard);
            }
            shards.add(shard.stringValue());
        }
        require(!shards.isEmpty(), where, name + ".shards", "a list of at least one file", node.path("shards"));
        return new Split(
                number(node, "documents", 1, Long.MAX_VALUE, where),
                number(node, "tokens", 1, Long.MAX_VALUE, where),
                number(node, "text_bytes", 0, Long.MAX_VALUE, where),
                shards);
    }

    private static void checkKeys(JsonNode node, Set<String> known, String where, String path) {
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                throw new InputException(where + ": unknown key '" + path + key + "'" + Suggestions.hint(key, known));
            }
        }
    }

    private static long number(JsonNode node, String key, long least, long most, String where) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            throw InputException.of(where, key, "a whole number of at least " + least, value);
        }
        return value.longValue();
    }

    private static double fraction(JsonNode node, String where) {
        JsonNode value = node.path("validation_fraction");
        double fraction = value.isNumber() ? value.numberValue().doubleValue() : Double.NaN;
        require(fraction > 0 && fraction <= 0.5, where, "validation_fraction", "above 0 and at most 0.5", value);
        return fraction;
    }

    private static String hash(JsonNode node, String key, String where) {
        JsonNode value = node.path(key);
        if (!value.isString() || !value.stringValue().matches("[0-9a-f]{" + HASH_DIGITS + "}")) {
            throw InputException.of(where, key, HASH_DIGITS + " hexadecimal digits", value);
        }
        return value.stringValue();
    }

    private static HeldOutKind heldOut(JsonNode node, String where) {
        JsonNode value = node.path("held_out");
        return Arrays.stream(HeldOutKind.values())
                .filter(kind -> value.isString() && value.stringValue().equals(kind.key()))
                .findFirst()
                .orElseThrow(() ->
                        InputException.of(where, "held_out", "whole_documents or tail_of_single_document", value));
    }
}
