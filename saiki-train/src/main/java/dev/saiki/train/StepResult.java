package dev.saiki.train;

import dev.saiki.model.routing.RoutingStatistics;
import java.util.List;
import java.util.Optional;

/// The measurements of a training step, over all its micro-batches.
///
/// @param crossEntropyLoss nats a token, at the depth that each token took; of answers where there are conversations
/// @param textLoss the same of text that is learnt beside conversations; NaN if none is
/// @param ofRouter losses of the router
/// @param teacherLoss nats a token by which a teacher's predictions are away, without its coefficient; NaN
///     without one
/// @param totalLoss what was minimised; the auxiliary router's loss is not in it
/// @param gradNorm Euclidean norm of the gradient before clipping, without routers that are trained apart
/// @param tokens targets learnt from, those of a teacher's own text left out
/// @param routing what routing did
/// @param fullDepth what micro-batches at full depth measured, and the rejected; empty if the run has none
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

    /// What is known of a step whose loss or gradient is no number.
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

    /// The losses of a router, each without its coefficient.
    ///
    /// @param auxiliary expert choice's auxiliary loss
    /// @param routerZ z-loss
    /// @param balancing token choice's balancing loss
    /// @param auxiliaryRouter loss of the auxiliary router
    public record RouterLosses(double auxiliary, double routerZ, double balancing, double auxiliaryRouter) {}

    /// Measurements of micro-batches at full depth, and of rejected tokens in the others. A value that no micro-batch
    /// measured is NaN.
    ///
    /// @param crossEntropyLosses nats a token after each recursion; NaN for an exit that was not computed
    /// @param distillationLoss what the deepest exit teaches the others, without its coefficient; NaN if
    ///     nothing
    /// @param routerGainLoss loss of the router that is taught by gain, without its coefficient; NaN without
    ///     one
    /// @param rejectedGainLoss the same of the tokens that were rejected and sent on
    public record AtFullDepth(
            List<Double> crossEntropyLosses, double distillationLoss, double routerGainLoss, double rejectedGainLoss) {

        /// Keeps its own copy of the list.
        public AtFullDepth {
            crossEntropyLosses = List.copyOf(crossEntropyLosses);
        }

        double bothGainLosses() {
            return (Double.isNaN(routerGainLoss) ? 0 : routerGainLoss)
                    + (Double.isNaN(rejectedGainLoss) ? 0 : rejectedGainLoss);
        }
    }
}
