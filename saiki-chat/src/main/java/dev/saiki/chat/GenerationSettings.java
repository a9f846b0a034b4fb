package dev.saiki.chat;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The settings of a generation that chat frameworks do not have themselves: the depth of its tokens, and the seed.
///
/// @param effort of a model with expert-threshold routing, in (0, 1]; null for the model's default
/// @param minDepth fewest recursions of a token; null for 1
/// @param maxDepth most recursions of a token; null for all that the model has
/// @param seed of the random numbers: the same seed gives the same text; null for a random one
public record GenerationSettings(
        @Nullable Double effort,
        @Nullable Integer minDepth,
        @Nullable Integer maxDepth,
        @Nullable Long seed) {

    /// The defaults.
    public static final GenerationSettings DEFAULT = new GenerationSettings(null, null, null, null);

    /// Completes these settings with others.
    ///
    /// @param others used where these are null
    /// @return new settings
    public GenerationSettings or(GenerationSettings others) {
        return new GenerationSettings(
                effort != null ? effort : others.effort,
                minDepth != null ? minDepth : others.minDepth,
                maxDepth != null ? maxDepth : others.maxDepth,
                seed != null ? seed : others.seed);
    }

    /// Checks the depth settings.
    ///
    /// @return the depth settings of a request
    /// @throws InputException naming the bound, the allowed values, and the given value
    public RouteSettings route() {
        RouteSettings.Builder route = RouteSettings.builder();
        Optional.ofNullable(effort).ifPresent(route::effort);
        Optional.ofNullable(minDepth).ifPresent(route::minDepth);
        Optional.ofNullable(maxDepth).ifPresent(route::maxDepth);
        return route.build();
    }
}
