package dev.saiki.text.tokenizer;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The word-splitting expressions of known `tokenizer.json` files, converted for Java's engine.
///
/// Two engines rarely agree on every expression, so an unknown expression is accepted only if it consists of parts
/// on which both engines agree, see {@link PortableExpression}. Each known expression matches at every position of
/// every text, so there is no text between its matches.
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
    static final String TEKKEN = BEFORE + UPPER + "*" + LOWER + "+|" + BEFORE + UPPER + "+" + LOWER
            + "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + END;

    private static final Map<String, PreTokenizer.Stage> STAGES = Map.of(
            GPT_2, new PreTokenizer.Gpt2Words(),
            LLAMA_3, words(LLAMA_3),
            QWEN_2, words(QWEN_2),
            GPT_4O, words(GPT_4O),
            TEKKEN, words(TEKKEN));

    private WordPatterns() {}

    /// The stage for a known expression, which matches everywhere.
    static Optional<PreTokenizer.Stage> known(String expression) {
        return Optional.ofNullable(STAGES.get(expression));
    }

    /// The stage for a split at the matches of an expression, if Java's engine finds the same matches as Hugging
    /// Face's.
    static Optional<PreTokenizer.Stage> split(String expression, PreTokenizer.Behavior behavior, boolean inverted) {
        return PortableExpression.isPortable(expression)
                ? Optional.of(new PreTokenizer.Split(PortableExpression.compile(expression), behavior, inverted))
                : Optional.empty();
    }

    static boolean endWordsAtLines(String expression) {
        return expression.equals(LLAMA_3) || expression.equals(QWEN_2);
    }

    private static PreTokenizer.Stage words(String expression) {
        return new PreTokenizer.PatternWords(Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS));
    }
}
