package dev.saiki.model;

import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;

/// A frozen model to distil from.
///
/// It has no gradient and no state of an optimizer. Each thread that trains has a {@link Pass} of its own,
/// and all of these compute with the same weights.
public final class Teacher implements AutoCloseable {

    private final ModelWeights weights;
    private final ComputeWeights computeWeights;
    private final Distillation distillation;

    /// Makes a teacher.
    ///
    /// @param weights of its model, which it closes
    /// @param precision the number format in which it computes
    /// @param distillation the loss by which it teaches
    public Teacher(ModelWeights weights, Precision precision, Distillation distillation) {
        this.weights = weights;
        this.computeWeights = new ComputeWeights(weights, precision);
        this.distillation = distillation;
    }

    /// Returns the loss by which it teaches.
    ///
    /// @return weight and temperature
    public Distillation distillation() {
        return distillation;
    }

    /// Makes a pass for one thread.
    ///
    /// @return to be closed before this
    public Pass newPass() {
        return new Pass(new RecursiveTransformer(computeWeights), distillation);
    }

    @Override
    public void close() {
        computeWeights.close();
        weights.close();
    }

    /// One thread's use of a teacher: its predictions for a micro-batch, and the loss against them.
    ///
    /// Of the teacher every token takes as many recursions as its router says, by the rule that serving has.
    public static final class Pass implements AutoCloseable {

        private final RecursiveTransformer teacher;
        private final Distillation distillation;

        private Pass(RecursiveTransformer teacher, Distillation distillation) {
            this.teacher = teacher;
            this.distillation = distillation;
        }

        /// Computes the loss of a micro-batch of the teacher's own text, on which nothing else is learnt, and
        /// adds its gradient to the model's.
        ///
        /// @param model accumulates the gradients
        /// @param rows what is read
        /// @param depth recursions of every token of the model, in place of the router's
        /// @param scores of the random router
        /// @param tokensInStep targets of all such micro-batches of the training step, by which the loss
        ///     is divided
        /// @return nats, as {@link Distillation} counts them, summed over targets, without the coefficient
        public double teach(
                RecursiveTransformer model, TrainingRows rows, int depth, RandomScores scores, long tokensInStep) {
            try (TensorScope _ = TensorScope.open()) {
                Tensor wanted = predicted(rows);
                RoutingRequest request =
                        RoutingRequest.trainingAtFullDepth(depth, scores).withoutLosses();
                Tensor hidden = model.forward(rows.inputs(model.device()), rows.batch(), rows.time(), request)
                        .hidden();
                Tensor read = TrainingRows.picked(hidden, rows.places(model.device()));
                HeadGradient head = towards(read, model.head(), wanted, tokensInStep);
                // Not the loss, but with the same gradient.
                model.backward(read.multiply(head.ofHidden()).sum());
                return head.lossSum().item();
            }
        }

        /// The scores of the vocabulary for what is learnt of a micro-batch: `[targets, V]`, in the caller's
        /// scope.
        Tensor predicted(TrainingRows rows) {
            try (TensorScope scope = TensorScope.open();
                    Autograd _ = Autograd.off()) {
                RoutingRequest request =
                        RoutingRequest.evaluation(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, Double.NaN);
                Tensor hidden = teacher.forward(rows.inputs(teacher.device()), rows.batch(), rows.time(), request)
                        .hidden();
                return scope.keep(teacher.logits(TrainingRows.picked(hidden, rows.places(teacher.device()))));
            }
        }

        /// Computes the loss of what a head predicts, with its coefficient in the gradient alone.
        ///
        /// @param read `[targets, hidden]`, normalised
        /// @param head of the model that is taught
        /// @param wanted what {@link #predicted} returned
        /// @param tokensInStep targets by which the loss is divided
        HeadGradient towards(Tensor read, TokenHead head, Tensor wanted, long tokensInStep) {
            return HeadGradient.towards(
                    read, head, wanted, distillation.temperature(), distillation.coefficient() / tokensInStep);
        }

        @Override
        public void close() {
            teacher.close();
        }
    }
}
