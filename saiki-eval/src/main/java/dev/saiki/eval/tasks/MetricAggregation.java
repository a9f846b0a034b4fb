package dev.saiki.eval.tasks;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// The way in which lm-evaluation-harness combines the values of documents or tasks into one value with its
/// standard error.
final class MetricAggregation {

    private static final int BOOTSTRAP_CHUNKS = 100;
    private static final int DRAWS_PER_CHUNK = 1000;

    /// Number of resamples for a standard error.
    static final int BOOTSTRAP_DRAWS = BOOTSTRAP_CHUNKS * DRAWS_PER_CHUNK;

    private MetricAggregation() {}

    /// Aggregates the measurements of the documents.
    ///
    /// @param metric the metric
    /// @param values one value per document
    static MetricValue of(Metric metric, double[] values) {
        return switch (metric) {
            case ACC, ACC_NORM, ACC_BYTES ->
                new MetricValue(metric, mean(values), standardDeviation(values) / Math.sqrt(values.length));
            case PERPLEXITY ->
                new MetricValue(metric, perplexity(values), bootstrapError(values, MetricAggregation::perplexity));
            case WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE, TOKEN_PERPLEXITY, NLL ->
                throw new IllegalArgumentException(metric + " cannot be computed from the documents' values alone");
        };
    }

    static double mean(double[] values) {
        return sum(values) / values.length;
    }

    /// Sums in order, as Python before 3.12 does; a stream would compensate for rounding errors.
    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    private static double perplexity(double[] logLikelihoods) {
        return Math.exp(-mean(logLikelihoods));
    }

    /// The standard deviation of the sample, with n − 1 as the divisor; NaN with fewer than two values.
    private static double standardDeviation(double[] values) {
        if (values.length < 2) {
            return Double.NaN;
        }
        double mean = mean(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / (values.length - 1));
    }

    /// The standard deviation of a statistic over bootstrap samples. Each chunk of samples has its own generator,
    /// so the result does not depend on the number of threads.
    private static double bootstrapError(double[] values, ToDoubleFunction<double[]> statistic) {
        if (values.length < 2) {
            return Double.NaN;
        }
        double[] drawn = IntStream.range(0, BOOTSTRAP_CHUNKS)
                .parallel()
                .boxed()
                .flatMapToDouble(chunk -> Arrays.stream(chunkOfDraws(chunk, values, statistic)))
                .toArray();
        return standardDeviation(drawn);
    }

    private static double[] chunkOfDraws(int seed, double[] values, ToDoubleFunction<double[]> statistic) {
        PythonRandom random = new PythonRandom(seed);
        double[] results = new double[DRAWS_PER_CHUNK];
        double[] sample = new double[values.length];
        for (int draw = 0; draw < results.length; draw++) {
            for (int i = 0; i < sample.length; i++) {
                sample[i] = values[(int) (random.nextDouble() * values.length)];
            }
            results[draw] = statistic.applyAsDouble(sample);
        }
        return results;
    }

    /// Averages a metric over tasks.
    ///
    /// @param parts one value per task
    /// @param sizes number of documents of each task
    /// @param weighting weighting of the mean
    static MetricValue over(
            Metric metric, List<MetricValue> parts, List<Integer> sizes, TaskGroup.Weighting weighting) {
        double weighted = 0;
        double weights = 0;
        double squares = 0;
        long documents = 0;
        for (int i = 0; i < parts.size(); i++) {
            int size = sizes.get(i);
            double weight = switch (weighting) {
                case BY_SIZE -> size;
                case EQUAL -> 1;
            };
            weighted += weight * parts.get(i).value();
            weights += weight;
            double error = parts.get(i).standardError();
            squares += (size - 1) * error * error * size;
            documents += size;
        }
        double pooledVariance = squares / (documents - parts.size());
        return new MetricValue(metric, weighted / weights, Math.sqrt(pooledVariance / documents));
    }
}
