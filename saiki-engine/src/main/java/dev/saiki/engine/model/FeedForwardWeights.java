package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.Experts;
import dev.saiki.engine.kernel.WeightMatrix;
import java.util.List;

/// The weights of the part of a layer that follows attention.
sealed interface FeedForwardWeights {

    /// Returns the bytes of the weights.
    long bytes();

    /// Returns how many bytes of weights are read to compute one row.
    long bytesRead();

    /// One network.
    ///
    /// @param gateUp `[2 · inner, hidden]`, gate before up, or without a gate `[inner, hidden]`
    /// @param down `[hidden, inner]`
    record Network(LinearMap gateUp, LinearMap down) implements FeedForwardWeights {

        @Override
        public long bytes() {
            return gateUp.bytes() + down.bytes();
        }

        @Override
        public long bytesRead() {
            return bytes();
        }
    }

    /// A mixture of experts.
    ///
    /// @param rule the number of experts, and of those that a row chooses
    /// @param gate `[experts, hidden]`, always in float32
    /// @param networks the experts
    record Mixture(Experts rule, WeightMatrix gate, List<Network> networks) implements FeedForwardWeights {

        /// Copies the list.
        public Mixture {
            networks = List.copyOf(networks);
        }

        @Override
        public long bytes() {
            return gate.bytes() + networks.stream().mapToLong(Network::bytes).sum();
        }

        @Override
        public long bytesRead() {
            return gate.bytes() + rule.chosen() * networks.getFirst().bytes();
        }
    }
}
