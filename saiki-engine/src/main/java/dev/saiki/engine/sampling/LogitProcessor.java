package dev.saiki.engine.sampling;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// A processor of logits, which applies the request's penalties and biases before a token is drawn.
///
/// The prompt is scanned once, at the beginning. Afterwards only the distinct tokens are kept, each with its
/// number of occurrences in the answer. So the cost of a draw grows with the number of distinct tokens, which is
/// at most the size of the vocabulary, rather than with the length of the text.
public final class LogitProcessor {

    private final Penalties penalties;
    private final Map<Integer, Double> logitBias;
    private final Map<Integer, Integer> places = new HashMap<>();
    private int[] ids = new int[16];
    private int[] timesWritten = new int[16];
    private int numUsed;

    /// Makes a processor for the answer to a prompt.
    ///
    /// @param prompt ids of the text before the answer
    /// @param settings penalties and biases
    public LogitProcessor(int[] prompt, DecodingSettings settings) {
        this.penalties = settings.penalties();
        this.logitBias = settings.logitBias();
        // Only the repetition penalty depends on the prompt; the other penalties depend on the answer only.
        if (penalties.repetition() != 1) {
            for (int id : prompt) {
                placeOf(id);
            }
        }
    }

    /// Returns the number of distinct tokens that a draw processes.
    int numUsed() {
        return numUsed;
    }

    private int placeOf(int id) {
        Integer known = places.putIfAbsent(id, numUsed);
        if (known != null) {
            return known;
        }
        if (numUsed == ids.length) {
            ids = Arrays.copyOf(ids, 2 * numUsed);
            timesWritten = Arrays.copyOf(timesWritten, 2 * numUsed);
        }
        ids[numUsed] = id;
        return numUsed++;
    }

    /// Adds a token of the answer.
    ///
    /// @param id the token
    public void written(int id) {
        if (!penalties.none()) {
            // The place is computed first, because a new token may need a larger array.
            int place = placeOf(id);
            timesWritten[place]++;
        }
    }

    /// Applies penalties, then the bias.
    ///
    /// @param logits logits of the model; not modified
    /// @return `logits` itself if nothing changes, otherwise a modified copy
    public float[] apply(float[] logits) {
        if (numUsed() == 0 && logitBias.isEmpty()) {
            return logits;
        }
        float[] adjusted = logits.clone();
        for (int place = 0; place < numUsed; place++) {
            int id = ids[place];
            if (penalties.repetition() != 1) {
                adjusted[id] = repeated(adjusted[id], penalties.repetition());
            }
            if (timesWritten[place] > 0) {
                adjusted[id] -= (float) (penalties.presence() + penalties.frequency() * timesWritten[place]);
            }
        }
        logitBias.forEach((id, bias) -> {
            if (id >= 0 && id < adjusted.length) {
                adjusted[id] += bias.floatValue();
            }
        });
        return adjusted;
    }

    private static float repeated(float logit, double penalty) {
        return (float) (logit > 0 ? logit / penalty : logit * penalty);
    }
}
