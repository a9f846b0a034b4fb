package dev.saiki.benchmarks;

import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLine;
import dev.saiki.train.metrics.MetricsLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// A comparison of the training losses of two runs, step by step.
///
/// Prints a JSON line; the exit code is 1 if a loss differs by more than the tolerance, relative to the first run's, or
/// a step is missing.
public final class RunComparison {

    private RunComparison() {}

    /// Compares.
    ///
    /// @param arguments the folders of two runs, and the tolerance
    /// @throws IOException if a run cannot be read
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("usage: RunComparison RUN RUN TOLERANCE");
            System.exit(2);
        }
        List<MetricsLine> first = lines(arguments[0]);
        List<MetricsLine> second = lines(arguments[1]);
        double tolerance = Double.parseDouble(arguments[2]);
        double largest = 0;
        for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
            largest = Math.max(largest, Math.abs(loss(second.get(i)) / loss(first.get(i)) - 1));
        }
        boolean agrees = !first.isEmpty() && first.size() == second.size() && largest <= tolerance;
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("runs", List.of(name(arguments[0]), name(arguments[1])));
        result.put("steps", List.of(first.size(), second.size()));
        result.put("losses", first.stream().map(RunComparison::loss).toList());
        result.put("largest_relative_difference", largest);
        result.put("tolerance", tolerance);
        result.put("agrees", agrees);
        System.out.println(JsonMapper.shared().writeValueAsString(result));
        System.exit(agrees ? 0 : 1);
    }

    private static List<MetricsLine> lines(String run) throws IOException {
        return MetricsLog.read(Path.of(run, MetricsLog.FILE_NAME)).stream()
                .filter(line -> line.values().containsKey(MetricNames.CROSS_ENTROPY_LOSS))
                .toList();
    }

    private static double loss(MetricsLine line) {
        return line.values().getOrDefault(MetricNames.CROSS_ENTROPY_LOSS, Double.NaN);
    }

    private static String name(String run) {
        return String.valueOf(Path.of(run).getFileName());
    }
}
