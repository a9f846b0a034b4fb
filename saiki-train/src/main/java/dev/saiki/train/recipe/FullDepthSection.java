package dev.saiki.train.recipe;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.model.Distillation;
import dev.saiki.model.FullDepth;
import dev.saiki.model.GainSupervision;
import dev.saiki.model.GainTarget;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `objective.full_depth`: a share of micro-batches at full depth, as a {@link FullDepth}; off by
/// default. The subsection `router` configures the router's training on measured gains. The subsection
/// `distillation` configures the distillation from the deepest exit to the others.
public final class FullDepthSection {

    /// A quarter of the micro-batches run at full depth.
    public static final double DEFAULT_SHARE = 0.25;

    /// Gains above one nat are rare; unclipped, a few of them would dominate the squared error.
    public static final double DEFAULT_CLIP = 1;

    /// The share of the positive gain that TaH2 (arXiv:2609.35748) retains.
    public static final double DEFAULT_KEPT_GAIN = 0.99;

    static final String KEY = "full_depth";

    private static final String PRIOR = "prior";
    private static final String ROUTER = "router";
    private static final String DISTILLATION = "distillation";
    private static final String TEMPERATURE = "temperature";
    private static final String CLIP = "clip";
    private static final String KEPT_GAIN = "kept_gain";
    private static final String REJECTED_SHARE = "rejected_share";
    private static final String HORIZON = "horizon";

    /// The spellings of {@link GainTarget}.
    private enum Target {
        REGRESSION,
        WEIGHTED_LABELS,
        DIVERGENCE
    }

    private FullDepthSection() {}

    /// Whether an `objective` section trains the router on measured gains.
    static boolean teachesRouter(SectionReader objective) {
        return objective.has(KEY) && objective.section(KEY).has(ROUTER);
    }

    static Optional<FullDepth> read(SectionReader objective) {
        return objective.has(KEY) ? objective.section(KEY).read(FullDepthSection::readSection) : Optional.empty();
    }

    private static FullDepth readSection(SectionReader reader) {
        Optional<GainSupervision> router =
                reader.has(ROUTER) ? reader.section(ROUTER).read(FullDepthSection::readRouter) : Optional.empty();
        double share = reader.number("share", DEFAULT_SHARE);
        FullDepth.Prior prior =
                reader.choice(PRIOR, SectionReader.spellings(FullDepth.Prior.class), () -> FullDepth.Prior.UNIFORM);
        Optional<Distillation> distillation = reader.has(DISTILLATION)
                ? reader.section(DISTILLATION).read(FullDepthSection::readDistillation)
                : Optional.empty();
        RecipeChecks.that(share > 0 && share <= 1, reader.pathOf("share"), "in (0, 1]", share);
        RecipeChecks.that(
                distillation.isEmpty() || prior != FullDepth.Prior.SAMPLED,
                reader.pathOf(PRIOR),
                "uniform, geometric or rising with distillation, since a pass with a sampled prior may end before the"
                        + " deepest exit",
                SectionReader.spelling(prior));
        return new FullDepth(share, prior, router, distillation);
    }

    private static Distillation readDistillation(SectionReader reader) {
        double coefficient = reader.number("coefficient", 1);
        double temperature = reader.number(TEMPERATURE, 1);
        RecipeChecks.positive(reader.pathOf("coefficient"), coefficient);
        RecipeChecks.positive(reader.pathOf(TEMPERATURE), temperature);
        return new Distillation(coefficient, temperature);
    }

    private static GainSupervision readRouter(SectionReader reader) {
        Target target = reader.choice("target", SectionReader.spellings(Target.class), () -> Target.REGRESSION);
        double coefficient = reader.number("coefficient", 1);
        boolean reachesTrunk = reader.flag("reaches_trunk", false);
        double rejectedShare = reader.number(REJECTED_SHARE, 0);
        GainTarget made = switch (target) {
            case REGRESSION -> new GainTarget.Regression(clip(reader));
            case DIVERGENCE -> new GainTarget.Divergence(clip(reader));
            case WEIGHTED_LABELS -> new GainTarget.WeightedLabels(keptGain(reader));
        };
        RecipeChecks.positive(reader.pathOf("coefficient"), coefficient);
        RecipeChecks.fraction(reader.pathOf(REJECTED_SHARE), rejectedShare);
        double horizon = reader.number(HORIZON, 1);
        RecipeChecks.that(
                horizon >= 1 && Double.isFinite(horizon) && (horizon == 1 || rejectedShare == 0),
                reader.pathOf(HORIZON),
                "1, or above 1 with " + REJECTED_SHARE + " 0",
                horizon);
        return new GainSupervision(made, coefficient, reachesTrunk, rejectedShare, horizon);
    }

    private static double clip(SectionReader reader) {
        double clip = reader.number(CLIP, DEFAULT_CLIP);
        RecipeChecks.positive(reader.pathOf(CLIP), clip);
        return clip;
    }

