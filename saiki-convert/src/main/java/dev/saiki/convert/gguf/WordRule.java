package dev.saiki.convert.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A pre-tokenizer, with llama.cpp's names for it.
public enum WordRule {
    /// GPT-2's rule.
    GPT_2(
            "gpt-2 olmo phi-2 mpt jais trillion granite-docling exaone4 a.x-4.0 gigachat mellum modern-bert jina-es"
                    + " jina-de jina-v2-es jina-v2-de",
            "",
            false,
            false,
            false),
    /// Llama 3's rule.
    LLAMA_3(
            "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano",
            Expressions.LLAMA_3,
            true,
            false,
            true),
    /// GPT-4's rule. Llama 3 uses it too, but adds a start token and, if a whole word is a token, encodes the word
    /// without merges.
    GPT_4("dbrx smaug-bpe glm4 chatglm-bpe", Expressions.LLAMA_3, false, false, false),
    /// Qwen 2's rule, which normalises text to NFC first.
    QWEN_2("qwen2 deepseek-r1-qwen", Expressions.QWEN_2, false, true, false),
    /// Qwen 2's rule without NFC.
    STABLE_LM_2("stablelm2 megrez hunyuan grok-2 kormo f2llmv2", Expressions.QWEN_2, false, false, false),
    /// GPT-4o's rule.
    GPT_4O("gpt-4o llama4 kanana2 talkie", Expressions.GPT_4O, false, false, false),
    /// Mistral's rule since Nemo.
    TEKKEN("tekken", Expressions.TEKKEN, true, false, true),
    /// Seed's rule, in which no line break follows punctuation.
    SEED("seed-coder", Expressions.SEED, false, false, false),
    /// GPT-2's rule after a split into single digits.
    DIGITS("smollm starcoder refact command-r codeshell exaone minerva-7b", "", false, false, false);

    /// The regular expressions in `tokenizer.json` files.
    private static final class Expressions {
        private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
        private static final String BEFORE = "[^\\r\\n\\p{L}\\p{N}]?";
        private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
        private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
        private static final String END = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        private static final String OTHERS = "| ?[^\\s\\p{L}\\p{N}]+";
        static final String LLAMA_3 = CONTRACTION + "|" + BEFORE + "\\p{L}+|\\p{N}{1,3}" + OTHERS + "[\\r\\n]*" + END;
        static final String QWEN_2 = CONTRACTION + "|" + BEFORE + "\\p{L}+|\\p{N}" + OTHERS + "[\\r\\n]*" + END;
        static final String SEED = CONTRACTION + "|" + BEFORE + "\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" + END;
        static final String GPT_4O = BEFORE + UPPER + "*" + LOWER + "+" + CONTRACTION + "?|" + BEFORE + UPPER + "+"
                + LOWER + "*" + CONTRACTION + "?|\\p{N}{1,3}" + OTHERS + "[\\r\\n/]*" + END;
        static final String TEKKEN = BEFORE + UPPER + "*" + LOWER + "+|" + BEFORE + UPPER + "+" + LOWER + "*|\\p{N}"
                + OTHERS + "[\\r\\n/]*" + END;
    }

    private final String names;
    private final String expression;
    private final boolean ignoresMerges;
    private final boolean composes;
    private final boolean addsBegin;

    WordRule(String names, String expression, boolean ignoresMerges, boolean composes, boolean addsBegin) {
        this.names = names;
        this.expression = expression;
        this.ignoresMerges = ignoresMerges;
        this.composes = composes;
        this.addsBegin = addsBegin;
    }

    static List<String> names() {
        return Arrays.stream(values()).flatMap(rule -> rule.ownNames().stream()).toList();
    }

    static Optional<WordRule> ofName(String name) {
        return Arrays.stream(values())
                .filter(rule -> rule.ownNames().contains(name))
                .findFirst();
    }

    private List<String> ownNames() {
        return List.of(names.split(" "));
    }

    /// llama.cpp's name for the rule.
    String llamaName() {
        return ownNames().getFirst();
    }

    boolean ignoresMerges() {
        return ignoresMerges;
    }

    /// Whether text is normalised to NFC first.
    public boolean composes() {
        return composes;
    }

    boolean addsBegin() {
        return addsBegin;
    }

    /// Writes the pre-tokenizer of a `tokenizer.json`.
    public void write(ObjectNode node) {
        if (this == GPT_2) {
            byteLevel(node, true);
            return;
        }
        node.put("type", "Sequence");
        ArrayNode stages = node.putArray("pretokenizers");
        if (this == DIGITS) {
            stages.addObject().put("type", "Digits").put("individual_digits", true);
        } else {
            ObjectNode split = stages.addObject().put("type", "Split");
            split.putObject("pattern").put("Regex", expression);
            split.put("behavior", "Isolated").put("invert", false);
        }
        byteLevel(stages.addObject(), this == DIGITS);
    }

    /// Writes a pre-tokenizer or decoder of bytes.
    ///
    /// @param cutsWords whether words are split by GPT-2's rule
    public static void byteLevel(ObjectNode node, boolean cutsWords) {
        node.put("type", "ByteLevel");
        node.put("add_prefix_space", false);
        node.put("trim_offsets", true);
        node.put("use_regex", cutsWords);
    }

    /// Finds the pre-tokenizer of a `tokenizer.json`.
    ///
    /// @param root the whole file
    /// @return the pre-tokenizer, if llama.cpp supports it
    static Optional<WordRule> of(JsonNode root) {
        JsonNode cut = root.path("pre_tokenizer");
        boolean ignores = root.path("model").path("ignore_merges").booleanValue(false);
        boolean composes = root.path("normalizer").path("type").stringValue("").equals("NFC");
        if (root.path("normalizer").isObject() && !composes) {
            return Optional.empty();
        }
        String type = cut.path("type").stringValue("");
        if (type.equals("ByteLevel") && cut.path("use_regex").booleanValue(true)) {
            return Optional.of(GPT_2).filter(_ -> !ignores);
        }
        JsonNode stages = cut.path("pretokenizers");
        JsonNode first = stages.path(0);
        if (stages.size() != 2) {
            return Optional.empty();
        }
        if (first.path("type").stringValue("").equals("Digits")) {
            boolean single = first.path("individual_digits").booleanValue(false);
            boolean cuts = stages.path(1).path("use_regex").booleanValue(true);
            return Optional.of(DIGITS).filter(_ -> single && cuts && !ignores);
        }
        String regex = first.path("pattern").path("Regex").stringValue("");
        return Arrays.stream(values())
                .filter(rule -> !rule.expression.isEmpty() && rule.expression.equals(regex))
                .filter(rule -> rule.ignoresMerges == ignores && rule.composes == composes)
                .findFirst();
    }
}
