package dev.saiki.text.chat;

import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Optional;

/// The marks around the reasoning of models that think before they answer.
public final class ThinkingMarks {

    /// The mark that begins the reasoning.
    public static final String BEGIN = "<think>";

    /// The mark that ends the reasoning.
    public static final String END = "</think>";

    private ThinkingMarks() {}

    /// An answer separated from its reasoning.
    ///
    /// @param thought the text between the marks, without line breaks next to them
    /// @param answer the text after the marks, without line breaks before it
    public record Split(String thought, String answer) {}

    /// Tells whether a model uses the marks.
    ///
    /// @param tokenizer the model's tokenizer
    /// @param template the model's chat template as source text; may be empty
    /// @return whether the marks are tokens of their own or occur in the template
    public static boolean areKnown(Tokenizer tokenizer, String template) {
        return template.contains(BEGIN)
                || template.contains(END)
                || (tokenizer.specialId(BEGIN).isPresent()
                        && tokenizer.specialId(END).isPresent());
    }

    /// Tells whether a prompt ends with the first mark, so that the model's output begins with reasoning.
    ///
    /// @param prompt the prompt as text
    /// @return whether the prompt, without trailing white space, ends with the first mark
    public static boolean areBegunBy(String prompt) {
        return prompt.stripTrailing().endsWith(BEGIN);
    }

    /// Splits reasoning and answer.
    ///
    /// @param said an answer, whose first mark may be in its prompt instead
    /// @return both parts; empty if the answer has no end mark, or has text before the first mark
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
