package dev.saiki.model;

import dev.saiki.model.routing.RoutingLosses;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingStatistics;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// One micro-batch forward and backward.
///
/// @param model accumulates the gradients
/// @param objective what is minimised
/// @param tokensInStep targets of all micro-batches of the training step, by which the cross-entropy is divided
/// @param microBatches micro-batches of the training step, by which the router's losses are divided
public record TrainingPass(
        RecursiveTransformer model, TrainingObjective objective, long tokensInStep, int microBatches) {

    /// The losses of a micro-batch, each without its coefficient.
    ///
    /// @param crossEntropySum nats, summed over targets
    /// @param auxiliary auxiliary loss
    /// @param routerZ z-loss
    /// @param balancing balancing loss
    /// @param auxiliaryRouter loss of the auxiliary router
    /// @param counts what routing did
    /// @param candidateLogits in training by threshold, the router's logits of all candidates of each step; else
    ///     empty
    public record Report(
            double crossEntropySum,
            double auxiliary,
            double routerZ,
            double balancing,
            double auxiliaryRouter,
            RoutingStatistics.Counts counts,
            List<float[]> candidateLogits) {

        /// Keeps its own copy of the list.
        public Report {
            candidateLogits = List.copyOf(candidateLogits);
        }
    }

    /// Computes the losses and adds their gradients to the model's.
    ///
    /// @param rows equally long; each row's ids but the last are the input, but the first the targets
    /// @param request how to route
    /// @return the losses
    public Report run(int[][] rows, RoutingRequest request) {
        int batch = rows.length;
        int time = rows[0].length - 1;
        try (TensorScope _ = TensorScope.open()) {
            Tensor ids = Tensors.of(flatten(rows, 0), (long) batch * time);
            Tensor targets = Tensors.of(flatten(rows, 1), (long) batch * time);
            RecursiveTransformer.Output output = model.forward(ids, batch, time, request);
            RoutingLosses losses = output.losses();
            HeadGradient head = model.headGradient(output.hidden(), targets, 1.0 / tokensInStep);
            // Not the cross-entropy, but with the same gradient.
            Tensor loss = output.hidden().multiply(head.ofHidden()).sum();
            model.backward(objective.total(loss, losses, microBatches));
            return new Report(
                    head.crossEntropySum(),
                    losses.auxiliary().item(),
                    losses.routerZ().item(),
                    losses.balancing().item(),
                    losses.auxiliaryRouter().item(),
                    output.counts(),
                    output.candidateLogits());
        }
    }

    private static long[] flatten(int[][] rows, int offset) {
        int time = rows[0].length - 1;
        long[] flat = new long[rows.length * time];
        for (int b = 0; b < rows.length; b++) {
            for (int t = 0; t < time; t++) {
                flat[b * time + t] = rows[b][t + offset];
            }
        }
        return flat;
    }
}
