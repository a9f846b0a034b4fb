package dev.saiki.train.recipe;

import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.model.TrainingObjective;
import dev.saiki.model.TrainingObjective.Balancing;
import dev.saiki.model.TrainingObjective.Supervision;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `objective`: the router's loss terms besides the cross-entropy, as a {@link TrainingObjective}.
/// The defaults are the paper's final choices for the model's routing, and Saiki's own for expert-threshold, which
/// the paper does not have.
public final class ObjectiveSection {

    /// The paper's weight of the auxiliary loss.
    public static final double DEFAULT_AUXILIARY_LOSS_COEFFICIENT = 0.001;

    /// The paper's final expert-choice design has no z-loss.
    public static final double DEFAULT_ROUTER_Z_LOSS_COEFFICIENT = 0;

    /// The weight of the z-loss in the paper's token-choice design; the released configuration has 1e-5.
    public static final double DEFAULT_TOKEN_CHOICE_ROUTER_Z_LOSS_COEFFICIENT = 1e-3;

    /// The paper's weight of the balancing loss.
    public static final double DEFAULT_BALANCING_LOSS_COEFFICIENT = 0.1;

    /// The paper's step size of the bias in loss-free balancing.
    public static final double DEFAULT_BIAS_UPDATE_RATE = 0.001;

    /// The z-loss coefficient that keeps an expert-threshold router trainable. No other term bounds the router's
    /// logits. Without a bound, the gate of a recursion that has learned little falls towards 0, and a recursion
    /// whose gate is 0 no longer learns. Training on measured gains bounds the logits of a router by itself, so
    /// that such a router has no z-loss by default.
    public static final double DEFAULT_EXPERT_THRESHOLD_ROUTER_Z_LOSS_COEFFICIENT = 1e-3;

    /// The step size with which an expert threshold moves towards the quantile of a training step. The threshold
    /// averages over about forty steps, because texts differ widely in the depth they need, and a step of a small
    /// run may contain only two texts.
    public static final double DEFAULT_THRESHOLD_UPDATE_RATE = 0.05;

    private ObjectiveSection() {}

    static TrainingObjective read(SectionReader reader, Routing routing) {
        boolean tokenChoice = routing instanceof Routing.TokenChoice;
        TrainingObjective objective = new TrainingObjective(
                reader.number("auxiliary_loss_coefficient", DEFAULT_AUXILIARY_LOSS_COEFFICIENT),
                reader.number(
                        "router_z_loss_coefficient",
                        FullDepthSection.teachesRouter(reader) ? 0 : defaultRouterZLossCoefficient(routing)),
                reader.number("balancing_loss_coefficient", DEFAULT_BALANCING_LOSS_COEFFICIENT),
                reader.choice(
                        "supervision", SectionReader.spellings(Supervision.class), () -> defaultSupervision(routing)),
                reader.choice(
                        "balancing",
                        SectionReader.spellings(Balancing.class),
                        () -> tokenChoice ? Balancing.LOSS : Balancing.NONE),
                reader.number("bias_update_rate", DEFAULT_BIAS_UPDATE_RATE),
                reader.smallInteger("capacity_warmup_steps", 0),
                reader.smallInteger("balancing_warmup_steps", 0),
                reader.number("threshold_update_rate", DEFAULT_THRESHOLD_UPDATE_RATE),
                FullDepthSection.read(reader));
        checkRanges(objective);
        return objective;
    }

    static void write(TrainingObjective objective, ObjectNode section) {
        section.put("supervision", SectionReader.spelling(objective.supervision()));
        section.put("auxiliary_loss_coefficient", objective.auxiliaryLossCoefficient());
        section.put("router_z_loss_coefficient", objective.routerZLossCoefficient());
        section.put("balancing", SectionReader.spelling(objective.balancing()));
        section.put("balancing_loss_coefficient", objective.balancingLossCoefficient());
        section.put("bias_update_rate", objective.biasUpdateRate());
        section.put("capacity_warmup_steps", objective.capacityWarmupSteps());
        section.put("balancing_warmup_steps", objective.balancingWarmupSteps());
        section.put("threshold_update_rate", objective.thresholdUpdateRate());
        objective.fullDepth().ifPresent(setting -> FullDepthSection.write(setting, section));
    }

