package dev.saiki.text.chat;

import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Optional;

/// The marks around the reasoning of models that think before they answer.
public final class ThinkingMarks {

    /// The mark that begins the reasoning.
    public static final String BEGIN = "<think>";

    /// The mark that ends it.
    public static final String END = "</think>";

    private ThinkingMarks() {}

    /// An answer separated from its reasoning.
    ///
    /// @param thought the text between the marks, without line breaks next to them
    /// @param answer the text after the marks, without line breaks before it
    public record Split(String thought, String answer) {}

    /// Tells whether a model knows the marks.
    ///
    /// @param tokenizer of the model
    /// @param template its chat template as source text; may be empty
    /// @return whether they are tokens of their own, or occur in the template
    public static boolean areKnown(Tokenizer tokenizer, String template) {
        return template.contains(BEGIN)
                || template.contains(END)
                || (tokenizer.specialId(BEGIN).isPresent()
                        && tokenizer.specialId(END).isPresent());
    }

    /// Tells whether a prompt ends with the first mark, so that the model's output begins with reasoning.
    ///
    /// @param prompt as text
    /// @return whether it does, trailing white space ignored
    public static boolean areBegunBy(String prompt) {
        return prompt.stripTrailing().endsWith(BEGIN);
    }

    /// Splits reasoning and answer.
    ///
    /// @param said an answer; the first mark may be in its prompt
    /// @return both parts, or nothing if it has no end mark, or begins with other text
    public static Optional<Split> split(String said) {
        int end = said.indexOf(END);
        String before = end < 0 ? "" : said.substring(0, end).stripLeading();
        int begin = before.indexOf(BEGIN);
        if (end < 0 || begin > 0) {
            return Optional.empty();
        }
        String thought = before.substring(begin < 0 ? 0 : BEGIN.length());
        return Optional.of(new Split(
                withoutLineBreaks(thought), said.substring(end + END.length()).replaceFirst("^\n+", "")));
    }

    private static String withoutLineBreaks(String thought) {
        int from = 0;
        int to = thought.length();
        while (from < to && thought.charAt(from) == '\n') {
            from++;
        }
        while (to > from && thought.charAt(to - 1) == '\n') {
            to--;
        }
        return thought.substring(from, to);
    }
}
