package dev.saiki.train;

import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The best validation of a run so far, including the validation of the model before training.
///
/// @param loss the lowest validation loss, nats; empty before the first validation
/// @param since the number of validations after the best one
/// @param before the loss of the starting model, nats; empty if that model was not validated, or not at full
///     depth
record BestValidation(OptionalDouble loss, long since, OptionalDouble before) {

    /// The value before the first validation.
    static final BestValidation NONE = new BestValidation(OptionalDouble.empty(), 0, OptionalDouble.empty());

    private static final String LOSS = "best_loss";
    private static final String SINCE = "validations_since_best";
    private static final String BEFORE = "loss_before_training";

    /// The validation of the starting checkpoint, as the best so far.
    static BestValidation startingAt(ValidationReport ofBase) {
        OptionalDouble known = OptionalDouble.of(ofBase.crossEntropyLoss());
        return new BestValidation(known, 0, known);
    }

    double lossOrInfinity() {
        return loss.orElse(Double.POSITIVE_INFINITY);
    }

    Optional<TrainingOutcome.Before> beforeTraining() {
        return before.isPresent()
                ? Optional.of(new TrainingOutcome.Before(before.getAsDouble(), since > 0 && loss.equals(before)))
                : Optional.empty();
    }

    /// Returns the best validation after one more validation.
    BestValidation after(ValidationReport report) {
        return report.isBest()
                ? new BestValidation(OptionalDouble.of(report.crossEntropyLoss()), 0, before)
                : new BestValidation(loss, since + 1, before);
    }

    void write(ObjectNode json) {
        // Hexadecimal text keeps the exact value; a JSON library might round a decimal number.
        loss.ifPresent(lowest -> json.put(LOSS, Double.toHexString(lowest)));
        if (since > 0) {
            json.put(SINCE, since);
        }
        before.ifPresent(known -> json.put(BEFORE, Double.toHexString(known)));
    }

    static BestValidation read(JsonNode json) {
        return new BestValidation(exact(json, LOSS), json.path(SINCE).asLong(0), exact(json, BEFORE));
    }

    private static OptionalDouble exact(JsonNode json, String key) {
        return json.has(key)
                ? OptionalDouble.of(Double.parseDouble(json.path(key).asString("NaN")))
                : OptionalDouble.empty();
    }
}
