package dev.saiki.server.generation;

import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import java.util.List;

/// A finished answer.
///
/// @param index which of the answers to the request
/// @param text all of it, with its prompt if that was wanted
/// @param tokens those of the text, as far as they are reported
/// @param finish how it ended
public record FinishedAnswer(int index, String text, List<Token> tokens, GenerationResult finish) {

    public FinishedAnswer {
        tokens = List.copyOf(tokens);
    }
}
