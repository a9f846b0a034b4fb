package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `optimizer`: the settings of AdamW.
///
/// @param learningRate the peak learning rate, positive
/// @param beta1 the decay rate of the gradient's moving average, in [0, 1)
/// @param beta2 the decay rate of the squared gradient's moving average, in [0, 1)
/// @param epsilon the positive number added to the denominator of an update
/// @param weightDecay decoupled weight decay of matrices; norms are not decayed
/// @param maxGradNorm the norm to which the gradient is clipped, separately for routers that are trained
///     separately; 0 for no clipping
/// @param auxiliaryRouterLearningRateFactor the auxiliary router's learning rate divided by the model's
/// @param tensors the tensors to train
public record OptimizerSection(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double maxGradNorm,
        double auxiliaryRouterLearningRateFactor,
        TrainedTensors tensors) {

    /// The paper's peak learning rate.
    public static final double DEFAULT_LEARNING_RATE = 3e-3;

    /// The paper's decay rate of the first moment.
    public static final double DEFAULT_BETA1 = 0.9;

    /// The paper's decay rate of the second moment.
    public static final double DEFAULT_BETA2 = 0.95;

    /// AdamW's usual epsilon.
    public static final double DEFAULT_EPSILON = 1e-8;

    /// The paper's weight decay.
    public static final double DEFAULT_WEIGHT_DECAY = 0.1;

    /// The paper's clipping norm.
    public static final double DEFAULT_MAX_GRAD_NORM = 1.0;

    /// In the paper the auxiliary router's learning rate is ten times the model's.
    public static final double DEFAULT_AUXILIARY_ROUTER_LEARNING_RATE_FACTOR = 10;

    /// Checks the ranges.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of range
    public OptimizerSection {
        Problems.requireAll(
                () -> RecipeChecks.positive("optimizer.learning_rate", learningRate),
                () -> RecipeChecks.belowOne("optimizer.beta1", beta1),
                () -> RecipeChecks.belowOne("optimizer.beta2", beta2),
                () -> RecipeChecks.positive("optimizer.epsilon", epsilon),
                () -> RecipeChecks.notNegative("optimizer.weight_decay", weightDecay),
                () -> RecipeChecks.notNegative("optimizer.max_grad_norm", maxGradNorm),
                () -> RecipeChecks.positive(
                        "optimizer.auxiliary_router_learning_rate_factor", auxiliaryRouterLearningRateFactor));
    }

    static OptimizerSection read(SectionReader reader) {
        return new OptimizerSection(
                reader.number("learning_rate", DEFAULT_LEARNING_RATE),
                reader.number("beta1", DEFAULT_BETA1),
                reader.number("beta2", DEFAULT_BETA2),
                reader.number("epsilon", DEFAULT_EPSILON),
                reader.number("weight_decay", DEFAULT_WEIGHT_DECAY),
                reader.number("max_grad_norm", DEFAULT_MAX_GRAD_NORM),
                reader.number("auxiliary_router_learning_rate_factor", DEFAULT_AUXILIARY_ROUTER_LEARNING_RATE_FACTOR),
                TrainedTensors.read(reader));
    }

    void write(ObjectNode section) {
        section.put("learning_rate", learningRate);
        section.put("beta1", beta1);
        section.put("beta2", beta2);
        section.put("epsilon", epsilon);
        section.put("weight_decay", weightDecay);
        section.put("max_grad_norm", maxGradNorm);
        section.put("auxiliary_router_learning_rate_factor", auxiliaryRouterLearningRateFactor);
        tensors.write(section);
    }
}
