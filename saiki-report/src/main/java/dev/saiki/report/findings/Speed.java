package dev.saiki.report.findings;

import dev.saiki.io.InputException;
import tools.jackson.databind.JsonNode;

/// How fast the engine wrote or read, as `saiki bench` measured it.
///
/// @param model the checkpoint as it was named then
/// @param measure `decode` or `prefill`
/// @param weights number format of the engine's weights
/// @param sequences texts at the same time
/// @param promptTokens tokens of each prompt
/// @param tokens tokens that each text was given
/// @param rounds measured rounds
/// @param median tokens written in a second, median of the rounds
/// @param least the slowest round
/// @param most the fastest round
/// @param weightBytes bytes of the weights
record Speed(
        String model,
        String measure,
        String weights,
        int sequences,
        int promptTokens,
        int tokens,
        int rounds,
        double median,
        double least,
        double most,
        long weightBytes) {

    /// Reads a line of `saiki bench … --json`.
    ///
    /// @param line the object
    /// @param where for messages
    /// @throws InputException if something that a report needs is missing
    static Speed of(JsonNode line, String where) {
        if (!line.path("model").isString()) {
            throw new InputException(where
                    + ": does not say which model was measured; measure again with this version of `saiki bench`");
        }
        JsonNode speed = line.path("tokens_per_second");
        Speed read = new Speed(
                line.path("model").asString(),
                line.path("measure").asString(""),
                line.path("weights").asString(""),
                line.path("sequences").asInt(0),
                line.path("prompt_tokens").asInt(0),
                line.path("tokens").asInt(0),
                line.path("rounds").asInt(0),
                speed.path("median").asDouble(Double.NaN),
                speed.path("least").asDouble(Double.NaN),
                speed.path("most").asDouble(Double.NaN),
                line.path("weight_bytes").asLong(0));
        if (!(read.least > 0) || !(read.median >= read.least) || !(read.most >= read.median)) {
            throw InputException.of(
                    where, "tokens_per_second", "an object with least, median and most above zero", speed);
        }
        return read;
    }

    /// How much more the engine's keys and values take than two bytes a number: with float32 weights it keeps them in
    /// float32 too.
    double cacheFactor() {
        return weights.equals("float32") ? 2 : 1;
    }

    /// Tells whether two measurements were taken under the same conditions, so that their speeds can be compared.
    boolean isLike(Speed other) {
        return measure.equals(other.measure)
                && weights.equals(other.weights)
                && sequences == other.sequences
                && promptTokens == other.promptTokens
                && tokens == other.tokens;
    }
}
