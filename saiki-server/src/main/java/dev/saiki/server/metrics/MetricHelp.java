package dev.saiki.server.metrics;

import dev.saiki.io.Resources;
import java.util.Objects;
import java.util.Properties;

/// The help texts of the metrics in `/metrics`.
final class MetricHelp {

    private static final String RESOURCE = "help.properties";

    private static final Properties TEXTS =
            Resources.properties(MetricHelp.class.getResourceAsStream(RESOURCE), RESOURCE);

    private MetricHelp() {}

    /// Returns the help text of a series.
    ///
    /// @param name the name of the series in the code
    /// @return the help text
    static String of(String name) {
        return name.startsWith("vllm:") ? "The same as in vLLM" : Objects.requireNonNull(TEXTS.getProperty(name), name);
    }
}
