package dev.saiki.server.protocol;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// A level of effort in the words of other vendors' APIs, translated to this model's dial, or to a bound on depth where
/// it has none.
enum EffortLevel {
    /// One pass: the dial at 0; one recursion.
    NONE,
    /// The dial's least above that; one recursion.
    MINIMAL,
    /// Half-way to what is usual; half of the recursions that a token may take beside the first.
    LOW,
    /// What is usual.
    MEDIUM,
    /// Every recursion for every token; as many as there are.
    HIGH,
    /// The same.
    XHIGH,
    /// The same.
    MAX;

    /// Reads a word.
    ///
    /// @param field it stands in
    /// @throws ApiException with status 400 if it is none of these
    static EffortLevel read(JsonNode word, String field) {
        return Arrays.stream(values())
                .filter(level -> level.word().equals(word.stringValue("")))
                .findFirst()
                .orElseThrow(() -> RequestBody.wrong(
                        field,
                        "one of "
                                + Arrays.stream(values()).map(EffortLevel::word).collect(Collectors.joining(", ")),
                        word));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Asks for it.
    ///
    /// @param config of the model
    void apply(RouteSettings.Builder route, ModelConfig config) {
        if (config.routing() instanceof Routing.ExpertThreshold dial) {
            double least = dial.effortGrid().getFirst();
            switch (this) {
                case NONE -> route.effort(0);
                case MINIMAL -> route.effort(least);
                case LOW -> route.effort((least + dial.defaultEffort()) / 2);
                case MEDIUM -> route.effort(dial.defaultEffort());
                case HIGH, XHIGH, MAX -> route.effort(1);
            }
            return;
        }
        int all = config.numRecursions();
        switch (this) {
            case NONE, MINIMAL -> route.maxDepth(1);
            case LOW -> route.maxDepth(1 + (all - 1) / 2);
            case MEDIUM -> {}
            case HIGH, XHIGH, MAX -> route.maxDepth(all);
        }
    }
}
