package dev.saiki.server.openai.chat;

import dev.saiki.engine.Token;
import dev.saiki.server.generation.Answer;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.AnswerShape;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.openai.TokenTexts;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Answers of `/v1/chat/completions`.
public record ChatShape(TokenTexts texts) implements AnswerShape {

    @Override
    public String operation() {
        return "chat";
    }

    @Override
    public String idPrefix() {
        return "chatcmpl-";
    }

    @Override
    public String wholeObject() {
        return "chat.completion";
    }

    @Override
    public String pieceObject() {
        return "chat.completion.chunk";
    }

    @Override
    public boolean hasPromptIdsInChoices() {
        return false;
    }

    @Override
    public void putWhole(ObjectNode choice, Ask ask, Answer answer) {
        ObjectNode message = choice.putObject("message");
        message.put("role", "assistant");
        message.put("content", answer.text());
        message.putNull("refusal");
        if (ask.wants(AnswerPart.LOGPROBS)) {
            choice.set("logprobs", texts.content(answer.tokens()));
        } else {
            choice.putNull("logprobs");
        }
    }

    @Override
    public boolean putOpening(ObjectNode choice, String text) {
        choice.putObject("delta").put("role", "assistant").put("content", text);
        choice.putNull("logprobs");
        return true;
    }

    @Override
    public void putPiece(ObjectNode choice, Ask ask, String text, Optional<Token> token, int offset) {
        choice.putObject("delta").put("content", text);
        if (ask.wants(AnswerPart.LOGPROBS) && token.isPresent()) {
            choice.set("logprobs", texts.content(token.stream().toList()));
        } else {
            choice.putNull("logprobs");
        }
    }

    @Override
    public void putEnding(ObjectNode choice) {
        choice.putObject("delta");
        choice.putNull("logprobs");
    }
}
