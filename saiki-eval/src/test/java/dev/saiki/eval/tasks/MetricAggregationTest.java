package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricAggregationTest {

    @Test
    void anAccuracyHasTheErrorOfAMean() {
        MetricValue measured = MetricAggregation.of(Metric.ACC, new double[] {1, 0, 1, 1});
        assertThat(measured.value()).isEqualTo(0.75);
        // Squares: 3 · 0.0625 + 0.5625 = 0.75; variance 0.25; divided by 4 documents.
        assertThat(measured.standardError()).isCloseTo(0.25, within(1e-15));
    }

    @Test
    void oneDocumentHasNoError() {
        assertThat(MetricAggregation.of(Metric.ACC, new double[] {1}).standardError())
                .isNaN();
        assertThat(MetricAggregation.of(Metric.PERPLEXITY, new double[] {-1}).standardError())
                .isNaN();
    }

    @Test
    void thePerplexitysErrorIsTheBootstrapOfTheHarness() {
        MetricValue measured = MetricAggregation.of(Metric.PERPLEXITY, new double[] {-1.5, -0.25, -3.0, -2.0});
        // Both numbers from the harness's own functions under CPython.
        assertThat(measured.value()).isCloseTo(5.405948925141167, within(1e-14));
        assertThat(measured.standardError()).isCloseTo(3.080049447255744, within(1e-11));
    }

    @Test
    void groupsAreWeightedByDocumentsOrEqually() {
        List<MetricValue> parts = List.of(new MetricValue(Metric.ACC, 0.5, 0.1), new MetricValue(Metric.ACC, 0.8, 0.2));
        List<Integer> sizes = List.of(10, 30);
        MetricValue bySize = MetricAggregation.over(Metric.ACC, parts, sizes, TaskGroup.Weighting.BY_SIZE);
        MetricValue equal = MetricAggregation.over(Metric.ACC, parts, sizes, TaskGroup.Weighting.EQUAL);
        assertThat(bySize.value()).isCloseTo((0.5 * 10 + 0.8 * 30) / 40, within(1e-15));
        assertThat(equal.value()).isCloseTo(0.65, within(1e-15));
        // Pooled variance: (9 · 0.01 · 10 + 29 · 0.04 · 30) / (40 - 2); the mean's error divides by 40.
        double expected = Math.sqrt((0.9 + 34.8) / 38 / 40);
        assertThat(bySize.standardError()).isCloseTo(expected, within(1e-15));
        assertThat(equal.standardError()).isCloseTo(expected, within(1e-15));
    }
}
