package dev.saiki.server.audit;

import java.util.List;

/// The text of a request and its answer, stored only if enabled.
///
/// @param prompt what was to be continued
/// @param answer what was written
/// @param depths recursions of each token, the prompt's first
public record AuditedText(String prompt, String answer, List<Integer> depths) {

    /// Characters of a text that are kept.
    public static final int MOST_CHARACTERS = 1 << 16;

    /// Shortens what is too long, and replaces what a database cannot hold.
    public AuditedText {
        prompt = storable(prompt);
        answer = storable(answer);
        depths = List.copyOf(depths);
    }

    /// PostgreSQL's texts have no character 0.
    private static String storable(String text) {
        String shortened = text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) : text;
        return shortened.replace('\0', '\uFFFD');
    }
}
