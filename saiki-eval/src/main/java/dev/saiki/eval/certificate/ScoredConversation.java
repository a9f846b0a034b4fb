package dev.saiki.eval.certificate;

import dev.saiki.model.Continuation;
import java.util.List;

/// A conversation as a model reads it: each answer after all that was said before it, or a document in
/// windows.
///
/// @param parts what is scored, at least one
public record ScoredConversation(List<Continuation> parts) {

    /// Keeps its own copy.
    public ScoredConversation {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a conversation without text");
        }
    }

    /// Counts the tokens that are scored.
    ///
    /// @return how many
    public int scored() {
        return parts.stream().mapToInt(Continuation::numScored).sum();
    }
}
