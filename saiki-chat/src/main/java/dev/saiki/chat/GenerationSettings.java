package dev.saiki.chat;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The generation settings that chat frameworks lack: the depth of tokens, and the seed.
///
/// @param effort the effort of a model with expert-threshold routing, in [0, 1], where 0 is one pass; null for the
///     model's default
/// @param minDepth the minimum number of recursions of a token; null for 1
/// @param maxDepth the maximum number of recursions of a token; null for all that the model has
/// @param seed the seed of the random numbers; equal requests with equal seeds give equal text; null for a
///     random seed
public record GenerationSettings(
        @Nullable Double effort,
        @Nullable Integer minDepth,
        @Nullable Integer maxDepth,
        @Nullable Long seed) {

    /// The defaults.
    public static final GenerationSettings DEFAULT = new GenerationSettings(null, null, null, null);

    /// Replaces each setting that is null by the same setting of another object.
    ///
    /// @param others settings that supply the missing values
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
