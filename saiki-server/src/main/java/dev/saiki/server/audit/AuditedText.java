package dev.saiki.server.audit;

import java.util.List;

/// The text of a request and its answer, which is stored only if the options ask for texts.
///
/// @param prompt the text of the prompt
/// @param answer the generated text
/// @param depths the number of recursions of each token, the prompt's tokens first
public record AuditedText(String prompt, String answer, List<Integer> depths) {

    /// The maximum number of characters of a text that are stored.
    public static final int MAX_CHARACTERS = 1 << 16;

    /// Truncates a text, and replaces characters that a database cannot store.
    public AuditedText {
        prompt = storable(prompt);
        answer = storable(answer);
        depths = List.copyOf(depths);
    }

    /// PostgreSQL's texts cannot contain U+0000.
    private static String storable(String text) {
        String shortened = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) : text;
        return shortened.replace('\0', '\uFFFD');
    }
}