    /// Rejects terms that do not apply to the model's routing: a setting must never be ignored silently.
    static void requireFits(TrainingObjective objective, ModelConfig model) {
        boolean expertChoice = model.routing() instanceof Routing.ExpertChoice;
        boolean tokenChoice = model.routing() instanceof Routing.TokenChoice;
        boolean byAuxiliaryRouter = model.routing() instanceof Routing.ExpertChoice expert
                && expert.causalBy() == CausalBy.AUXILIARY_ROUTER;
        Problems.requireAll(
                () -> RecipeChecks.that(
                        expertChoice || objective.supervision() == Supervision.NONE,
                        "objective.supervision",
                        "none unless model.routing.type is expert_choice",
                        SectionReader.spelling(objective.supervision())),
                () -> RecipeChecks.that(
                        tokenChoice || objective.balancing() == Balancing.NONE,
                        "objective.balancing",
                        "none unless model.routing.type is token_choice",
                        SectionReader.spelling(objective.balancing())),
                () -> RecipeChecks.that(
                        !byAuxiliaryRouter || objective.supervision() == Supervision.AUXILIARY_ROUTER,
                        "objective.supervision",
                        "auxiliary_router with model.routing.causal_by auxiliary_router, which nothing else trains",
                        SectionReader.spelling(objective.supervision())),
                () -> RecipeChecks.that(
                        objective.capacityWarmupSteps() == 0
                                || expertChoice
                                || model.routing() instanceof Routing.Random,
                        "objective.capacity_warmup_steps",
                        "0 unless model.routing.type has a capacity",
                        objective.capacityWarmupSteps()),
                () -> RecipeChecks.that(
                        objective.balancingWarmupSteps() == 0 || tokenChoice,
                        "objective.balancing_warmup_steps",
                        "0 unless model.routing.type is token_choice",
                        objective.balancingWarmupSteps()));
    }

    private static void checkRanges(TrainingObjective objective) {
        Problems.requireAll(
                () -> RecipeChecks.notNegative(
                        "objective.auxiliary_loss_coefficient", objective.auxiliaryLossCoefficient()),
                () -> RecipeChecks.notNegative(
                        "objective.router_z_loss_coefficient", objective.routerZLossCoefficient()),
                () -> RecipeChecks.notNegative(
                        "objective.balancing_loss_coefficient", objective.balancingLossCoefficient()),
                () -> RecipeChecks.notNegative("objective.bias_update_rate", objective.biasUpdateRate()),
                () -> RecipeChecks.atLeast(0, "objective.capacity_warmup_steps", objective.capacityWarmupSteps()),
                () -> RecipeChecks.atLeast(0, "objective.balancing_warmup_steps", objective.balancingWarmupSteps()),
                () -> RecipeChecks.fraction("objective.threshold_update_rate", objective.thresholdUpdateRate()));
    }

    private static double defaultRouterZLossCoefficient(Routing routing) {
        return switch (routing) {
            case Routing.TokenChoice _ -> DEFAULT_TOKEN_CHOICE_ROUTER_Z_LOSS_COEFFICIENT;
            case Routing.ExpertThreshold _ -> DEFAULT_EXPERT_THRESHOLD_ROUTER_Z_LOSS_COEFFICIENT;
            case Routing.None _, Routing.ExpertChoice _, Routing.Random _ -> DEFAULT_ROUTER_Z_LOSS_COEFFICIENT;
        };
    }

    private static Supervision defaultSupervision(Routing routing) {
        return switch (routing) {
            case Routing.ExpertChoice expert ->
                expert.causalBy() == CausalBy.AUXILIARY_ROUTER
                        ? Supervision.AUXILIARY_ROUTER
                        : Supervision.AUXILIARY_LOSS;
            case Routing.None _, Routing.TokenChoice _, Routing.ExpertThreshold _, Routing.Random _ -> Supervision.NONE;
        };
    }
}
