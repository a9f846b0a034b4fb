package dev.saiki.engine;

import java.util.Arrays;
import java.util.Map;

/// What a request changes about logits before a token is drawn: a pure function of the logits and what was written.
final class LogitAdjustments {

    private LogitAdjustments() {}

    /// Applies penalties, then the bias.
    ///
    /// @param logits the model's; left as they are
    /// @param request what is asked for
    /// @param written how often each token was written
    /// @return `logits` itself if nothing changes, otherwise a changed copy
    static float[] apply(float[] logits, GenerationRequest request, Map<Integer, Integer> written) {
        if (request.penalties().none() && request.logitBias().isEmpty()) {
            return logits;
        }
        float[] adjusted = logits.clone();
        Penalties penalties = request.penalties();
        if (penalties.repetition() != 1) {
            Arrays.stream(request.prompt())
                    .distinct()
                    .filter(id -> !written.containsKey(id))
                    .forEach(id -> repeat(adjusted, id, penalties.repetition()));
            written.keySet().forEach(id -> repeat(adjusted, id, penalties.repetition()));
        }
        written.forEach((id, times) -> adjusted[id] -= (float) (penalties.presence() + penalties.frequency() * times));
        request.logitBias().forEach((id, bias) -> {
            if (id >= 0 && id < adjusted.length) {
                adjusted[id] += bias.floatValue();
            }
        });
        return adjusted;
    }

    private static void repeat(float[] logits, int id, double penalty) {
        logits[id] = (float) (logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty);
    }
}
