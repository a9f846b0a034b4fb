package dev.saiki.train.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// The metrics of one step.
///
/// @param step the number of steps taken, this one included
/// @param wallTime seconds since 1970
/// @param values the numbers by name, in the order in which they are written; all finite
public record MetricsLine(long step, double wallTime, SequencedMap<String, Double> values) {

    /// Copies the finite values; a metric that does not apply is NaN and is omitted.
    public MetricsLine {
        SequencedMap<String, Double> finite = new LinkedHashMap<>();
        for (Map.Entry<String, Double> entry : values.entrySet()) {
            if (Double.isFinite(entry.getValue())) {
                finite.put(entry.getKey(), entry.getValue());
            }
        }
        values = Collections.unmodifiableSequencedMap(finite);
    }
}
