package dev.saiki.train;

import dev.saiki.model.routing.RoutingStatistics;
import java.util.List;

/// The measurements of a training step, over all its micro-batches.
///
/// @param crossEntropyLoss nats a token
/// @param auxiliaryLoss expert choice's auxiliary loss, without its coefficient
/// @param routerZLoss z-loss, without its coefficient
/// @param balancingLoss token choice's balancing loss, without its coefficient
/// @param auxiliaryRouterLoss loss of the auxiliary router
/// @param totalLoss what was minimised; the auxiliary router's loss is not in it
/// @param gradNorm Euclidean norm of the gradient before clipping, auxiliary routers left out
/// @param tokens targets learnt from
/// @param routing what routing did
public record StepResult(
        double crossEntropyLoss,
        double auxiliaryLoss,
        double routerZLoss,
        double balancingLoss,
        double auxiliaryRouterLoss,
        double totalLoss,
        double gradNorm,
        long tokens,
        RoutingStatistics routing) {

    /// What is known of a step whose loss or gradient is no number.
    static final StepResult NOT_FINITE = new StepResult(
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            0,
            new RoutingStatistics(List.of(), Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN));
}
