package dev.saiki.report.findings;

import dev.saiki.io.InputException;
import tools.jackson.databind.JsonNode;

/// A speed of the engine, in decoding or in prefill, as measured by `saiki bench`.
///
/// @param model name of the checkpoint at the time of the measurement
/// @param measure `decode` or `prefill`
/// @param weights number format of the engine's weights
/// @param sequences number of texts that the engine processed at the same time
/// @param promptTokens number of tokens in each prompt
/// @param tokens number of tokens per text
/// @param rounds the speeds of the measured rounds
/// @param weightBytes size of the weights in bytes
record EngineSpeed(
        String model,
        String measure,
        String weights,
        int sequences,
        int promptTokens,
        int tokens,
        Rounds rounds,
        long weightBytes) {

    /// The speeds of the measured rounds, in tokens per second.
    ///
    /// @param number number of measured rounds
    /// @param median the median of the rounds
    /// @param min the slowest round
    /// @param max the fastest round
    record Rounds(int number, double median, double min, double max) {}

    /// Returns the tokens per second, the median of the rounds.
    double median() {
        return rounds.median();
    }

    /// Returns the speed of the slowest round.
    double min() {
        return rounds.min();
    }

    /// Returns the speed of the fastest round.
    double max() {
        return rounds.max();
    }

    /// Reads a line of `saiki bench … --json`.
    ///
    /// @param line the object
    /// @param where location, for messages
    /// @throws InputException if a field that a report needs is missing
    static EngineSpeed of(JsonNode line, String where) {
        if (!line.path("model").isString()) {
            throw new InputException(where + ": has no model name; measure again with this version of `saiki bench`");
        }
        JsonNode speed = line.path("tokens_per_second");
        EngineSpeed read = new EngineSpeed(
                line.path("model").asString(),
                line.path("measure").asString(""),
                line.path("weights").asString(""),
                line.path("sequences").asInt(0),
                line.path("prompt_tokens").asInt(0),
                line.path("tokens").asInt(0),
                new Rounds(
                        line.path("rounds").asInt(0),
                        speed.path("median").asDouble(Double.NaN),
                        speed.path("least").asDouble(Double.NaN),
                        speed.path("most").asDouble(Double.NaN)),
                line.path("weight_bytes").asLong(0));
        if (!(read.min() > 0) || !(read.median() >= read.min()) || !(read.max() >= read.median())) {
            throw InputException.of(
                    where, "tokens_per_second", "an object with least, median and most above zero", speed);
        }
        return read;
    }

    /// The size of the engine's keys and values as a multiple of their size at two bytes per number; with float32
    /// weights, keys and values are float32 too.
    double cacheFactor() {
        return weights.equals("float32") ? 2 : 1;
    }

    /// Tells whether two measurements were taken under the same conditions, so that their speeds are comparable.
    boolean isLike(EngineSpeed other) {
        return measure.equals(other.measure)
                && weights.equals(other.weights)
                && sequences == other.sequences
                && promptTokens == other.promptTokens
                && tokens == other.tokens;
    }
}
