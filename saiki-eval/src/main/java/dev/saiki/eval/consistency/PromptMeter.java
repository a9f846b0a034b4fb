package dev.saiki.eval.consistency;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A meter of a model on a prompt: the depths of its tokens, and the greedy answer with its depths.
///
/// For comparison, answers are put in lower case, with single spaces.
///
/// @param engine the model; must outlive the meter
/// @param encoder encodes conversations with the model's chat template
/// @param route the requested depth or effort
/// @param maxTokens maximum number of tokens in an answer, at least 1
public record PromptMeter(Engine engine, ChatEncoder encoder, RouteSettings route, int maxTokens) {

    /// Measures the model on a prompt.
    ///
    /// @param prompt the wording of the question
    /// @return depths and answer
    /// @throws InputException if the prompt fills the model's context
    public PromptMeasurement measure(ConsistencyPrompt prompt) {
        int[] ids = encoder.encode(prompt.turns(), "").ids();
        int room = engine.config().maxPositionEmbeddings() - ids.length;
        if (room < 1) {
            throw new InputException("item '" + prompt.item() + "' in group '" + prompt.group() + "' has " + ids.length
                    + " tokens, which leave no room for an answer in the model's context of "
                    + engine.config().maxPositionEmbeddings() + "; shorten it");
        }
        StringBuilder answer = new StringBuilder();
        GenerationResult finish;
        GenerationRequest request = GenerationRequest.greedy(ids, Math.min(maxTokens, room)).toBuilder()
                .route(route)
                .build();
        try (TokenStream stream = engine.submit(request)) {
            for (Token token : stream) {
                answer.append(token.text());
            }
            finish = stream.finish();
        }
        finish.failure().ifPresent(failure -> {
            throw new IllegalStateException("the engine failed", failure);
        });
        List<PromptMeasurement.DepthToken> tokens = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            String text = engine.tokenizer().decode(new int[] {ids[i]});
            tokens.add(new PromptMeasurement.DepthToken(text, finish.depths()[i]));
        }
        return new PromptMeasurement(
                prompt.item(),
                prompt.group(),
                finish.meanDepth(),
                normalised(answer.append(finish.text()).toString()),
                tokens);
    }

    private static String normalised(String answer) {
        return answer.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
    }
}
