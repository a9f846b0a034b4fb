package dev.saiki.server.generation;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.audit.RequestSettings;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.List;
import java.util.Set;

/// A parsed request for generated text: prompts, number of answers and generation settings.
///
/// @param prompts the prompts to continue, at least one
/// @param choices the number of answers to each prompt
/// @param maxTokens the largest number of tokens of each answer; with 0, nothing is generated, and a prompt is
///     scored if the answer lists the prompt's tokens
/// @param settings the engine's request for the first answer
/// @param parts the parts of an answer in addition to its text
/// @param shedLevel the level of load shedding
public record GenerationCall(
        List<EncodedPrompt> prompts,
        int choices,
        int maxTokens,
        GenerationRequest settings,
        Set<AnswerPart> parts,
        int shedLevel) {

    /// Copies the collections.
    public GenerationCall {
        prompts = List.copyOf(prompts);
        parts = Set.copyOf(parts);
    }

    /// Whether a part is requested.
    public boolean wants(AnswerPart part) {
        return parts.contains(part);
    }

    /// The number of answers.
    public int answers() {
        return prompts.size() * choices;
    }

    /// The prompt of an answer.
    public EncodedPrompt promptOf(int index) {
        return prompts.get(index / choices);
    }

    /// The text before an answer's tokens: the prompt, if the request asks for the prompt as text rather than
    /// as tokens.
    public String beginningOf(int index) {
        return wants(AnswerPart.PROMPT) && !reportsPrompt() ? promptOf(index).text() : "";
    }

    /// Whether the prompt's tokens are reported, in addition to its text.
    public boolean reportsPrompt() {
        return AnswerPart.reportPrompt(parts);
    }

    /// The largest total number of tokens in all answers, including repeated prompts and reported alternatives.
    public long maxTotalTokens() {
        long tokens = prompts.stream()
                .mapToLong(prompt -> maxTokens + (reportsPrompt() ? prompt.ids().length : 0L))
                .sum();
        return tokens * choices * (1 + settings.report().alternatives());
    }

    /// The engine's request for one answer: the settings with the answer's own prompt and seed.
    ///
    /// @param prompt the prompt to continue
    /// @param choice the index of the answer among the answers to this prompt
    public GenerationRequest request(EncodedPrompt prompt, int choice) {
        return choice == 0 && prompt.equals(prompts.getFirst())
                ? settings
                : settings.toBuilder()
                        .prompt(prompt.ids())
                        .seed(settings.decoding().seed() + choice)
                        .build();
    }

    /// The settings in the form that the request's audit record stores.
    public RequestSettings toAudit() {
        RouteSettings route = settings.route();
        return new RequestSettings(
                maxTokens,
                settings.decoding().sampling().temperature(),
                settings.decoding().sampling().topK(),
                settings.decoding().sampling().topP(),
                settings.decoding().sampling().minP(),
                settings.decoding().seed(),
                route.effort().stream().boxed().findFirst(),
                route.bounds().min(),
                route.bounds().max().stream().boxed().findFirst(),
                prompts.size(),
                choices,
                wants(AnswerPart.STREAM));
    }
}
