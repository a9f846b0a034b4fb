package dev.saiki.text.tokenizer;

import dev.saiki.text.files.JsonKind;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The stages of a `tokenizer.json` other than merging: normalizer, pre-tokenizer, post-processor and decoder.
/// Unsupported settings are refused, with their names.
final class TextStages {

    private static final String BYTE_LEVEL = "ByteLevel";
    private static final String METASPACE = "Metaspace";
    private static final String SEQUENCE = "Sequence";
    private static final String NEVER = "never";
    private static final String PIECE_SPACE = String.valueOf(PieceAlphabet.SPACE);
    private static final int MAX_STAGES = 16;
    private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~\\p{P}]");
    private static final Map<String, PreTokenizer.Behavior> BEHAVIORS = Map.of(
            "Isolated", PreTokenizer.Behavior.ISOLATED,
            "Removed", PreTokenizer.Behavior.REMOVED,
            "Contiguous", PreTokenizer.Behavior.CONTIGUOUS,
            "MergedWithPrevious", PreTokenizer.Behavior.MERGED_WITH_PREVIOUS,
            "MergedWithNext", PreTokenizer.Behavior.MERGED_WITH_NEXT);

    private final TokenizerFields fields;
    private final List<PreTokenizer.Stage> stages = new ArrayList<>();
    private TextNormalizer normalizer = TextNormalizer.NONE;
    private boolean stripsSpace;

    TextStages(TokenizerFields fields) {
        this.fields = fields;
    }

    /// Reads the decoder, which shows whether tokens are byte-level or SentencePiece-style.
    ///
    /// @return whether tokens are spelled in the byte alphabet
    boolean readDecoder(JsonNode decoder) {
        if (isType(decoder, BYTE_LEVEL)) {
            return true;
        }
        List<JsonNode> parts = parts(decoder, "decoder.", "decoders");
        boolean piecewise = !parts.isEmpty();
        for (JsonNode part : parts) {
            piecewise &= switch (part.path("type").stringValue("")) {
                case "ByteFallback", "Fuse" -> true;
                case "Replace" -> isReplacement(part, PIECE_SPACE, " ");
                case "Strip" -> readStrip(part);
                case METASPACE -> readMetaspaceDecoder(part);
                default -> false;
            };
        }
        if (!piecewise) {
            throw fields.unsupported(
                    "a decoder other than " + BYTE_LEVEL + " or SentencePiece's",
                    TokenizerFields.isAbsent(decoder) ? "none" : decoder.path("type"));
        }
        return false;
    }

    private static boolean isReplacement(JsonNode part, String from, String to) {
        return part.path("pattern").path("String").stringValue("").equals(from)
                && part.path("content").stringValue("-").equals(to);
    }

    private boolean readStrip(JsonNode part) {
        stripsSpace = true;
        return part.path("content").stringValue("").equals(" ")
                && part.path("start").intValue(-1) == 1
                && part.path("stop").intValue(-1) == 0;
    }

    private boolean readMetaspaceDecoder(JsonNode part) {
        stripsSpace = !prependScheme(part, "decoder.").equals(NEVER);
        return part.path("replacement").stringValue("").equals(PIECE_SPACE);
    }

    /// Reads the other stages.
    ///
    /// @param root the whole file
    /// @param ofBytes whether tokens are spelled in the byte alphabet
    TokenizerModel.Stages read(JsonNode root, boolean ofBytes) {
        parts(root.path("normalizer"), "normalizer.", "normalizers").forEach(this::readNormalizer);
        JsonNode preTokenizer = root.path("pre_tokenizer");
        List<JsonNode> cuts = parts(preTokenizer, "pre_tokenizer.", "pretokenizers");
        if (ofBytes) {
            readByteStages(cuts, preTokenizer);
        } else {
            for (JsonNode part : cuts) {
                readPieceStage(part);
            }
        }
        return new TokenizerModel.Stages(
                normalizer, new PreTokenizer(stages), prefix(root.path("post_processor")), stripsSpace);
    }

    private void readNormalizer(JsonNode part) {
        String path = "normalizer.";
        String type = part.path("type").stringValue("");
        normalizer = normalizer.then(
                switch (type) {
                    case "NFC", "NFD", "NFKC", "NFKD" -> new TextNormalizer.Form(Normalizer.Form.valueOf(type));
                    case "Lowercase" -> new TextNormalizer.Lowercase();
                    case "Strip" ->
                        new TextNormalizer.Strip(
                                fields.flag(part, path, "strip_left", true),
                                fields.flag(part, path, "strip_right", true));
                    case "StripAccents" -> new TextNormalizer.ReplaceMatches(Pattern.compile("\\p{M}"), "");
                    case "Prepend" -> new TextNormalizer.Prepend(shortText(part, path, "prepend"));
                    case "Replace" -> replacement(part, path);
                    case "Precompiled" ->
                        Charsmap.read(fields.text(part, path, "precompiled_charsmap"))
                                .orElseThrow(() -> fields.wrong(
                                        path + "precompiled_charsmap",
                                        "SentencePiece's table in base64, with" + " replacements of at most "
                                                + TextNormalizer.LONGEST_REPLACEMENT + " bytes",
                                        "another"));
                    default ->
                        throw fields.unsupported(
                                "a normalizer other than NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Prepend,"
                                        + " Replace and Precompiled",
                                part.path("type"));
                });
    }

    private String shortText(JsonNode part, String path, String key) {
        String text = fields.text(part, path, key);
        int longest = TextNormalizer.LONGEST_REPLACEMENT;
        fields.require(text.length() <= longest, path + key, "at most " + longest + " characters", text.length());
        return text;
    }

    private TextNormalizer.Step replacement(JsonNode part, String path) {
        String to = shortText(part, path, "content");
        String text = part.path("pattern").path("String").stringValue("");
        String expression = part.path("pattern").path("Regex").stringValue("");
        if (!text.isEmpty()) {
            return new TextNormalizer.Replace(text, to);
        }
        if (!PortableExpression.isPortable(expression)) {
            throw fields.unsupported("a normalizer Replace with this pattern", part.path("pattern"));
        }
        return new TextNormalizer.ReplaceMatches(PortableExpression.compile(expression), to);
    }

    private void readPieceStage(JsonNode part) {
        if (!isType(part, METASPACE)) {
            stages.add(stage(part, "pre_tokenizer."));
            return;
        }
        boolean isFirst = stages.isEmpty();
        if (!isFirst || !part.path("replacement").stringValue("").equals(PIECE_SPACE)) {
            throw fields.unsupported(
                    "a pre_tokenizer " + METASPACE + " that is not first, or replaces spaces by another sign than "
                            + PIECE_SPACE,
                    part);
        }
        String scheme = prependScheme(part, "pre_tokenizer.");
        normalizer = normalizer.then(new TextNormalizer.Replace(" ", PIECE_SPACE));
        if (!scheme.equals(NEVER)) {
            normalizer = normalizer.then(new TextNormalizer.PrefixOnce(PIECE_SPACE, scheme.equals("always")));
        }
        if (fields.flag(part, "pre_tokenizer.", "split", true)) {
            stages.add(new PreTokenizer.SpacedWords(PieceAlphabet.SPACE));
        }
    }

    private String prependScheme(JsonNode part, String path) {
        String scheme = fields.optionalText(part, path, "prepend_scheme")
                .orElseGet(() -> fields.flag(part, path, "add_prefix_space", true) ? "always" : NEVER);
        if (!List.of("always", "first", NEVER).contains(scheme)) {
            throw fields.wrong(path + "prepend_scheme", "always, first or never", "'" + scheme + "'");
        }
        return scheme;
    }

    private void readByteStages(List<JsonNode> parts, JsonNode preTokenizer) {
        if (parts.isEmpty() || !isType(parts.getLast(), BYTE_LEVEL)) {
            throw fields.unsupported(
                    "a pre_tokenizer other than " + BYTE_LEVEL + " or a Sequence that ends with ByteLevel",
                    TokenizerFields.isAbsent(preTokenizer) ? "none" : preTokenizer.path("type"));
        }
        String path = "pre_tokenizer.";
        for (JsonNode part : parts.subList(0, parts.size() - 1)) {
            stages.add(stage(part, path));
        }
        JsonNode last = parts.getLast();
        if (fields.flag(last, path, "add_prefix_space", true)) {
            if (parts.size() > 1) {
                throw fields.unsupported(path + "add_prefix_space after another stage", "true");
            }
            normalizer = normalizer.then(new TextNormalizer.PrefixOnce(" ", true));
        }
        if (fields.flag(last, path, "use_regex", true)) {
            stages.add(new PreTokenizer.Gpt2Words());
        }
    }

    private PreTokenizer.Stage stage(JsonNode part, String path) {
        return switch (part.path("type").stringValue("")) {
            case "Digits" -> new PreTokenizer.Digits(fields.flag(part, path, "individual_digits", false));
            case "Punctuation" -> new PreTokenizer.Split(PUNCTUATION, behavior(part, path), false);
            case "Split" -> split(part, path);
            default -> throw fields.unsupported("this stage of the pre_tokenizer", part.path("type"));
        };
    }

    private PreTokenizer.Behavior behavior(JsonNode part, String path) {
        String name = fields.optionalText(part, path, "behavior").orElse("Isolated");
        return Optional.ofNullable(BEHAVIORS.get(name))
                .orElseThrow(() -> fields.wrong(
                        path + "behavior", "one of " + String.join(", ", new TreeSet<>(BEHAVIORS.keySet())), name));
    }

    private PreTokenizer.Stage split(JsonNode part, String path) {
        PreTokenizer.Behavior behavior = behavior(part, path);
        boolean inverted = fields.flag(part, path, "invert", false);
        JsonNode literal = part.path("pattern").path("String");
        JsonNode expression = part.path("pattern").path("Regex");
        if (literal.isString() && !literal.stringValue().isEmpty()) {
            return new PreTokenizer.Split(Pattern.compile(literal.stringValue(), Pattern.LITERAL), behavior, inverted);
        }
        String text = expression.stringValue("");
        // The known expressions leave no text between their matches, so keeping the matches isolates them.
        boolean isolates =
                behavior == PreTokenizer.Behavior.ISOLATED || (behavior == PreTokenizer.Behavior.REMOVED && inverted);
        return Optional.of(text)
                .filter(_ -> isolates)
                .flatMap(WordPatterns::known)
                .or(() -> WordPatterns.split(text, behavior, inverted))
                .orElseThrow(() -> fields.unsupported("a pre_tokenizer Split with this pattern", part.path("pattern")));
    }

    /// The ids that the post-processor puts before a single text.
    private List<Integer> prefix(JsonNode postProcessor) {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode part : parts(postProcessor, "post_processor.", "processors")) {
            // These stages surround a text with tokens that a language model's training data did not contain.
            if (isType(part, "RobertaProcessing") || isType(part, "BertProcessing")) {
                throw fields.wrong(
                        "post_processor",
                        "TemplateProcessing, ByteLevel or absent",
                        part.path("type").stringValue());
            }
            if (isType(part, "TemplateProcessing")) {
                for (JsonNode item : part.path("single").values()) {
                    JsonNode name = item.path("SpecialToken").path("id");
                    if (!name.isString()) {
                        break;
                    }
                    JsonNode known =
                            part.path("special_tokens").path(name.stringValue()).path("ids");
                    for (JsonNode id : known.values()) {
                        ids.add(fields.id("post_processor.special_tokens['" + name.stringValue() + "']", id));
                    }
                }
            }
        }
        return ids;
    }

    private static boolean isType(JsonNode node, String type) {
        return node.path("type").isString() && node.path("type").stringValue().equals(type);
    }

    /// The parts of a sequence; a single stage is its only part.
    private List<JsonNode> parts(JsonNode node, String path, String key) {
        if (TokenizerFields.isAbsent(node)) {
            return List.of();
        }
        if (!isType(node, SEQUENCE)) {
            return List.of(node);
        }
        JsonNode parts = fields.array(node, path, key);
        fields.require(parts.size() <= MAX_STAGES, path + key, "at most " + MAX_STAGES + " parts", parts.size());
        for (JsonNode part : parts.values()) {
            fields.require(part.isObject(), path + key, "a list of JSON objects", JsonKind.of(part));
        }
        return List.copyOf(parts.values());
    }
}
