package dev.saiki.train;

import dev.saiki.io.InputException;
import dev.saiki.train.recipe.StabilitySection;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A window of recent losses and gradient norms for detecting spikes, with the number of spikes so far.
///
/// @param losses losses of the last steps taken, nats per token
/// @param gradNorms gradient norms of the same steps
/// @param spikes the number of spikes since the start of the run
/// @param inARow the number of consecutive spikes; steps repeated after a rollback do not interrupt them
/// @param lastStep the step of the last spike; 0 if there was none
record SpikeHistory(List<Double> losses, List<Double> gradNorms, long spikes, int inARow, long lastStep) {

    /// The history before the first step of a run.
    static final SpikeHistory EMPTY = new SpikeHistory(List.of(), List.of(), 0, 0, 0);

    /// Copies the lists.
    SpikeHistory {
        losses = List.copyOf(losses);
        gradNorms = List.copyOf(gradNorms);
    }

    /// Tells whether a step is a spike.
    boolean isSpike(StepResult result, StabilitySection stability) {
        double loss = result.crossEntropyLoss();
        double gradNorm = result.gradNorm();
        if (!Double.isFinite(loss) || !Double.isFinite(gradNorm)) {
            return true;
        }
        boolean isKnown = losses.size() >= stability.interval() / 2;
        return isKnown
                && (standsOut(loss, losses, stability.deviations())
                        || standsOut(gradNorm, gradNorms, stability.deviations()));
    }

    private static boolean standsOut(double value, List<Double> before, double deviations) {
        double mean = before.stream().mapToDouble(x -> x).average().orElseThrow();
        double squares =
                before.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        return value - mean > deviations * Math.sqrt(squares / (before.size() - 1));
    }

    /// The history after a step that was taken.
    SpikeHistory taken(long step, StepResult result, int interval) {
        return new SpikeHistory(
                appended(losses, result.crossEntropyLoss(), interval),
                appended(gradNorms, result.gradNorm(), interval),
                spikes,
                step > lastStep ? 0 : inARow,
                lastStep);
    }

    private static List<Double> appended(List<Double> values, double value, int max) {
        List<Double> all = new ArrayList<>(values);
        all.add(value);
        return all.subList(Math.max(0, all.size() - max), all.size());
    }

    /// The history after a spike, whose step is not taken.
    SpikeHistory refused(long step) {
        return new SpikeHistory(losses, gradNorms, spikes + 1, inARow + 1, Math.max(lastStep, step));
    }

    /// The current spike counters, combined with the losses and gradient norms of an earlier state.
    SpikeHistory withValuesOf(SpikeHistory earlier) {
        return new SpikeHistory(earlier.losses, earlier.gradNorms, spikes, inARow, lastStep);
    }

    /// The current spike counters without losses and gradient norms, for a point at which the scale of the
    /// loss changes.
    SpikeHistory withoutValues() {
        return withValuesOf(EMPTY);
    }

    void write(ObjectNode json) {
        if (equals(EMPTY)) {
            return;
        }
        ObjectNode object = json.putObject("stability");
        write(object.putArray("losses"), losses);
        write(object.putArray("grad_norms"), gradNorms);
        object.put("spikes", spikes);
        object.put("in_a_row", inARow);
        object.put("last_step", lastStep);
    }

    /// Writes numbers as hexadecimal text, without rounding.
    private static void write(ArrayNode list, List<Double> values) {
        values.forEach(value -> list.add(Double.toHexString(value)));
    }

    static SpikeHistory read(JsonNode json) {
        JsonNode object = json.path("stability");
        return object.isMissingNode()
                ? EMPTY
                : new SpikeHistory(
                        numbers(object.path("losses")),
                        numbers(object.path("grad_norms")),
                        object.path("spikes").asLong(0),
                        object.path("in_a_row").asInt(0),
                        object.path("last_step").asLong(0));
    }

    private static List<Double> numbers(JsonNode list) {
        try {
            return list.values().stream()
                    .map(value -> Double.parseDouble(value.asString("NaN")))
                    .toList();
        } catch (NumberFormatException e) {
            throw new InputException("stability must contain numbers, got " + list, e);
        }
    }
}
