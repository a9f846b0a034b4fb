package dev.saiki.model;

import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;

/// A frozen model to distil from.
///
/// The teacher has no gradient and no optimizer state. Each training thread has its own {@link Pass}; all passes
/// share the same weights.
public final class Teacher implements AutoCloseable {

    private final ModelWeights weights;
    private final ComputeWeights computeWeights;
    private final Distillation distillation;

    /// Creates a teacher.
    ///
    /// @param weights the model's weights, which the teacher closes
    /// @param precision the precision in which the teacher computes
    /// @param distillation the distillation loss to train with
    public Teacher(ModelWeights weights, Precision precision, Distillation distillation) {
        this.weights = weights;
        this.computeWeights = new ComputeWeights(weights, precision);
        this.distillation = distillation;
    }

    /// Returns the distillation loss.
    ///
    /// @return weight and temperature
    public Distillation distillation() {
        return distillation;
    }

    /// Creates a pass for one thread.
    ///
    /// @return the pass, which must be closed before this teacher
    public Pass newPass() {
        return new Pass(new RecursiveTransformer(computeWeights), distillation);
    }

    @Override
    public void close() {
        computeWeights.close();
        weights.close();
    }

    /// One thread's use of a teacher: the teacher's predictions for a micro-batch, and the model's loss against
    /// them.
    ///
    /// The teacher's tokens take as many recursions as its router decides, by the same rule as in serving.
    public static final class Pass implements AutoCloseable {

        private final RecursiveTransformer teacher;
        private final Distillation distillation;

        private Pass(RecursiveTransformer teacher, Distillation distillation) {
            this.teacher = teacher;
            this.distillation = distillation;
        }

        /// Computes the loss of a micro-batch of the teacher's own text, which has no other loss, and adds the
        /// loss's gradient to the model's.
        ///
        /// @param model the model, which accumulates the gradients
        /// @param rows the input
        /// @param depth the number of recursions that every token takes in the trained model, whatever the
        ///     router decides
        /// @param scores the scores of the random router
        /// @param tokensInStep the number of targets in all micro-batches of the teacher's own text in the
        ///     training step, by which the loss is divided
        /// @return nats as defined by {@link Distillation}, summed over targets, before multiplication by the
        ///     coefficient
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
                // A surrogate with the same gradient as the loss.
                model.backward(read.multiply(head.ofHidden()).sum());
                return head.lossSum().item();
            }
        }

        /// The teacher's logits for the targets of a micro-batch: `[targets, V]`, in the caller's scope.
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

        /// Computes the loss of a head's predictions; the coefficient is included in the gradient, but not in
        /// the loss.
        ///
        /// @param read `[targets, hidden]`, normalised
        /// @param head the head of the trained model
        /// @param wanted what {@link #predicted} returned
        /// @param tokensInStep the number of targets by which the loss is divided
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
