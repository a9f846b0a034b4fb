package dev.saiki.convert.sentencepiece;

import dev.saiki.io.InputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A SentencePiece vocabulary, and its conversion to a `tokenizer.json` that encodes in the same way.
///
/// With BPE, SentencePiece merges the pair whose result has the highest score; a `tokenizer.json` lists pairs in merge
/// order. The list is built as in Hugging Face's converter: every split of a token into two tokens is a pair, and
/// pairs are sorted by the score of their result, highest first. The two encodings differ only if overlapping
/// pairs produce tokens of equal score.
///
/// @param pieces tokens by id
/// @param rules the model type and the normalisation
/// @param begin the token put before a prompt, if there is one
public record PieceVocabulary(List<Piece> pieces, Rules rules, OptionalInt begin) {

    /// The rules of a vocabulary.
    ///
    /// @param unigram whether the model is Unigram; otherwise it is BPE
    /// @param spaceBefore whether a space is put before every text
    /// @param removesSpaces whether spaces at the ends of a text, and all but one of adjacent spaces, are removed
    /// @param table the table of replacements in base64; empty if there is none
    public record Rules(boolean unigram, boolean spaceBefore, boolean removesSpaces, String table) {

        /// The rules of BPE without normalisation.
        ///
        /// @param spaceBefore whether a space is put before every text
        /// @return the rules
        public static Rules plain(boolean spaceBefore) {
            return new Rules(false, spaceBefore, false, "");
        }
    }

    private static final String SPACE = "\u2581";
    private static final int LONGEST_PIECE = 1 << 10;

    /// The maximum number of characters in all merges per character of the vocabulary. Vocabularies in use need
    /// about three; a vocabulary that contains every prefix of a long text would exhaust the memory.
    private static final int MAX_MERGED = 64;

    private static final int ALWAYS_MERGED = 1 << 20;

    /// Copies the list.
    public PieceVocabulary {
        pieces = List.copyOf(pieces);
    }

    private record Merge(String left, String right, double score) {}

    /// Writes the tokenizer.
    ///
    /// @param where the vocabulary's name in messages
    /// @return the content of a `tokenizer.json`
    /// @throws InputException if two tokens have the same spelling, a token is empty or too long, there would be
    ///     too many merges, or the vocabulary does not contain the token put before a prompt
    public byte[] tokenizerJson(String where) {
        Map<String, Integer> ids = ids(where);
        ObjectNode root = beginning();
        addedTokens(root.putArray("added_tokens"));
        normalizer(root.putObject("normalizer"));
        if (rules.removesSpaces()) {
            root.putObject("pre_tokenizer")
                    .put("type", "Metaspace")
                    .put("replacement", SPACE)
                    .put("prepend_scheme", rules.spaceBefore() ? "always" : "never")
                    .put("split", false);
        } else {
            root.putNull("pre_tokenizer");
        }
        begin.ifPresentOrElse(
                id -> template(root.putObject("post_processor"), pieces.get(id).text(), id),
                () -> root.putNull("post_processor"));
        decoder(root.putObject("decoder"));
        if (rules.unigram()) {
            unigram(root.putObject("model"), where);
        } else {
            model(root.putObject("model"), ids, merges(ids, where));
        }
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, Integer> ids(String where) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (int id = 0; id < pieces.size(); id++) {
            String text = pieces.get(id).text();
            if (text.isEmpty() || text.length() > LONGEST_PIECE) {
                throw InputException.of(
                        where, "token " + id, "a text of 1 to " + LONGEST_PIECE + " characters", text.length());
            }
            @Nullable Integer before = ids.put(text, id);
            if (before != null) {
                throw InputException.of(where, "token " + id, "different from token " + before, "'" + text + "'");
            }
        }
        begin.ifPresent(id -> InputException.require(
                id < pieces.size(), where, "the token before a text", "below " + pieces.size(), id));
        return ids;
    }

