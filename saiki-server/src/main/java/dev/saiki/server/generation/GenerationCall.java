package dev.saiki.server.generation;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.ReportSettings;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.audit.RequestSettings;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.List;
import java.util.Set;

/// A request for text that was understood: what to continue, how often, and how to answer.
///
/// @param prompts what to continue, at least one
/// @param choices answers to each prompt
/// @param maxTokens most tokens of each answer; 0 scores the prompt, if that is wanted, and writes nothing
/// @param settings how to write; its prompt, number of tokens and seed are those of the first answer
/// @param parts what answers have beside their text
public record GenerationCall(
        List<EncodedPrompt> prompts, int choices, int maxTokens, GenerationRequest settings, Set<AnswerPart> parts) {

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

    /// Replaces what is asked of depth.
    public GenerationCall withRoute(RouteSettings route) {
        return new GenerationCall(
                prompts, choices, maxTokens, settings.toBuilder().route(route).build(), parts);
    }

    /// Whether the prompt's tokens are reported, not only its text.
    public boolean reportsPrompt() {
        return wants(AnswerPart.PROMPT) && (wants(AnswerPart.LOGPROBS) || wants(AnswerPart.DEPTHS));
    }

    /// Most tokens that its answers can have together: those that repeat prompts count, and those that are named
    /// in place of each.
    public long mostTokens() {
        long tokens = prompts.stream()
                .mapToLong(prompt -> maxTokens + (reportsPrompt() ? prompt.ids().length : 0L))
                .sum();
        return tokens * choices * (1 + settings.report().alternatives());
    }

    /// Whether it measures the model rather than wants to read on: it asks about the prompt's own tokens, or for one
    /// token at most, whose probability is compared with others.
    public boolean scores() {
        return maxTokens <= 1 || reportsPrompt();
    }

    /// Whether it scores a prompt as lm-evaluation-harness does: with one token more than the prompt has, which is cut
    /// off. It is drawn as the model has it, so that nothing of such an answer depends on what is for texts.
    private boolean cutsAnswer() {
        return maxTokens <= 1 && reportsPrompt();
    }

    /// The request for one answer: the settings, with its own prompt, and with its own random numbers.
    ///
    /// @param prompt what to continue
    /// @param choice which of the answers to it
    public GenerationRequest request(EncodedPrompt prompt, int choice) {
        return settings.toBuilder()
                .prompt(prompt.ids())
                .maxTokens(Math.max(1, maxTokens))
                .seed(settings.decoding().seed() + choice)
                .wholeUtf8(settings.wholeUtf8() && !cutsAnswer())
                .report(new ReportSettings(reportsPrompt(), settings.report().alternatives()))
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
