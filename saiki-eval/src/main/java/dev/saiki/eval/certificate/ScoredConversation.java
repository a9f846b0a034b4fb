package dev.saiki.eval.certificate;

import dev.saiki.model.Continuation;
import java.util.List;

/// A conversation as a model scores it: each answer given all turns before it, or a document in windows.
///
/// @param parts the scored parts, at least one
public record ScoredConversation(List<Continuation> parts) {

    /// Copies the list.
    public ScoredConversation {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a conversation without text");
        }
    }

    /// Counts the scored tokens.
    ///
    /// @return the number of scored tokens
    public int scored() {
        return parts.stream().mapToInt(Continuation::numScored).sum();
    }
}
