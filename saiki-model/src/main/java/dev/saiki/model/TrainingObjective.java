package dev.saiki.model;

import dev.saiki.model.routing.RoutingLosses;
import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// The objective of a training: its losses besides the cross-entropy, and the warm-up of routing.
///
/// Each loss is a mean over the micro-batches, so coefficients do not depend on their number.
///
/// @param auxiliaryLossCoefficient weight of expert-choice's auxiliary loss
/// @param routerZLossCoefficient weight of the router's z-loss
/// @param balancingLossCoefficient weight of token-choice's balancing loss
/// @param supervision the supervision of expert choice's causal decision
/// @param balancing the balancing of token choice's depths
/// @param biasUpdateRate the step of a bias in loss-free balancing
/// @param capacityWarmupSteps training steps over which capacities fall from 1 to their targets; 0 for none
/// @param balancingWarmupSteps training steps in which every token of token choice goes deepest; 0 for none
/// @param thresholdUpdateRate the step of an expert-threshold towards a training step's quantile, as a share of the
///     distance; 0 keeps it
/// @param fullDepth micro-batches at full depth, which have a loss after every recursion; empty for none
public record TrainingObjective(
        double auxiliaryLossCoefficient,
        double routerZLossCoefficient,
        double balancingLossCoefficient,
        Supervision supervision,
        Balancing balancing,
        double biasUpdateRate,
        int capacityWarmupSteps,
        int balancingWarmupSteps,
        double thresholdUpdateRate,
        Optional<FullDepth> fullDepth) {

    /// The cross-entropy alone.
    public static final TrainingObjective CROSS_ENTROPY =
            new TrainingObjective(0, 0, 0, Supervision.NONE, Balancing.NONE, 0, 0, 0, 0, Optional.empty());

    /// Replaces the micro-batches at full depth.
    ///
    /// @param microBatches what they do; empty for none
    /// @return a changed objective
    public TrainingObjective withFullDepth(Optional<FullDepth> microBatches) {
        return new TrainingObjective(
                auxiliaryLossCoefficient,
                routerZLossCoefficient,
                balancingLossCoefficient,
                supervision,
                balancing,
                biasUpdateRate,
                capacityWarmupSteps,
                balancingWarmupSteps,
                thresholdUpdateRate,
                microBatches);
    }

    /// Weighs the losses of a training step: the number that is reported as minimised.
    ///
    /// @param crossEntropy nats a token; of micro-batches at full depth the mean over the depths by their prior
    /// @param auxiliary mean auxiliary loss of the micro-batches
    /// @param routerZ mean z-loss of the micro-batches
    /// @param balancing mean balancing loss of the micro-batches
    /// @param routerGain mean loss of the router that is taught by gain, of the micro-batches at full depth
    ///     and of the rejected tokens together; 0 without one
    /// @return the total; the auxiliary router's loss is not in it, as that router changes nothing but itself
    public double total(double crossEntropy, double auxiliary, double routerZ, double balancing, double routerGain) {
        return crossEntropy
                + auxiliaryWeight() * auxiliary
                + routerZLossCoefficient * routerZ
                + balancingWeight() * balancing
                + routerGainWeight() * routerGain;
    }

    /// Weighs the losses of a micro-batch: the tensor that is minimised, with the same weights. The auxiliary
    /// router's loss is added, which reaches nothing but that router.
    ///
    /// @param crossEntropy a scalar with the gradient of the micro-batch's share of the step's nats a token
    /// @param losses of the micro-batch
    /// @param microBatches micro-batches of the training step
    /// @return a scalar
    Tensor total(Tensor crossEntropy, RoutingLosses losses, int microBatches) {
        double auxiliaryRouterWeight = supervision == Supervision.AUXILIARY_ROUTER ? 1 : 0;
        Tensor total = plus(crossEntropy, losses.auxiliary(), auxiliaryWeight() / microBatches);
        total = plus(total, losses.routerZ(), routerZLossCoefficient / microBatches);
        total = plus(total, losses.balancing(), balancingWeight() / microBatches);
        return plus(total, losses.auxiliaryRouter(), auxiliaryRouterWeight / microBatches);
    }

    /// Weighs the losses of a micro-batch at full depth.
    ///
    /// @param crossEntropy a scalar with the gradient of the micro-batch's share of the step's nats a token
    /// @param losses of the micro-batch
    /// @param microBatches micro-batches of the training step
    /// @param routerGain the loss of the router that is taught by gain; empty without one
    /// @param atFullDepth micro-batches of the training step that are at full depth
    /// @return a scalar
    Tensor total(
            Tensor crossEntropy, RoutingLosses losses, int microBatches, Optional<Tensor> routerGain, int atFullDepth) {
        Tensor total = total(crossEntropy, losses, microBatches);
        return routerGain
                .map(loss -> plus(total, loss, routerGainWeight() / atFullDepth))
                .orElse(total);
    }

    /// Weighs the loss of routers that learn from tokens they rejected.
    ///
    /// @param loss of a micro-batch
    /// @param routed micro-batches of the training step that are routed
    /// @return a scalar
    Tensor ofRejected(Tensor loss, int routed) {
        return loss.multiply(routerGainWeight() / routed);
    }

    private double routerGainWeight() {
        return fullDepth
                .flatMap(FullDepth::router)
                .map(GainSupervision::coefficient)
                .orElse(0.0);
    }

    private double auxiliaryWeight() {
        return supervision == Supervision.AUXILIARY_LOSS ? auxiliaryLossCoefficient : 0;
    }

    private double balancingWeight() {
        return balancing == Balancing.LOSS ? balancingLossCoefficient : 0;
    }

    private static Tensor plus(Tensor total, Tensor loss, double weight) {
        return weight == 0 ? total : total.add(loss.multiply(weight));
    }

    /// The supervision of expert choice's causal decision (MoR paper, appendix A.2).
    public enum Supervision {
        /// A loss that trains the router itself to predict its choice.
        AUXILIARY_LOSS,
        /// A second router that predicts it without touching the model.
        AUXILIARY_ROUTER,
        /// Nothing.
        NONE
    }

    /// The balancing of token choice's depths (MoR paper, appendix A.2).
    public enum Balancing {
        /// A loss.
        LOSS,
        /// A bias for the choice alone.
        LOSS_FREE,
        /// Nothing.
        NONE
    }

    /// Whether routers learn from the gains of tokens what they learn, by a loss that ends at them.
    ///
    /// @return true if what they learn from gains has no gradient in the trunk
    public boolean teachesRoutersApart() {
        return fullDepth
                .flatMap(FullDepth::router)
                .filter(supervision -> !supervision.reachesTrunk())
                .isPresent();
    }
}
