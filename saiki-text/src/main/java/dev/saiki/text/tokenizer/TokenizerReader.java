package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import dev.saiki.io.JsonTrees;
import dev.saiki.text.files.JsonKind;
import dev.saiki.text.files.UnreadableJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// A reader of Hugging Face's `tokenizer.json`; it refuses settings that it cannot reproduce exactly.
///
/// A tokenizer that is nearly right is worse than none: the model would get ids that it never saw in training,
/// without any error. Therefore every setting that changes ids is either supported or an error. Settings that
/// concern only callers of Hugging Face's library (`truncation`, `padding`) are ignored. A `post_processor` adds
/// tokens on request; only its tokens before a text are used.
final class TokenizerReader {

    /// The maximum size of a file.
    static final int MAX_FILE_BYTES = 1 << 27;

    private static final int MAX_NESTING = 32;
    private static final int MAX_TOKEN_CHARACTERS = 1 << 16;
    /// A charsmap is the longest text in use, at 300,000 characters.
    private static final int MAX_TEXT_CHARACTERS = 1 << 21;

    /// The pieces of mT5, a large vocabulary, have two million characters.
    private static final int MAX_PIECE_CHARACTERS = 1 << 23;

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
    private static final Set<String> UNIGRAM_KEYS = Set.of("type", "unk_id", "byte_fallback", "vocab");

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(MAX_TEXT_CHARACTERS)
                    .maxNameLength(MAX_TOKEN_CHARACTERS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final TokenizerFields fields;
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final List<Double> scores = new ArrayList<>();
    private int pieceCharacters;
    private final List<String> mergeHalves = new ArrayList<>();
    private final List<byte[]> tokens = new ArrayList<>();
    private final Map<ByteBuffer, Integer> idOfBytes = new HashMap<>();
    private String[] spellings = new String[0];
    private List<AddedToken> added = List.of();

    private TokenizerReader(String where) {
        fields = new TokenizerFields(where);
    }

    /// Reads the content of a file.
    ///
    /// @param json the file's bytes
    /// @param where the file's name, for messages
    /// @throws InputException if Saiki cannot reproduce the tokenizer exactly
    static TokenizerModel read(byte[] json, String where) {
        TokenizerReader reader = new TokenizerReader(where);
        return reader.model(reader.parse(json));
    }

    /// Streams vocabulary and merges, which may have hundreds of thousands of entries, and reads all other content
    /// into a tree in which these two are empty.
    private ObjectNode parse(byte[] json) {
        try (JsonParser parser = JsonTrees.parser(FACTORY, json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                JsonNode content = parser.currentToken() == null ? MissingNode.getInstance() : parser.readValueAsTree();
                throw fields.wrong("the content", "a JSON object", JsonKind.of(content));
            }
            ObjectNode root = parseObject(parser, this::parsePart);
            fields.require(
                    parser.nextToken() == null, "the content", "a single JSON object", "further content after it");
            return root;
        } catch (JacksonException e) {
            throw UnreadableJson.in(fields.where(), e);
        }
    }

    /// A parser for the value of a key.
    @FunctionalInterface
    private interface ValueParser {
        JsonNode parse(JsonParser parser, String key);
    }

    private static ObjectNode parseObject(JsonParser parser, ValueParser values) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            object.set(key, values.parse(parser, key));
        }
        return object;
    }

    private JsonNode parsePart(JsonParser parser, String key) {
        return key.equals("model") && parser.currentToken() == JsonToken.START_OBJECT
                ? parseObject(parser, this::parseModelPart)
                : parser.readValueAsTree();
    }

    private JsonNode parseModelPart(JsonParser parser, String key) {
        if (key.equals("vocab") && parser.currentToken() == JsonToken.START_OBJECT) {
            parseVocabulary(parser);
            return JsonNodeFactory.instance.objectNode();
        }
        if (key.equals("vocab") && parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                addPiece(parser.readValueAsTree());
            }
            return JsonNodeFactory.instance.arrayNode();
        }
        if (key.equals("merges") && parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                fields.addMerge(parser.readValueAsTree(), mergeHalves);
            }
            return JsonNodeFactory.instance.arrayNode();
        }
        return parser.readValueAsTree();
    }

    private void parseVocabulary(JsonParser parser) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String spelling = parser.currentName();
            boolean isInt = parser.nextToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() == JsonParser.NumberType.INT;
            if (!isInt || parser.getIntValue() < 0 || parser.getIntValue() >= Tokenizer.MAX_VOCABULARY) {
                throw fields.wrong(
                        "model.vocab['" + spelling + "']",
                        "an id below " + Tokenizer.MAX_VOCABULARY,
                        parser.readValueAsTree());
            }
            vocabulary.put(spelling, parser.getIntValue());
        }
    }

    private void addPiece(JsonNode piece) {
        String spelling = piece.path(0).stringValue("");
        double score = piece.path(1).doubleValue(Double.NaN);
        boolean fits = !spelling.isEmpty()
                && spelling.length() <= ScoredPieces.LONGEST
                && Double.isFinite(score)
                && scores.size() < Tokenizer.MAX_VOCABULARY;
        if (!fits || vocabulary.putIfAbsent(spelling, scores.size()) != null) {
            throw fields.wrong(
                    "model.vocab[" + scores.size() + "]",
                    "a new text of 1 to " + ScoredPieces.LONGEST + " characters with a score, among the first "
                            + Tokenizer.MAX_VOCABULARY,
                    piece);
        }
        scores.add(score);
        pieceCharacters += spelling.length();
        fields.require(
                pieceCharacters <= MAX_PIECE_CHARACTERS,
                "model.vocab",
                "at most " + MAX_PIECE_CHARACTERS + " characters long in total",
                "more");
    }

    private TokenizerModel model(JsonNode root) {
        JsonNode model = root.path("model");
        fields.checkKeys(root, "", KEYS);
        fields.refuseUnsupported(model);
        boolean unigram = model.path("type").stringValue().equals("Unigram");
        fields.checkKeys(model, "model.", unigram ? UNIGRAM_KEYS : MODEL_KEYS);
        if (unigram) {
            fields.array(model, "model.", "vocab");
        } else {
            fields.object(model, "model.", "vocab");
            fields.array(model, "model.", "merges");
        }
        added = fields.addedTokens(root.path("added_tokens"));
        spellings = collect();
        TextStages parts = new TextStages(fields);
        boolean ofBytes = parts.readDecoder(root.path("decoder"));
        boolean hasByteTokens = fields.flag(model, "model.", "byte_fallback", false);
        if (ofBytes && unigram) {
            throw fields.unsupported("a ByteLevel decoder", "model.type is Unigram");
        }
        fillTokens(ofBytes, hasByteTokens);
        Optional<PieceAlphabet> pieces =
                ofBytes ? Optional.empty() : Optional.of(new PieceAlphabet(vocabulary, hasByteTokens));
        TokenizerModel.Stages stages = parts.read(root, ofBytes);
        for (int id : stages.prefix()) {
            fields.require(id < tokens.size(), "post_processor", "limited to ids below " + tokens.size(), id);
        }
        boolean ignoreMerges = fields.flag(model, "model.", "ignore_merges", false);
        if (ignoreMerges && !ofBytes) {
            throw fields.wrong("model.ignore_merges", "false unless tokens are spelled in the byte alphabet", true);
        }
        return new TokenizerModel(
                new TokenizerModel.Vocabulary(
                        tokens,
                        added,
                        unigram ? unknownPiece(model) : unknown(model, hasAllBytes(pieces)),
                        idOfBytes,
                        pieces,
                        unigram ? Optional.of(scoredPieces(hasByteTokens)) : Optional.empty()),
                merges(ofBytes, ignoreMerges),
                stages);
    }

    private boolean hasAllBytes(Optional<PieceAlphabet> pieces) {
        return pieces.map(PieceAlphabet::hasAllBytes)
                .orElseGet(() -> IntStream.range(0, ByteAlphabet.SIZE)
                        .allMatch(value -> idOfBytes.containsKey(ByteBuffer.wrap(new byte[] {(byte) value}))));
    }

    private UnknownToken unknownPiece(JsonNode model) {
        int id = fields.id("model.unk_id", model.path("unk_id"));
        fields.require(id < scores.size(), "model.unk_id", "below " + scores.size(), id);
        return new UnknownToken(id, false);
    }

    /// The pieces that a text may contain: no added tokens, and, as in SentencePiece, no bytes.
    private ScoredPieces scoredPieces(boolean hasByteTokens) {
        ScoredPieces pieces = new ScoredPieces(scores);
        Set<String> others = added.stream().map(AddedToken::content).collect(Collectors.toSet());
        vocabulary.forEach((spelling, id) -> {
            if (!others.contains(spelling) && !(hasByteTokens && PieceAlphabet.isByte(spelling))) {
                pieces.add(spelling, id);
            }
        });
        return pieces;
    }

    private UnknownToken unknown(JsonNode model, boolean hasAllBytes) {
        Optional<String> named = fields.optionalText(model, "model.", "unk_token");
        int id = named.map(vocabulary::get).orElse(UnknownToken.ABSENT);
        if (named.isPresent() && id < 0 && !hasAllBytes) {
            throw fields.wrong("model.unk_token", "in model.vocab", "'" + named.get() + "'");
        }
        return new UnknownToken(id, fields.flag(model, "model.", "fuse_unk", false));
    }

    private TokenizerModel.Merges merges(boolean ofBytes, boolean ignored) {
        long[] pairs = new long[mergeHalves.size() / 2];
        int[] results = new int[pairs.length];
        PairTable ranks = new PairTable(pairs.length);
        for (int rank = 0; rank < pairs.length; rank++) {
            String left = mergeHalves.get(2 * rank);
            String right = mergeHalves.get(2 * rank + 1);
            pairs[rank] = PairTable.pair(known(left, rank, ofBytes), known(right, rank, ofBytes));
            results[rank] = known(left + right, rank, ofBytes);
            if (ranks.getOrPut(pairs[rank], rank) != rank) {
                throw fields.wrong("model.merges[" + rank + "]", "a new pair", "a repeated one");
            }
        }
        return new TokenizerModel.Merges(pairs, results, ignored);
    }

    private int known(String spelling, int rank, boolean ofBytes) {
        Integer id = vocabulary.get(spelling);
        if (id == null || (ofBytes && !isSpelled(id))) {
            throw fields.wrong("model.merges[" + rank + "]", "made of tokens in model.vocab", "'" + spelling + "'");
        }
        return id;
    }

    private boolean isSpelled(int id) {
        return idOfBytes.containsKey(ByteBuffer.wrap(tokens.get(id))) && !spellings[id].isEmpty();
    }

    /// Stores each spelling at its id. Ids may have gaps, as in GPT-4o; no text is ever encoded to a missing id.
    private String[] collect() {
        String[] found = new String[size()];
        Arrays.fill(found, "");
        vocabulary.forEach((spelling, id) -> {
            if (spelling.isEmpty() || !found[id].isEmpty()) {
                throw fields.wrong("model.vocab['" + spelling + "']", "a text with a unique id", id);
            }
            found[id] = spelling;
        });
        placeAdded(found);
        return found;
    }

    private int size() {
        IntStream ids = IntStream.concat(
                vocabulary.values().stream().mapToInt(id -> id), added.stream().mapToInt(AddedToken::id));
        return ids.max().orElse(0) + 1;
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

    private void fillTokens(boolean ofBytes, boolean hasByteTokens) {
        boolean[] isAdded = new boolean[spellings.length];
        for (AddedToken token : added) {
            isAdded[token.id()] = true;
        }
        for (int id = 0; id < spellings.length; id++) {
            if (isAdded[id] || spellings[id].isEmpty()) {
                tokens.add(spellings[id].getBytes(StandardCharsets.UTF_8));
                boolean isByte = spellings[id].length() == 1 && ByteAlphabet.isSpelling(spellings[id]);
                if (ofBytes && isByte && vocabulary.containsKey(spellings[id])) {
                    idOfBytes.put(ByteBuffer.wrap(ByteAlphabet.bytes(spellings[id])), id);
                }
                continue;
            }
            if (!ofBytes) {
                tokens.add(PieceAlphabet.bytes(spellings[id], hasByteTokens));
                continue;
            }
            if (!ByteAlphabet.isSpelling(spellings[id])) {
                throw fields.wrong("model.vocab, id " + id, "spelled in the byte alphabet", "'" + spellings[id] + "'");
            }
            tokens.add(ByteAlphabet.bytes(spellings[id]));
            idOfBytes.put(ByteBuffer.wrap(tokens.get(id)), id);
        }
    }
}
