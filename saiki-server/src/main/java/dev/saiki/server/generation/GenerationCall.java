package dev.saiki.server.generation;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.audit.RequestSettings;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.List;
import java.util.Set;

/// A request for generated text as it was understood: prompts, number of answers and how to write them.
///
/// @param prompts what to continue, at least one
/// @param choices answers to each prompt
/// @param maxTokens most tokens of each answer; 0 scores the prompt, if that is wanted, and writes nothing
/// @param settings the request for the first answer
/// @param parts what answers have beside their text
/// @param shedLevel how much depth was taken away, since many requests wait
public record GenerationCall(
        List<EncodedPrompt> prompts,
        int choices,
        int maxTokens,
        GenerationRequest settings,
        Set<AnswerPart> parts,
        int shedLevel) {

    /// Keeps its own copies.
    public GenerationCall {
        prompts = List.copyOf(prompts);
        parts = Set.copyOf(parts);
    }

    /// Whether a part is wanted.
    public boolean wants(AnswerPart part) {
        return parts.contains(part);
    }

    /// How many answers there are in all.
    public int answers() {
        return prompts.size() * choices;
    }

    /// The prompt of an answer.
    public EncodedPrompt promptOf(int index) {
        return prompts.get(index / choices);
    }

    /// What an answer begins with beside its tokens: the prompt, if it is wanted, and not among the tokens already.
    public String beginningOf(int index) {
        return wants(AnswerPart.PROMPT) && !reportsPrompt() ? promptOf(index).text() : "";
    }

    /// Whether the prompt's tokens are reported, not only its text.
    public boolean reportsPrompt() {
        return AnswerPart.reportPrompt(parts);
    }

    /// Most tokens that its answers can have together: those that repeat prompts count, and those that are named
    /// in place of each.
    public long mostTokens() {
        long tokens = prompts.stream()
                .mapToLong(prompt -> maxTokens + (reportsPrompt() ? prompt.ids().length : 0L))
                .sum();
        return tokens * choices * (1 + settings.report().alternatives());
    }

    /// The request for one answer: that for the first one, with its own prompt and random numbers.
    ///
    /// @param prompt what to continue
    /// @param choice which of the answers to it
    public GenerationRequest request(EncodedPrompt prompt, int choice) {
        return choice == 0 && prompt.equals(prompts.getFirst())
                ? settings
                : settings.toBuilder()
                        .prompt(prompt.ids())
                        .seed(settings.decoding().seed() + choice)
                        .build();
    }

    /// What the request's record says of it.
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