    private void addedTokens(ArrayNode list) {
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            boolean special = piece.kind() == Piece.Kind.UNKNOWN || piece.kind() == Piece.Kind.CONTROL;
            if (special || (piece.kind() == Piece.Kind.USER_DEFINED && !isText(piece))) {
                addToken(list, id, piece.text(), special);
            }
        }
    }

    private void normalizer(ObjectNode node) {
        node.put("type", "Sequence");
        ArrayNode steps = node.putArray("normalizers");
        if (!rules.table().isEmpty()) {
            steps.addObject().put("type", "Precompiled").put("precompiled_charsmap", rules.table());
        }
        if (rules.removesSpaces()) {
            steps.addObject().put("type", "Strip").put("strip_left", false).put("strip_right", true);
            ObjectNode runs = steps.addObject().put("type", "Replace").put("content", SPACE);
            runs.putObject("pattern").put("Regex", " {2,}");
            return;
        }
        if (rules.spaceBefore()) {
            steps.addObject().put("type", "Prepend").put("prepend", SPACE);
        }
        replace(steps.addObject(), " ", SPACE);
    }

    private static void replace(ObjectNode node, String from, String to) {
        node.put("type", "Replace");
        node.putObject("pattern").put("String", from);
        node.put("content", to);
    }

    /// Creates the first fields of a tokenizer.json.
    ///
    /// @return the object to complete
    public static ObjectNode beginning() {
        return JsonMapper.shared()
                .createObjectNode()
                .put("version", "1.0")
                .putNull("truncation")
                .putNull("padding");
    }

    /// Adds a token that text is searched for before it is divided into pieces.
    ///
    /// @param list the field `added_tokens`
    /// @param id the token's id
    /// @param text the token's text
    /// @param special whether the token is no text
    public static void addToken(ArrayNode list, int id, String text, boolean special) {
        ObjectNode token = list.addObject();
        token.put("id", id);
        token.put("content", text);
        List.of("single_word", "lstrip", "rstrip", "normalized").forEach(option -> token.put(option, false));
        token.put("special", special);
    }

    /// Writes the post-processor that puts a start token before every text.
    ///
    /// @param node the node that receives the post-processor
    /// @param text the token's spelling
    /// @param id the token's id
    public static void template(ObjectNode node, String text, int id) {
        node.put("type", "TemplateProcessing");
        for (String form : List.of("single", "pair")) {
            ArrayNode items = node.putArray(form);
            special(items, text, 0);
            sequence(items, "A", 0);
            if (form.equals("pair")) {
                special(items, text, 1);
                sequence(items, "B", 1);
            }
        }
        ObjectNode token = node.putObject("special_tokens").putObject(text);
        token.put("id", text);
        token.putArray("ids").add(id);
        token.putArray("tokens").add(text);
    }

    private static void special(ArrayNode items, String text, int type) {
        items.addObject().putObject("SpecialToken").put("id", text).put("type_id", type);
    }

    private static void sequence(ArrayNode items, String name, int type) {
        items.addObject().putObject("Sequence").put("id", name).put("type_id", type);
    }

    private void decoder(ObjectNode node) {
        node.put("type", "Sequence");
        ArrayNode steps = node.putArray("decoders");
        replace(steps.addObject(), SPACE, " ");
        steps.addObject().put("type", "ByteFallback");
        steps.addObject().put("type", "Fuse");
        if (rules.spaceBefore()) {
            steps.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
    }

    private void unigram(ObjectNode model, String where) {
        boolean hasUnused = pieces.stream().anyMatch(piece -> piece.kind() == Piece.Kind.UNUSED);
        InputException.require(!hasUnused, where + ": unused tokens of a Unigram model are not supported");
        int unknown = pieces.stream().map(Piece::kind).toList().indexOf(Piece.Kind.UNKNOWN);
        InputException.require(unknown >= 0, where + ": a Unigram model must have an unknown token");
        model.put("type", "Unigram").put("unk_id", unknown).put("byte_fallback", hasBytes());
        ArrayNode vocabulary = model.putArray("vocab");
        pieces.forEach(piece -> vocabulary.addArray().add(piece.text()).add(piece.score()));
    }

    private boolean hasBytes() {
        return pieces.stream().anyMatch(piece -> piece.kind() == Piece.Kind.BYTE);
    }

    private void model(ObjectNode model, Map<String, Integer> ids, List<Merge> merges) {
        model.put("type", "BPE");
        model.putNull("dropout");
        pieces.stream()
                .filter(piece -> piece.kind() == Piece.Kind.UNKNOWN)
                .findFirst()
                .ifPresentOrElse(piece -> model.put("unk_token", piece.text()), () -> model.putNull("unk_token"));
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", true);
        model.put("byte_fallback", hasBytes());
        model.put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        ids.forEach(vocabulary::put);
        ArrayNode list = model.putArray("merges");
        for (Merge merge : merges) {
            list.addArray().add(merge.left()).add(merge.right());
        }
    }

    private List<Merge> merges(Map<String, Integer> ids, String where) {
        long characters =
                pieces.stream().mapToLong(piece -> piece.text().length()).sum();
        long left = ALWAYS_MERGED + MAX_MERGED * characters;
        List<Merge> merges = new ArrayList<>();
        for (Piece piece : pieces) {
            if (!isText(piece)) {
                continue;
            }
            String text = piece.text();
            double score = piece.kind() == Piece.Kind.NORMAL ? piece.score() : Double.POSITIVE_INFINITY;
            List<Merge> ways = new ArrayList<>();
            for (int at = text.offsetByCodePoints(0, 1); at < text.length(); at = text.offsetByCodePoints(at, 1)) {
                if (isText(text.substring(0, at), ids) && isText(text.substring(at), ids)) {
                    ways.add(new Merge(text.substring(0, at), text.substring(at), score));
                }
            }
            left -= (long) ways.size() * text.length();
            if (left < 0) {
                throw new InputException(where + ": vocabulary too costly to convert: the splits of its tokens exceed "
                        + MAX_MERGED + " characters per character of the vocabulary (" + characters + ")");
            }
            ways.sort(Comparator.comparingInt((Merge way) -> id(way.left(), ids))
                    .thenComparingInt(way -> id(way.right(), ids)));
            merges.addAll(ways);
        }
        merges.sort(Comparator.comparingDouble(Merge::score)
                .thenComparingInt(merge -> length(merge.left()))
                .thenComparingInt(merge -> length(merge.right()))
                .reversed());
        return merges;
    }

    /// Whether a token is made by merging: also if a user has defined it, but it consists of spaces. It is then
    /// merged before all others, and grows from the left as SentencePiece's search for the longest would make it.
    private static boolean isText(Piece piece) {
        return piece.kind() == Piece.Kind.NORMAL
                || (piece.kind() == Piece.Kind.USER_DEFINED
                        && piece.text().replace(SPACE, "").isEmpty());
    }

    private boolean isText(String text, Map<String, Integer> ids) {
        int id = id(text, ids);
        return id >= 0 && isText(pieces.get(id));
    }

    private static int id(String text, Map<String, Integer> ids) {
        return ids.getOrDefault(text, -1);
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
