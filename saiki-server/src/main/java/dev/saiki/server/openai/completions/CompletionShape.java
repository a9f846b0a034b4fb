package dev.saiki.server.openai.completions;

import dev.saiki.engine.Token;
import dev.saiki.server.generation.Answer;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.AnswerShape;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.openai.TokenTexts;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Answers of `/v1/completions`.
record CompletionShape(TokenTexts texts) implements AnswerShape {

    @Override
    public String operation() {
        return "text_completion";
    }

    @Override
    public String idPrefix() {
        return "cmpl-";
    }

    @Override
    public String wholeObject() {
        return "text_completion";
    }

    @Override
    public String pieceObject() {
        return "text_completion";
    }

    @Override
    public boolean hasPromptIdsInChoices() {
        return true;
    }

    @Override
    public void putWhole(ObjectNode choice, Ask ask, Answer answer) {
        put(choice, ask.wants(AnswerPart.LOGPROBS), answer.text(), answer.tokens(), 0);
    }

    @Override
    public boolean putOpening(ObjectNode choice, String text) {
        choice.put("text", text);
        choice.putNull("logprobs");
        return !text.isEmpty();
    }

    @Override
    public void putPiece(ObjectNode choice, Ask ask, String text, Optional<Token> token, int offset) {
        put(
                choice,
                ask.wants(AnswerPart.LOGPROBS) && token.isPresent(),
                text,
                token.stream().toList(),
                offset);
    }

    private void put(ObjectNode choice, boolean logprobs, String text, List<Token> tokens, int offset) {
        choice.put("text", text);
        if (logprobs) {
            choice.set("logprobs", texts.lists(tokens, offset));
        } else {
            choice.putNull("logprobs");
        }
    }

    @Override
    public void putEnding(ObjectNode choice) {
        choice.put("text", "");
        choice.putNull("logprobs");
    }
}
