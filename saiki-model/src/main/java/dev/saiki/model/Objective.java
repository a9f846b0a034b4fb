package dev.saiki.model;

/// What training minimises besides the cross-entropy, and how routing warms up.
///
/// Coefficients are what they say whatever the number of micro-batches: each loss is a mean over them.
///
/// @param auxiliaryLossCoefficient weight of expert-choice's auxiliary loss
/// @param routerZLossCoefficient weight of the router's z-loss
/// @param balancingLossCoefficient weight of token-choice's balancing loss
/// @param supervision what teaches the causal decision of expert choice
/// @param balancing what evens out the depths of token choice
/// @param biasUpdateRate how far loss-free balancing moves a bias a step
/// @param capacityWarmupSteps training steps over which capacities fall from 1 to their targets; 0 for none
/// @param balancingWarmupSteps training steps in which every token of token choice goes deepest; 0 for none
/// @param thresholdUpdateRate share of the distance to a training step's quantile by which a threshold of
///     expert-threshold moves; 0 leaves it as it is
public record Objective(
        double auxiliaryLossCoefficient,
        double routerZLossCoefficient,
        double balancingLossCoefficient,
        Supervision supervision,
        Balancing balancing,
        double biasUpdateRate,
        int capacityWarmupSteps,
        int balancingWarmupSteps,
        double thresholdUpdateRate) {

    /// The cross-entropy alone.
    public static final Objective CROSS_ENTROPY = new Objective(0, 0, 0, Supervision.NONE, Balancing.NONE, 0, 0, 0);

    /// Makes the objective of a model whose thresholds, if it has any, stay as they are.
    ///
    /// @param auxiliaryLossCoefficient weight of expert-choice's auxiliary loss
    /// @param routerZLossCoefficient weight of the router's z-loss
    /// @param balancingLossCoefficient weight of token-choice's balancing loss
    /// @param supervision what teaches the causal decision of expert choice
    /// @param balancing what evens out the depths of token choice
    /// @param biasUpdateRate how far loss-free balancing moves a bias a step
    /// @param capacityWarmupSteps training steps over which capacities fall from 1 to their targets
    /// @param balancingWarmupSteps training steps in which every token of token choice goes deepest
    public Objective(
            double auxiliaryLossCoefficient,
            double routerZLossCoefficient,
            double balancingLossCoefficient,
            Supervision supervision,
            Balancing balancing,
            double biasUpdateRate,
            int capacityWarmupSteps,
            int balancingWarmupSteps) {
        this(
                auxiliaryLossCoefficient,
                routerZLossCoefficient,
                balancingLossCoefficient,
                supervision,
                balancing,
                biasUpdateRate,
                capacityWarmupSteps,
                balancingWarmupSteps,
                0);
    }

    /// What teaches the causal decision of expert choice (MoR paper, appendix A.2).
    public enum Supervision {
        /// A loss that makes the router itself predict who is chosen.
        AUXILIARY_LOSS,
        /// A second router that predicts it without touching the model.
        AUXILIARY_ROUTER,
        /// Nothing.
        NONE
    }

    /// What evens out the depths of token choice (MoR paper, appendix A.2).
    public enum Balancing {
        /// A loss.
        LOSS,
        /// A bias for the choice alone.
        LOSS_FREE,
        /// Nothing.
        NONE
    }
}
