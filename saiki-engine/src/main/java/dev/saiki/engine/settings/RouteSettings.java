package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// A request's settings for the depth of its tokens.
///
/// @param bounds on the depth
/// @param effort effort of a model with expert-threshold routing, where 0 is one pass; empty for the model's
///     default, and for other models
/// @param forced depths that tokens take regardless of the router; empty if the router decides
public record RouteSettings(DepthBounds bounds, OptionalDouble effort, Optional<ForcedDepths> forced) {

    /// At effort 0, limits the depth to one recursion.
    ///
    /// @throws InputException if effort is 0 and the bounds require more than one recursion
    public RouteSettings {
        if (effort.isPresent() && effort.getAsDouble() == 0) {
            bounds = new DepthBounds(bounds.min(), OptionalInt.of(1));
        }
    }

    /// The settings under which the router alone decides, at the model's default effort.
    public static final RouteSettings MODEL = builder().build();

    /// Sets bounds.
    ///
    /// @param min minimum number of recursions of a token
    /// @param max maximum number of recursions of a token
    /// @return the settings
    /// @throws InputException if the bounds contradict each other
    public static RouteSettings within(int min, int max) {
        return builder().minDepth(min).maxDepth(max).build();
    }

    /// Starts from settings under which the router alone decides.
    ///
    /// @return a builder of {@link #MODEL}
    public static Builder builder() {
        return new Builder();
    }

    /// Starts from these settings.
    ///
    /// @return a builder with the same values
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.minDepth = bounds.min();
        builder.maxDepth = bounds.max();
        builder.effort = effort;
        builder.forced = forced;
        return builder;
    }

    /// A builder of settings, which checks them when it builds them.
    public static final class Builder {

        private int minDepth = 1;
        private OptionalInt maxDepth = OptionalInt.empty();
        private OptionalDouble effort = OptionalDouble.empty();
        private Optional<ForcedDepths> forced = Optional.empty();

        private Builder() {}

        /// Sets the lower bound.
        ///
        /// @param minDepth minimum number of recursions of a token, at least 1
        /// @return this builder
        public Builder minDepth(int minDepth) {
            this.minDepth = minDepth;
            return this;
        }

        /// Sets the upper bound.
        ///
        /// @param maxDepth maximum number of recursions of a token
        /// @return this builder
        public Builder maxDepth(int maxDepth) {
            this.maxDepth = OptionalInt.of(maxDepth);
            return this;
        }

        /// Sets the effort.
        ///
        /// @param effort in [0, 1]; 0 is one pass
        /// @return this builder
        public Builder effort(double effort) {
            this.effort = OptionalDouble.of(effort);
            return this;
        }

        /// Forces depths.
        ///
        /// @param forced depths that tokens take
        /// @return this builder
        public Builder forced(ForcedDepths forced) {
            this.forced = Optional.of(forced);
            return this;
        }

        /// Checks and builds the settings.
        ///
        /// @return the settings
        /// @throws InputException naming the bound, the allowed values, and the given value
        public RouteSettings build() {
            return new RouteSettings(new DepthBounds(minDepth, maxDepth), effort, forced);
        }
    }
}
