package dev.saiki.server.openai.completions;

import dev.saiki.engine.Token;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.FinishedAnswer;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.openai.ChoiceRenderer;
import dev.saiki.server.openai.TokenTexts;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/completions`.
final class CompletionRenderer extends ChoiceRenderer {

    private static final String OBJECT = "text_completion";

    private final TokenTexts texts;

    CompletionRenderer(GenerationCall call, ModelDeployment deployment) {
        super(call, new Names(deployment.name(), "cmpl-", OBJECT, OBJECT));
        this.texts = new TokenTexts(deployment.engine().tokenizer());
    }

    @Override
    public String operation() {
        return OBJECT;
    }

    @Override
    protected boolean hasPromptIdsInChoices() {
        return true;
    }

    @Override
    protected void putWhole(ObjectNode choice, FinishedAnswer answer) {
        put(choice, wantsLogprobs(), answer.text(), answer.tokens(), 0);
    }

    @Override
    protected boolean putOpening(ObjectNode choice, String text) {
        put(choice, false, text, List.of(), 0);
        return !text.isEmpty();
    }

    @Override
    protected void putPiece(ObjectNode choice, int index, String text, Optional<Token> token, int offset) {
        boolean logprobs = wantsLogprobs() && token.isPresent();
        put(choice, logprobs, text, logprobs ? token.stream().toList() : List.of(), offset);
    }

    private void put(ObjectNode choice, boolean logprobs, String text, List<Token> tokens, int offset) {
        choice.put("text", text);
        choice.set("logprobs", logprobs ? texts.lists(tokens, offset) : null);
    }

    @Override
    protected void putEnding(ObjectNode choice) {
        put(choice, false, "", List.of(), 0);
    }
}
