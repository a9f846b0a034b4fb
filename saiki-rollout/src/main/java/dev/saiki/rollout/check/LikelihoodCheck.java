package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A check by the likelihoods of the answers under both models. For each answer the check subtracts the
/// log-probability under the other model from the log-probability under the model that wrote the answer, in
/// bits per byte. The result is the mean over both answers, clamped to the range from -1 to 1.
///
/// For answers sampled from the models' own distributions the result estimates half of Jeffreys' divergence [1]
/// per byte: 0 for equal models, and above 0 for all others. The estimate does not tell which model is better.
/// Both models score texts at `/completions`, with `echo` and `logprobs`; if either does not support this, the
/// result is missing. The unit is bits per byte because the models may have different tokenizers.
///
/// [1] H. Jeffreys, An invariant form for the prior probability in estimation problems, 1946.
///
/// @param baseline the current model
/// @param candidate the model that may replace the baseline
public record LikelihoodCheck(RemoteModel baseline, RemoteModel candidate) implements ComparisonCheck {

    private static final String PATH = "/completions";

    @Override
    public Duration longest() {
        return baseline.timeout().plus(candidate.timeout()).multipliedBy(2);
    }

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

    /// Subtracts a text's log-probability under another model from that under the model that wrote the text, in
    /// bits per byte.
    private static OptionalDouble surprise(RemoteModel writer, RemoteModel other, String context, String text) {
        OptionalDouble own = logProbability(writer, context, text);
        OptionalDouble others = own.isEmpty() ? own : logProbability(other, context, text);
        if (others.isEmpty()) {
            return OptionalDouble.empty();
        }
        double bytes = text.getBytes(StandardCharsets.UTF_8).length;
        return OptionalDouble.of((own.getAsDouble() - others.getAsDouble()) / Math.log(2) / bytes);
    }

    /// The natural logarithm of a text's probability given its context.
    private static OptionalDouble logProbability(RemoteModel model, String context, String text) {
        ObjectNode asked = Json.object();
        asked.put("prompt", context + text);
        asked.put("echo", true);
        asked.put("logprobs", 1);
        // Some servers reject max_tokens: 0.
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
            // One token may contain the end of the context and the beginning of the text.
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
