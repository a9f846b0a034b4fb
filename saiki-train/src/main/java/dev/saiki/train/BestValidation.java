package dev.saiki.train;

import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The best validation of a run so far.
///
/// @param loss its loss, nats; empty before the first
/// @param since validations in a row after it, none of which had a lower loss
record BestValidation(OptionalDouble loss, long since) {

    /// Before the first validation.
    static final BestValidation NONE = new BestValidation(OptionalDouble.empty(), 0);

    private static final String LOSS = "best_loss";
    private static final String SINCE = "validations_since_best";

    double lossOrInfinity() {
        return loss.orElse(Double.POSITIVE_INFINITY);
    }

    /// What is the best after one more validation.
    BestValidation after(ValidationReport report) {
        return report.isBest()
                ? new BestValidation(OptionalDouble.of(report.crossEntropyLoss()), 0)
                : new BestValidation(loss, since + 1);
    }

    void write(ObjectNode json) {
        // As text of its bits: the exact number, whatever a JSON library does to decimals.
        loss.ifPresent(lowest -> json.put(LOSS, Double.toHexString(lowest)));
        if (since > 0) {
            json.put(SINCE, since);
        }
    }

    static BestValidation read(JsonNode json) {
        OptionalDouble loss = json.has(LOSS)
                ? OptionalDouble.of(Double.parseDouble(json.path(LOSS).asString("NaN")))
                : OptionalDouble.empty();
        return new BestValidation(loss, json.path(SINCE).asLong(0));
    }
}
