package dev.saiki.text.tokenizer;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The regular expressions of well-known tokenizers that Java's engine reads as Hugging Face's does.
///
/// Two engines rarely agree on every expression, so an unknown one is refused rather than tried. Each expression
/// here matches at every position of every text, so that nothing lies between its matches.
final class WordPatterns {

    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String END = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String BEFORE = "[^\\r\\n\\p{L}\\p{N}]?";

    static final String GPT_2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    static final String LLAMA_3 =
            CONTRACTION + "|" + BEFORE + "\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + END;
    static final String QWEN_2 = CONTRACTION + "|" + BEFORE + "\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + END;
    static final String GPT_4O = BEFORE + UPPER + "*" + LOWER + "+" + CONTRACTION + "?|" + BEFORE + UPPER + "+" + LOWER
            + "*" + CONTRACTION + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + END;

    private static final Map<String, PreTokenizer.Stage> STAGES = Map.of(
            GPT_2, new PreTokenizer.Gpt2Words(),
            LLAMA_3, words(LLAMA_3),
            QWEN_2, words(QWEN_2),
            GPT_4O, words(GPT_4O));

    private WordPatterns() {}

    /// The stage for an expression as it stands in a `tokenizer.json`, if it is a known one.
    static Optional<PreTokenizer.Stage> stage(String expression) {
        return Optional.ofNullable(STAGES.get(expression));
    }

    private static PreTokenizer.Stage words(String expression) {
        return new PreTokenizer.PatternWords(Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS));
    }
}
