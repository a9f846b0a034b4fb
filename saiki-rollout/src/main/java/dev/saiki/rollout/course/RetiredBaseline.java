package dev.saiki.rollout.course;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.evidence.RateBounds;
import dev.saiki.http.Json;
import dev.saiki.rollout.journal.Journal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// The mean losses of a baseline when it retired, beside which the candidate is watched afterwards.
///
/// @param losses upper bounds by the name of a test
record RetiredBaseline(Map<String, Double> losses) {

    private static final double ERROR = 0.01;

    RetiredBaseline {
        losses = Map.copyOf(losses);
    }

    /// Estimates a mean loss. Losses between 0 and 1 scatter less than failures with the same mean.
    ///
    /// @param mean the mean of the observed losses
    /// @param observed their number, at least 1
    /// @return an upper bound, so that the watch raises no alarm because the baseline was lucky
    static double most(double mean, long observed) {
        return new RateBounds(observed, Math.min(observed, Math.round(mean * observed)), ERROR).upper();
    }

    /// Sets a value of the candidate beside the baseline's.
    ///
    /// @param test the name of the test
    /// @param isOfAll whether it is the test over all conversations, where a loss that is unknown counts as 0
    /// @param observed the candidate's value on both sides
    /// @return the values for the test; empty if nothing is known of the baseline
    Optional<Sides> beside(String test, boolean isOfAll, GateMeasure measure, Sides observed) {
        return switch (measure) {
            case GateMeasure.Difference _ ->
                losses.containsKey(test) || isOfAll
                        ? Optional.of(new Sides(losses.getOrDefault(test, 0.0), observed.candidate()))
                        : Optional.empty();
            case GateMeasure.Rate _, GateMeasure.Latency _ -> Optional.of(observed);
            case GateMeasure.RelativeLatency _, GateMeasure.Exceedance _ -> Optional.empty();
        };
    }

    /// Serializes the losses.
    String toJson() {
        ObjectNode json = Json.object();
        losses.forEach(json::put);
        return Journal.text(json);
    }

    /// Parses the output of {@link #toJson}.
    static RetiredBaseline read(String text) {
        Map<String, Double> losses = new LinkedHashMap<>();
        Journal.json(text)
                .properties()
                .forEach(loss -> losses.put(loss.getKey(), loss.getValue().asDouble(0)));
        return new RetiredBaseline(losses);
    }
}
