package dev.saiki.eval.certificate;

import dev.saiki.model.Continuation;
import java.util.Arrays;
import java.util.List;

/// A conversation as a model scores it: either its answers, each given all turns before it, or the windows of
/// a document.
///
/// @param parts the scored parts, at least one
public record ScoredConversation(List<Continuation> parts) {

    /// Copies the list.
    public ScoredConversation {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a conversation must have at least one part");
        }
    }

    /// Returns the ids of all parts, which are equal for equal conversations.
    List<Integer> ids() {
        return parts.stream()
                .flatMapToInt(part -> Arrays.stream(part.ids()))
                .boxed()
                .toList();
    }

    /// Counts the scored tokens.
    ///
    /// @return the number of scored tokens
    public int scored() {
        return parts.stream().mapToInt(Continuation::numScored).sum();
    }
}