    private static double keptGain(SectionReader reader) {
        double keptGain = reader.number(KEPT_GAIN, DEFAULT_KEPT_GAIN);
        RecipeChecks.that(keptGain > 0 && keptGain <= 1, reader.pathOf(KEPT_GAIN), "in (0, 1]", keptGain);
        return keptGain;
    }

    static void write(FullDepth setting, ObjectNode objective) {
        ObjectNode section = objective.putObject(KEY);
        section.put("share", setting.share());
        section.put(PRIOR, SectionReader.spelling(setting.prior()));
        setting.distillation().ifPresent(distillation -> {
            ObjectNode taught = section.putObject(DISTILLATION);
            taught.put("coefficient", distillation.coefficient());
            taught.put(TEMPERATURE, distillation.temperature());
        });
        setting.router().ifPresent(router -> {
            ObjectNode taught = section.putObject(ROUTER);
            switch (router.target()) {
                case GainTarget.Regression regression -> {
                    taught.put("target", SectionReader.spelling(Target.REGRESSION));
                    taught.put(CLIP, regression.clip());
                }
                case GainTarget.Divergence divergence -> {
                    taught.put("target", SectionReader.spelling(Target.DIVERGENCE));
                    taught.put(CLIP, divergence.clip());
                }
                case GainTarget.WeightedLabels labels -> {
                    taught.put("target", SectionReader.spelling(Target.WEIGHTED_LABELS));
                    taught.put(KEPT_GAIN, labels.keptGain());
                }
            }
            taught.put("coefficient", router.coefficient());
            taught.put("reaches_trunk", router.reachesTrunk());
            taught.put(REJECTED_SHARE, router.rejectedShare());
            taught.put(HORIZON, router.horizon());
        });
    }

    /// Rejects models whose sharing or routing rules out micro-batches at full depth, and routers that cannot be
    /// trained on gains.
    static void requireFits(Optional<FullDepth> fullDepth, ModelSection model) {
        if (fullDepth.isEmpty()) {
            return;
        }
        ModelConfig shape = model.shape();
        FullDepth setting = fullDepth.get();
        boolean movesThresholds = shape.routing() instanceof Routing.ExpertThreshold;
        String key = "objective." + KEY;
        Problems.requireAll(
                () -> RecipeChecks.that(
                        hasStatesBetween(shape),
                        key,
                        "left out unless one recursion follows another (model.recursion.sharing cycle or middle_cycle)",
                        describe(shape)),
                () -> RecipeChecks.that(
                        isSuited(shape.routing()),
                        key,
                        "left out unless model.routing.type is none, expert_threshold or random: other routings choose"
                                + " by rank, or once for all recursions",
                        shape.routing().key()),
                () -> RecipeChecks.that(
                        !movesThresholds || setting.share() < 1,
                        key + ".share",
                        "below 1 with model.routing.type expert_threshold, since only routed micro-batches move its thresholds",
                        setting.share()),
                () -> RecipeChecks.that(
                        setting.router().isEmpty() || (movesThresholds && shape.hasStepGates()),
                        key + "." + ROUTER,
                        "left out unless model.routing.type is expert_threshold and model.recursion.step_gates is true",
                        describe(shape)),
                () -> RecipeChecks.that(
                        model.dropout() == 0 || rejectedShare(setting) == 0,
                        key + "." + ROUTER + "." + REJECTED_SHARE,
                        "0 with model.dropout, since the second pass, of rejected tokens, would drop other values",
                        rejectedShare(setting)),
                () -> RecipeChecks.that(
                        model.vocabSizeStated(),
                        "model.vocab_size",
                        "set with " + key + ", because its FLOPs include the output heads",
                        "nothing"));
    }

    /// Rejects settings that do not work if only some tokens are targets.
    ///
    /// @param fullDepth the section, if the recipe has one
    /// @param data the training data
    static void requireFits(Optional<FullDepth> fullDepth, DataSection data) {
        double share = fullDepth.map(FullDepthSection::rejectedShare).orElse(0.0);
        RecipeChecks.that(
                share == 0 || (data.conversations().isEmpty() && data.weights().areEqual()),
                "objective.full_depth." + ROUTER + "." + REJECTED_SHARE,
                "0 with data.conversations or data.target_weights: rejected tokens are trained only where every token"
                        + " is a target",
                share);
    }

    private static double rejectedShare(FullDepth setting) {
        return setting.router().map(GainSupervision::rejectedShare).orElse(0.0);
    }

    private static boolean hasStatesBetween(ModelConfig shape) {
        return shape.numRecursions() > 1
                && shape.recursion()
                        .map(Recursion::sharing)
                        .filter(ParameterSharing::isCycle)
                        .isPresent();
    }

    private static boolean isSuited(Routing routing) {
        return switch (routing) {
            case Routing.None _, Routing.ExpertThreshold _, Routing.Random _ -> true;
            case Routing.ExpertChoice _, Routing.TokenChoice _ -> false;
        };
    }

    private static String describe(ModelConfig shape) {
        return shape.recursion().map(recursion -> recursion.sharing().key()).orElse("no recursion") + ", routing "
                + shape.routing().key() + (shape.hasStepGates() ? ", step gates" : "");
    }
}
