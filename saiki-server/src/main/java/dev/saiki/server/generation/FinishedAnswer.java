package dev.saiki.server.generation;

import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import java.util.List;

/// A finished answer.
///
/// @param index the index of the answer within the request
/// @param text the whole text, with the prompt if requested
/// @param tokens the reported tokens of the text
/// @param finish how the answer ended
public record FinishedAnswer(int index, String text, List<Token> tokens, GenerationResult finish) {

    public FinishedAnswer {
        tokens = List.copyOf(tokens);
    }
}
