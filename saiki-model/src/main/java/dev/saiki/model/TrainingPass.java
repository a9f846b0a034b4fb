package dev.saiki.model;

import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingResult;
import dev.saiki.model.routing.RoutingStatistics;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A forward and backward pass of one micro-batch.
///
/// @param model the model, which accumulates the gradients
/// @param objective the training objective
/// @param tokensInStep the number of targets in all micro-batches of the training step, by which the
///     cross-entropy is divided
/// @param microBatches the number of micro-batches in the training step, by which the router's losses are
///     divided
/// @param atFullDepth the number of micro-batches at full depth in the training step, by which the loss of a
///     router trained on them is divided
public record TrainingPass(
        RecursiveTransformer model, TrainingObjective objective, long tokensInStep, int microBatches, int atFullDepth) {

    /// Creates the pass of a training step without micro-batches at full depth.
    ///
    /// @param model the model, which accumulates the gradients
    /// @param objective the training objective
    /// @param tokensInStep the number of targets in all micro-batches of the training step
    /// @param microBatches the number of micro-batches in the training step
    public TrainingPass(RecursiveTransformer model, TrainingObjective objective, long tokensInStep, int microBatches) {
        this(model, objective, tokensInStep, microBatches, 0);
    }

    /// The losses of a micro-batch, each not yet multiplied by its coefficient.
    ///
    /// @param crossEntropySum cross-entropy in nats, summed over targets; at full depth, that of the deepest
    ///     exit
    /// @param auxiliary auxiliary loss
    /// @param routerZ z-loss
    /// @param balancing balancing loss
    /// @param auxiliaryRouter loss of the auxiliary router
    /// @param counts the routing counts
    /// @param candidateLogits the router's logits of all candidates of each step, in training by threshold;
    ///     otherwise empty
    /// @param depths the losses of all exits of a micro-batch at full depth; empty for a routed micro-batch
    /// @param rejectedGain the loss of routers on rejected tokens, not multiplied by its coefficient; NaN if there
    ///     is none
    /// @param teacherSum nats of divergence from a teacher's predictions, as defined by {@link Distillation},
    ///     summed over targets, not multiplied by the coefficient; NaN without a teacher
    public record Report(
            double crossEntropySum,
            double auxiliary,
            double routerZ,
            double balancing,
            double auxiliaryRouter,
            RoutingStatistics.Counts counts,
            List<float[]> candidateLogits,
            Optional<DepthLosses> depths,
            double rejectedGain,
            double teacherSum) {

        /// Returns the minimised part of the cross-entropy.
        ///
        /// @return nats, summed over targets; at full depth the mean over the exits, weighted by the prior,
        ///     plus the distillation loss
        public double minimisedSum() {
            return depths.map(DepthLosses::minimisedSum).orElse(crossEntropySum);
        }

        static Report of(
                double crossEntropySum,
                double[] ofRouter,
                RoutingResult output,
                Optional<DepthLosses> depths,
                double rejectedGain,
                double teacherSum) {
            return new Report(
                    crossEntropySum,
                    ofRouter[0],
                    ofRouter[1],
                    ofRouter[2],
                    ofRouter[3],
                    output.counts(),
                    output.candidateLogits(),
                    depths,
                    rejectedGain,
                    teacherSum);
        }
    }

    /// The losses of a micro-batch at full depth.
    ///
    /// @param tokens number of targets
    /// @param crossEntropySums nats after each recursion, summed over targets; NaN where no loss was computed
    /// @param minimisedSum the mean of these sums, weighted by the prior, plus the distillation loss with its
    ///     coefficient
    /// @param distillationSum nats of divergence from the deepest prediction, as defined by {@link Distillation},
    ///     weighted by the prior and summed over targets; NaN without distillation
    /// @param routerGain the loss of the router trained on measured gains, not multiplied by its coefficient; NaN
    ///     without such a router
    public record DepthLosses(
            long tokens,
            List<Double> crossEntropySums,
            double minimisedSum,
            double distillationSum,
            double routerGain) {}

    /// The losses of a micro-batch while they are on the device; they are read back together.
    static final class UnreadLosses {

        private final List<Tensor> scalars = new ArrayList<>();

        /// Adds losses.
        ///
        /// @param losses losses of one element each
        /// @return the index of the first of these losses among the values read
        int add(List<Tensor> losses) {
            int first = scalars.size();
            scalars.addAll(losses);
            return first;
        }

        /// Reads all losses in one transfer.
        ///
        /// @return the values in the order in which they were added
        double[] read() {
            try (TensorScope _ = TensorScope.open();
                    Autograd _ = Autograd.off()) {
                List<Tensor> parts = scalars.stream()
                        .map(loss -> loss.to(DType.FLOAT64).reshape(1))
                        .toList();
                return Tensors.concatenate(parts, 0).toDoubles();
            }
        }
    }

    /// Computes the losses and adds their gradients to the model's.
    ///
    /// @param rows rows of equal length; all ids but the last are the input, all but the first the targets
    /// @param request the routing request
    /// @return the losses
    public Report run(int[][] rows, RoutingRequest request) {
        return run(TrainingRows.of(rows), request, RandomScores.causal());
    }

    /// Computes the losses of rows whose tokens need not all be targets, without a teacher.
    ///
    /// @param rows the input and targets; routers learn from rejected tokens only if all tokens are targets
    /// @param request the routing request
    /// @param rejected draws the rejected tokens that take one more recursion
    /// @return the losses
    public Report run(TrainingRows rows, RoutingRequest request, RandomScores rejected) {
        return run(rows, request, rejected, Optional.empty());
    }

    /// Computes the losses of rows whose tokens need not all be targets, and adds their gradients to the
    /// model's. Routers also learn from rejected tokens if the objective requires it.
    ///
    /// @param rows the input and targets; routers learn from rejected tokens only if all tokens are targets
    /// @param request the routing request
    /// @param rejected draws the rejected tokens that take one more recursion
    /// @param teacher the teacher to distil from on this text; empty for none
    /// @return the losses
    public Report run(
            TrainingRows rows, RoutingRequest request, RandomScores rejected, Optional<Teacher.Pass> teacher) {
        try (TensorScope _ = TensorScope.open()) {
            Optional<Tensor> wanted = teacher.map(pass -> pass.predicted(rows));
            Tensor ids = rows.inputs(model.device());
            Tensor targets = rows.targets(model.device());
            RoutingResult output = model.forward(ids, rows.batch(), rows.time(), request);
            Tensor read = TrainingRows.picked(output.hidden(), rows.places(model.device()));
            HeadGradient head = HeadGradient.of(read, model.head(), targets, 1.0 / tokensInStep);
            Optional<HeadGradient> taught =
                    teacher.map(pass -> pass.towards(read, model.head(), wanted.orElseThrow(), tokensInStep));
            Tensor ofHidden =
                    taught.map(more -> head.ofHidden().add(more.ofHidden())).orElse(head.ofHidden());
            // A surrogate with the same gradient as the losses.
            Tensor loss = read.multiply(ofHidden).sum();
            model.backward(objective.total(loss, output.losses(), microBatches));
            RejectedPass.First first =
                    new RejectedPass.First(ids, targets, rows.batch(), rows.time(), request, output, head.ofTokens());
            Optional<Tensor> gain = objective
                    .fullDepth()
                    .flatMap(FullDepth::router)
                    .filter(router ->
                            router.rejectedShare() > 0 && rows.weights().isEmpty())
                    .map(router -> new RejectedPass(this, router).run(first, rejected));
            UnreadLosses losses = new UnreadLosses();
            int ofRouter = losses.add(output.losses().all());
            int crossEntropy = losses.add(List.of(head.lossSum()));
            int ofGain = losses.add(gain.stream().toList());
            int ofTeacher =
                    losses.add(taught.map(HeadGradient::lossSum).stream().toList());
            double[] values = losses.read();
            return Report.of(
                    values[crossEntropy],
                    Arrays.copyOfRange(values, ofRouter, crossEntropy),
                    output,
                    Optional.empty(),
                    gain.isPresent() ? values[ofGain] : Double.NaN,
                    taught.isPresent() ? values[ofTeacher] : Double.NaN);
        }
    }

    /// Computes the losses of a micro-batch at full depth and adds their gradients to the model's.
    ///
    /// @param rows rows of equal length, as for {@link #run}
    /// @param scores the scores of the random router
    /// @param recursions the number of recursions, at least 2
    /// @param drawn the exit that {@link FullDepth#draw} drew
    /// @return the losses
    public Report runAtFullDepth(int[][] rows, RandomScores scores, int recursions, int drawn) {
        return runAtFullDepth(TrainingRows.of(rows), scores, recursions, drawn);
    }

    /// Computes the losses of a micro-batch at full depth whose tokens need not all be targets.
    ///
    /// @param rows the input and targets
    /// @param scores the scores of the random router
    /// @param recursions the number of recursions, at least 2
    /// @param drawn the exit that {@link FullDepth#draw} drew
    /// @return the losses
    public Report runAtFullDepth(TrainingRows rows, RandomScores scores, int recursions, int drawn) {
        return new FullDepthPass(this, objective.fullDepth().orElseThrow()).run(rows, scores, recursions, drawn);
    }

    static long[] flatten(int[][] rows, int offset) {
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
