package dev.saiki.train;

import dev.saiki.model.routing.RoutingStatistics;
import java.util.List;
import java.util.Optional;

/// The measurements of a training step, over all its micro-batches.
///
/// @param crossEntropyLoss nats per token at each token's actual depth; if there are conversations, only
///     tokens of their answers count
/// @param textLoss the cross-entropy loss on the text that is mixed with conversations; NaN without such text
/// @param ofRouter losses of the router
/// @param teacherLoss the divergence from a teacher's predictions, nats per token, before its coefficient; NaN
///     without a teacher
/// @param totalLoss the loss that training minimises, without the auxiliary router's loss
/// @param gradNorm the L2 norm of the gradient before clipping, without routers that are trained separately
/// @param tokens the number of target tokens, without those of a teacher's own text
/// @param routing the routing statistics
/// @param fullDepth measurements of micro-batches at full depth, and of tokens that the router rejected; empty if
///     the run has no such micro-batches
public record StepResult(
        double crossEntropyLoss,
        double textLoss,
        RouterLosses ofRouter,
        double teacherLoss,
        double totalLoss,
        double gradNorm,
        long tokens,
        RoutingStatistics routing,
        Optional<AtFullDepth> fullDepth) {

    /// The result of a step whose loss or gradient is not finite.
    static final StepResult NOT_FINITE = new StepResult(
            Double.NaN,
            Double.NaN,
            new RouterLosses(Double.NaN, Double.NaN, Double.NaN, Double.NaN),
            Double.NaN,
            Double.NaN,
            Double.NaN,
            0,
            new RoutingStatistics(List.of(), Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN),
            Optional.empty());

    /// The losses of a router, each before its coefficient.
    ///
    /// @param auxiliary expert choice's auxiliary loss
    /// @param routerZ z-loss
    /// @param balancing token choice's balancing loss
    /// @param auxiliaryRouter loss of the auxiliary router
    public record RouterLosses(double auxiliary, double routerZ, double balancing, double auxiliaryRouter) {}

    /// Measurements of micro-batches at full depth, and of tokens that the router rejected in routed
    /// micro-batches. A value without a measurement is NaN.
    ///
    /// @param crossEntropyLosses nats per token after each recursion; NaN for a recursion whose exit was not
    ///     computed
    /// @param distillationLoss the loss for distilling the deepest exit into the others, before its
    ///     coefficient; NaN if there is none
    /// @param routerGainLoss the loss of the router that is trained on measured gains, before its coefficient; NaN
    ///     without such a router
    /// @param rejectedGainLoss that router's loss over rejected tokens that took one more recursion for
    ///     training
    public record AtFullDepth(
            List<Double> crossEntropyLosses, double distillationLoss, double routerGainLoss, double rejectedGainLoss) {

        /// Copies the list.
        public AtFullDepth {
            crossEntropyLosses = List.copyOf(crossEntropyLosses);
        }

        double bothGainLosses() {
            return (Double.isNaN(routerGainLoss) ? 0 : routerGainLoss)
                    + (Double.isNaN(rejectedGainLoss) ? 0 : rejectedGainLoss);
        }
    }
}
