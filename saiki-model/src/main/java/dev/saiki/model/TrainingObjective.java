package dev.saiki.model;

import dev.saiki.model.routing.RoutingLosses;
import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// The objective of a training run: its losses in addition to the cross-entropy, and the warm-up of routing.
///
/// Each loss is a mean over the micro-batches, so coefficients do not depend on the number of micro-batches.
///
/// @param auxiliaryLossCoefficient weight of expert-choice's auxiliary loss
/// @param routerZLossCoefficient weight of the router's z-loss
/// @param balancingLossCoefficient weight of token-choice's balancing loss
/// @param supervision the supervision of expert choice's causal decision
/// @param balancing the balancing of token choice's depths
/// @param biasUpdateRate the step size of a bias in loss-free balancing
/// @param capacityWarmupSteps training steps over which capacities decrease from 1 to their targets; 0 for none
/// @param balancingWarmupSteps training steps in which token choice sends every token to the full depth; 0 for
///     none
/// @param thresholdUpdateRate the share of the distance to a training step's quantile by which an expert
///     threshold moves; 0 for fixed thresholds
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

    /// The objective of the cross-entropy alone.
    public static final TrainingObjective CROSS_ENTROPY =
            new TrainingObjective(0, 0, 0, Supervision.NONE, Balancing.NONE, 0, 0, 0, 0, Optional.empty());

    /// Combines the losses of a training step into the minimised loss, for reports.
    ///
    /// @param crossEntropy nats per token; in micro-batches at full depth, the mean over the depths, weighted
    ///     by the prior
    /// @param auxiliary the mean auxiliary loss of the micro-batches
    /// @param routerZ mean z-loss of the micro-batches
    /// @param balancing the mean balancing loss of the micro-batches
    /// @param routerGain the mean loss of the router trained on measured gains, over micro-batches at full depth
    ///     and rejected tokens together; 0 without such a router
    /// @return the total, without the auxiliary router's loss, which affects only that router
    public double total(double crossEntropy, double auxiliary, double routerZ, double balancing, double routerGain) {
        return crossEntropy
                + auxiliaryWeight() * auxiliary
                + routerZLossCoefficient * routerZ
                + balancingWeight() * balancing
                + routerGainWeight() * routerGain;
    }

    /// Combines the losses of a micro-batch into the tensor to minimise, with this objective's coefficients. The
    /// tensor includes the auxiliary router's loss, whose gradient reaches only that router.
    ///
    /// @param crossEntropy a scalar whose gradient is that of the micro-batch's summed cross-entropy, divided by
    ///     the number of targets in the training step
    /// @param losses the losses of the micro-batch
    /// @param microBatches micro-batches of the training step
    /// @return a scalar
    Tensor total(Tensor crossEntropy, RoutingLosses losses, int microBatches) {
        double auxiliaryRouterWeight = supervision == Supervision.AUXILIARY_ROUTER ? 1 : 0;
        Tensor total = plus(crossEntropy, losses.auxiliary(), auxiliaryWeight() / microBatches);
        total = plus(total, losses.routerZ(), routerZLossCoefficient / microBatches);
        total = plus(total, losses.balancing(), balancingWeight() / microBatches);
        return plus(total, losses.auxiliaryRouter(), auxiliaryRouterWeight / microBatches);
    }

    /// Combines the losses of a micro-batch at full depth.
    ///
    /// @param crossEntropy a scalar whose gradient is that of the micro-batch's summed cross-entropy, divided by
    ///     the number of targets in the training step
    /// @param losses the losses of the micro-batch
    /// @param microBatches micro-batches of the training step
    /// @param routerGain the loss of the router trained on measured gains; empty without such a router
    /// @param atFullDepth the number of micro-batches at full depth in the training step
    /// @return a scalar
    Tensor total(
            Tensor crossEntropy, RoutingLosses losses, int microBatches, Optional<Tensor> routerGain, int atFullDepth) {
        Tensor total = total(crossEntropy, losses, microBatches);
        return routerGain
                .map(loss -> plus(total, loss, routerGainWeight() / atFullDepth))
                .orElse(total);
    }

    /// Applies the coefficient to the loss of routers on rejected tokens.
    ///
    /// @param loss the loss of a micro-batch
    /// @param routed the number of routed micro-batches in the training step
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
        /// A loss that trains the router itself to predict its selection.
        AUXILIARY_LOSS,
        /// A second router that predicts the selection without affecting the model.
        AUXILIARY_ROUTER,
        /// No supervision.
        NONE
    }

    /// The balancing of token choice's depths (MoR paper, appendix A.2).
    public enum Balancing {
        /// A loss that penalises uneven load.
        LOSS,
        /// A bias that affects only the selection.
        LOSS_FREE,
        /// No balancing.
        NONE
    }

    /// Whether routers are trained on gains alone, by a loss whose gradient does not reach beyond the
    /// routers.
    ///
    /// @return true if the loss on gains has no gradient in the trunk
    public boolean teachesRoutersApart() {
        return fullDepth
                .flatMap(FullDepth::router)
                .filter(supervision -> !supervision.reachesTrunk())
                .isPresent();
    }
}
