package dev.saiki.text;

import dev.saiki.io.InputException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/// Reads a Hugging Face `tokenizer.json` and refuses what cannot be honoured exactly.
///
/// A tokenizer that is nearly right is worse than none: the model would be fed ids that it never saw in training,
/// and nothing would fail. So every setting that changes ids is either supported or an error. What only concerns
/// callers of that library (`truncation`, `padding`, `post_processor`, which adds special tokens on request) is
/// not used here.
final class TokenizerReader {

    /// The most tokens a vocabulary may have; the largest in use have a quarter of this.
    static final int MAX_VOCABULARY = 1 << 20;

    /// The largest file that is read.
    static final int MAX_FILE_BYTES = 1 << 27;

    private static final int MAX_NESTING = 32;
    private static final int MAX_TOKEN_CHARACTERS = 1 << 16;

    private static final Set<String> KEYS = Set.of(
            "version",
            "truncation",
            "padding",
            "added_tokens",
            "normalizer",
            "pre_tokenizer",
            "post_processor",
            "decoder",
            "model");
    private static final Set<String> MODEL_KEYS = Set.of(
            "type",
            "dropout",
            "unk_token",
            "continuing_subword_prefix",
            "end_of_word_suffix",
            "fuse_unk",
            "byte_fallback",
            "ignore_merges",
            "vocab",
            "merges");

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxStringLength(MAX_TOKEN_CHARACTERS)
                            .maxNameLength(MAX_TOKEN_CHARACTERS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    private final TokenizerFields fields;
    private final String[] spellings;
    private final List<byte[]> tokens = new ArrayList<>();
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final Map<ByteBuffer, Integer> idOfBytes = new HashMap<>();
    private final List<AddedToken> added;

    private TokenizerReader(JsonNode root, String where) {
        fields = new TokenizerFields(where);
        fields.checkKeys(root, "", KEYS);
        fields.checkKeys(root.path("model"), "model.", MODEL_KEYS);
        fields.refuseUnsupported(root);
        JsonNode vocab = fields.object(root.path("model"), "model.", "vocab");
        added = fields.addedTokens(root.path("added_tokens"));
        spellings = collect(vocab);
        fillTokens();
    }

    /// Reads the content of a file.
    ///
    /// @param json the file's bytes
    /// @param where the file's name, for messages
    /// @throws InputException if it is not a tokenizer that Saiki reads exactly
    static TokenizerModel read(byte[] json, String where) {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new InputException(where + ": not a readable JSON file: " + e.getOriginalMessage(), e);
        }
        if (root == null || !root.isObject()) {
            throw InputException.of(where, "the content", "a JSON object", root == null ? "nothing" : kind(root));
        }
        return new TokenizerReader(root, where).model(root);
    }

    private TokenizerModel model(JsonNode root) {
        JsonNode model = root.path("model");
        PreTokenizer preTokenizer = new PreTokenizer(fields.stages(root.path("pre_tokenizer")));
        for (int value = 0; value < ByteAlphabet.SIZE; value++) {
            if (!idOfBytes.containsKey(ByteBuffer.wrap(new byte[] {(byte) value}))) {
                throw fields.wrong(
                        "model.vocab", "complete with a token for each of the 256 bytes", "none for byte " + value);
            }
        }
        JsonNode merges = fields.array(model, "model.", "merges");
        long[] pairs = new long[merges.size()];
        int[] results = new int[merges.size()];
        Map<Long, Integer> ranks = HashMap.newHashMap(merges.size());
        for (int rank = 0; rank < pairs.length; rank++) {
            String[] halves = fields.merge(merges.get(rank), rank);
            pairs[rank] = PairTable.pair(known(halves[0], rank), known(halves[1], rank));
            results[rank] = known(halves[0] + halves[1], rank);
            if (ranks.put(pairs[rank], rank) != null) {
                throw fields.wrong("model.merges[" + rank + "]", "a pair that is not merged before", "a repeated one");
            }
        }
        boolean ignoreMerges = fields.flag(model, "model.", "ignore_merges", false);
        boolean composes = fields.composes(root.path("normalizer"));
        return new TokenizerModel(tokens, added, idOfBytes, pairs, results, ignoreMerges, composes, preTokenizer);
    }

    private int known(String spelling, int rank) {
        Integer id = vocabulary.get(spelling);
        if (id == null || !idOfBytes.containsKey(ByteBuffer.wrap(tokens.get(id))) || spellings[id].isEmpty()) {
            throw fields.wrong("model.merges[" + rank + "]", "made of tokens of the vocabulary", "'" + spelling + "'");
        }
        return id;
    }

    /// Puts every spelling at its id. Ids may have gaps, as GPT-4o's do; no text is ever encoded to such an id.
    private String[] collect(JsonNode vocab) {
        String[] found = new String[size(vocab)];
        Arrays.fill(found, "");
        for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
            int id = entry.getValue().intValue();
            if (entry.getKey().isEmpty() || !found[id].isEmpty()) {
                throw fields.wrong("model.vocab['" + entry.getKey() + "']", "a text with an id of its own", id);
            }
            found[id] = entry.getKey();
            vocabulary.put(entry.getKey(), id);
        }
        placeAdded(found);
        return found;
    }

    private int size(JsonNode vocab) {
        int largest = 0;
        for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
            JsonNode id = entry.getValue();
            if (!id.isInt() || id.intValue() < 0 || id.intValue() >= MAX_VOCABULARY) {
                throw fields.wrong("model.vocab['" + entry.getKey() + "']", "an id below " + MAX_VOCABULARY, id);
            }
            largest = Math.max(largest, id.intValue());
        }
        for (AddedToken token : added) {
            largest = Math.max(largest, token.id());
        }
        return largest + 1;
    }

    private void placeAdded(String[] found) {
        for (AddedToken token : added) {
            String there = found[token.id()];
            Integer id = vocabulary.get(token.content());
            if ((!there.isEmpty() && !there.equals(token.content())) || (id != null && id != token.id())) {
                throw fields.wrong(
                        "added_tokens, id " + token.id(),
                        "the same token as in model.vocab",
                        "'" + token.content() + "'");
            }
            found[token.id()] = token.content();
        }
    }

    private void fillTokens() {
        boolean[] isAdded = new boolean[spellings.length];
        for (AddedToken token : added) {
            isAdded[token.id()] = true;
        }
        for (int id = 0; id < spellings.length; id++) {
            if (isAdded[id] || spellings[id].isEmpty()) {
                tokens.add(spellings[id].getBytes(StandardCharsets.UTF_8));
                continue;
            }
            if (!ByteAlphabet.isSpelling(spellings[id])) {
                throw fields.wrong("model.vocab, id " + id, "spelled in the byte alphabet", "'" + spellings[id] + "'");
            }
            tokens.add(ByteAlphabet.bytes(spellings[id]));
            idOfBytes.put(ByteBuffer.wrap(tokens.get(id)), id);
        }
    }

    static String kind(JsonNode node) {
        return node.isMissingNode() ? "nothing" : node.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
