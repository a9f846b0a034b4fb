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

/// A level of effort as in other vendors' APIs; it is mapped to the model's effort control or, if the model has
/// none, to a limit on depth.
enum EffortLevel {
    /// One pass: effort 0, or one recursion.
    NONE,
    /// The smallest effort above 0, or one recursion.
    MINIMAL,
    /// The mean of the smallest and the default effort, or the first recursion and half of the others.
    LOW,
    /// The model's default.
    MEDIUM,
    /// Effort 1, which is every recursion for every token, or a limit of all recursions.
    HIGH,
    /// The same as {@link #HIGH}.
    XHIGH,
    /// The same as {@link #HIGH}.
    MAX;

    /// Reads a level.
    ///
    /// @param field the field that contains the value
    /// @throws ApiException with status 400 if the value is not one of these levels
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

    /// Applies the level to a request.
    ///
    /// @param config the configuration of the model
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
