package dev.saiki.report.findings;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;

/// The role of a model in a comparison.
public enum ModelRole {
    /// An ordinary transformer.
    VANILLA,
    /// Shared layers that every token passes equally often.
    FIXED_DEPTH,
    /// Shared layers and a learned router: Mixture-of-Recursions.
    ROUTED,
    /// Shared layers and a random router.
    RANDOM_ROUTER,
    /// Shared layers and a router that depends only on a token's position.
    POSITION_ROUTER;

    static ModelRole of(ModelConfig config) {
        if (config.isVanilla()) {
            return VANILLA;
        }
        return switch (config.routing()) {
            case Routing.None _ -> FIXED_DEPTH;
            case Routing.Random _ -> RANDOM_ROUTER;
            case Routing.ExpertChoice choice -> routed(choice.router().type());
            case Routing.TokenChoice choice -> routed(choice.router().type());
            case Routing.ExpertThreshold threshold -> routed(threshold.router().type());
        };
    }

    private static ModelRole routed(RouterType type) {
        return switch (type) {
            case LINEAR, MLP, WIDE_MLP -> ROUTED;
            case POSITION -> POSITION_ROUTER;
        };
    }
}
