package dev.saiki.convert.gguf;

import dev.saiki.convert.sentencepiece.Piece;
import dev.saiki.convert.sentencepiece.PieceVocabulary;
import dev.saiki.io.InputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A converter of a GGUF file's tokenizer to `tokenizer.json`.
///
/// A `tokenizer.json` in the file, such as Saiki's own files contain, is returned unchanged. Otherwise the
/// tokenizer is built from the vocabulary, the merges or scores, and the name of the pre-tokenizer.
final class GgufTokenizer {

    static final String PREFIX = "tokenizer.ggml.";
    static final String WHOLE = "tokenizer.huggingface.json";
    static final String TEMPLATE = "tokenizer.chat_template";

    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final long[] kinds;

    private GgufTokenizer(GgufMetadata metadata) {
        this.metadata = metadata;
        tokens = metadata.requireTexts(PREFIX + "tokens");
        kinds = metadata.wholes(PREFIX + "token_type").orElseGet(() -> {
            long[] normal = new long[tokens.size()];
            Arrays.fill(normal, NORMAL);
            return normal;
        });
        if (kinds.length != tokens.size()) {
            throw metadata.wrong(PREFIX + "token_type", "as long as the vocabulary, " + tokens.size(), kinds.length);
        }
    }

    /// Creates the tokenizer.
    ///
    /// @return the content of a `tokenizer.json`; empty if the file has no vocabulary
    /// @throws InputException if the tokenizer is damaged or of an unsupported kind
    static Optional<byte[]> read(GgufMetadata metadata) {
        Optional<String> whole = metadata.text(WHOLE);
        if (whole.isPresent()) {
            return whole.map(text -> text.getBytes(StandardCharsets.UTF_8));
        }
        String model = metadata.text(PREFIX + "model").orElse("none");
        return switch (model) {
            case "none", "no_vocab" -> Optional.empty();
            case "llama" -> Optional.of(new GgufTokenizer(metadata).pieces());
            case "gpt2" -> Optional.of(new GgufTokenizer(metadata).bytes());
            default ->
                throw metadata.wrong(
                        PREFIX + "model", "llama (SentencePiece) or gpt2 (byte-level BPE)", "'" + model + "'");
        };
    }

    private OptionalInt begin(boolean usual) {
        boolean adds = metadata.flag(PREFIX + "add_bos_token").orElse(usual);
        Optional<Integer> id = metadata.whole(PREFIX + "bos_token_id");
        if (!adds || id.isEmpty()) {
            return OptionalInt.empty();
        }
        if (id.get() >= tokens.size()) {
            throw metadata.wrong(PREFIX + "bos_token_id", "below " + tokens.size(), id.get());
        }
        return OptionalInt.of(id.get());
    }

    private byte[] pieces() {
        double[] scores = metadata.reals(PREFIX + "scores").orElseGet(() -> new double[0]);
        if (scores.length != tokens.size()) {
            throw metadata.wrong(PREFIX + "scores", "as long as the vocabulary, " + tokens.size(), scores.length);
        }
        Piece.Kind[] named = Piece.Kind.values();
        List<Piece> pieces = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (kinds[id] < 1 || kinds[id] > named.length || Double.isNaN(scores[id])) {
                throw metadata.wrong(
                        PREFIX + "token_type[" + id + "]", "1 to " + named.length + ", with numeric score", kinds[id]);
            }
            pieces.add(new Piece(tokens.get(id), scores[id], named[(int) kinds[id] - 1]));
        }
        boolean spaceBefore = metadata.flag(PREFIX + "add_space_prefix").orElse(true);
        return new PieceVocabulary(pieces, PieceVocabulary.Rules.plain(spaceBefore), begin(true))
                .tokenizerJson(metadata.where());
    }

    private byte[] bytes() {
        String name = metadata.text(PREFIX + "pre").orElse("default");
        WordRule rule = WordRule.ofName(name)
                .orElseThrow(() -> metadata.wrong(
                        PREFIX + "pre",
                        "one of " + String.join(", ", WordRule.names()) + ", whose pre-tokenizers are supported",
                        "'" + name + "'"));
        ObjectNode root = PieceVocabulary.beginning();
        addedTokens(root.putArray("added_tokens"));
        if (rule.composes()) {
            root.putObject("normalizer").put("type", "NFC");
        } else {
            root.putNull("normalizer");
        }
        rule.write(root.putObject("pre_tokenizer"));
        begin(rule.addsBegin())
                .ifPresentOrElse(
                        id -> PieceVocabulary.template(root.putObject("post_processor"), tokens.get(id), id),
                        () -> root.putNull("post_processor"));
        WordRule.byteLevel(root.putObject("decoder"), false);
        model(root.putObject("model"), rule);
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void addedTokens(ArrayNode list) {
        for (int id = 0; id < tokens.size(); id++) {
            if (kinds[id] == CONTROL || kinds[id] == USER_DEFINED) {
                PieceVocabulary.addToken(list, id, tokens.get(id), kinds[id] == CONTROL);
            }
        }
    }

    private void model(ObjectNode model, WordRule rule) {
        model.put("type", "BPE");
        for (String key : List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
            model.putNull(key);
        }
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        model.put("ignore_merges", rule.ignoresMerges());
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            // Omits padding tokens, which fill the embedding and which no text encodes to.
            if (kinds[id] != UNUSED && kinds[id] != CONTROL && kinds[id] != USER_DEFINED) {
                @Nullable Object before = vocabulary.get(tokens.get(id));
                if (before != null) {
                    throw metadata.wrong(
                            PREFIX + "tokens[" + id + "]", "different from all other tokens", tokens.get(id));
                }
                vocabulary.put(tokens.get(id), id);
            }
        }
        metadata.requireTexts(PREFIX + "merges").forEach(model.putArray("merges")::add);
    }
}
