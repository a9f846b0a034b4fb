package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A check by likelihood: by how much each model finds the other's answer less likely than the other
/// itself does, in bits a byte, the mean of both ways, cut at 1.
///
/// Over answers that are drawn as the models have them, that is half of Jeffreys' divergence [1] a byte:
/// 0 for equal models, whatever they say, and above 0 for all others. It does not tell which of the two
/// is better. Both models score texts at `/completions`, with `echo` and `logprobs`; where one cannot,
/// the check says nothing. Bytes are counted, since the tokens of two models need not be the same.
///
/// [1] H. Jeffreys, An invariant form for the prior probability in estimation problems, 1946.
///
/// @param baseline the model that is there
/// @param candidate the model that may take its place
public record LikelihoodCheck(RemoteModel baseline, RemoteModel candidate) implements Check {

    private static final String PATH = "/completions";

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        if (baseline.comparable().equals(candidate.comparable())) {
            return OptionalDouble.of(0);
        }
        Optional<String> context = RequestText.of(request);
        if (context.isEmpty()
                || !(baseline.toolCalls() + candidate.toolCalls()).isEmpty()
                || baseline.text().isEmpty()
                || candidate.text().isEmpty()) {
            return OptionalDouble.empty();
        }
        OptionalDouble ofBaseline = surprise(this.baseline, this.candidate, context.get(), baseline.text());
        if (ofBaseline.isEmpty()) {
            return OptionalDouble.empty();
        }
        OptionalDouble ofCandidate = surprise(this.candidate, this.baseline, context.get(), candidate.text());
        return ofCandidate.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.clamp((ofBaseline.getAsDouble() + ofCandidate.getAsDouble()) / 2, -1.0, 1.0));
    }

    /// By how many bits a byte a text is less likely to another model than to its writer.
    private static OptionalDouble surprise(RemoteModel writer, RemoteModel other, String context, String text) {
        OptionalDouble own = logProbability(writer, context, text);
        OptionalDouble others = own.isEmpty() ? own : logProbability(other, context, text);
        if (others.isEmpty()) {
            return OptionalDouble.empty();
        }
        double bytes = text.getBytes(StandardCharsets.UTF_8).length;
        return OptionalDouble.of((own.getAsDouble() - others.getAsDouble()) / Math.log(2) / bytes);
    }

    /// The natural logarithm of a text's probability behind its context.
    private static OptionalDouble logProbability(RemoteModel model, String context, String text) {
        ObjectNode asked = Json.object();
        asked.put("prompt", context + text);
        asked.put("echo", true);
        asked.put("logprobs", 1);
        // Some servers refuse 0.
        asked.put("max_tokens", 1);
        JsonNode lists = model.post(PATH, asked)
                .map(answer -> answer.path("choices").path(0).path("logprobs"))
                .orElseGet(Json::object);
        JsonNode offsets = lists.path("text_offset");
        JsonNode logProbabilities = lists.path("token_logprobs");
        int begin = context.codePointCount(0, context.length());
        int end = begin + text.codePointCount(0, text.length());
        double sum = 0;
        boolean found = false;
        for (int index = 0; index < offsets.size(); index++) {
            int tokenEnd = offsets.path(index + 1).asInt(end + 1);
            // A token may have the end of the context and the beginning of the text in it.
            if (tokenEnd <= begin || offsets.path(index).asInt(0) >= end) {
                continue;
            }
            JsonNode one = logProbabilities.path(index);
            if (!one.isNumber()) {
                return OptionalDouble.empty();
            }
            sum += one.doubleValue();
            found = true;
        }
        return found && Double.isFinite(sum) ? OptionalDouble.of(sum) : OptionalDouble.empty();
    }
}
