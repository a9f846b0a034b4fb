package dev.saiki.study.plan;

import dev.saiki.checkpoint.config.EffortRange;
import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.tradeoff.ExitCalibration;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.EarlyExit.Confidence;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import java.util.Locale;
import java.util.Optional;

/// An evaluation of every finished checkpoint to which it applies.
///
/// A plan lists evaluations under `evaluation.more`, each with a `kind`. A new kind needs a record here, an entry
/// in the reader of plans, and a case in the evaluation of checkpoints; the compiler reports only a missing case.
public sealed interface StudyEvaluation {

    /// The name in the plan.
    ///
    /// @return the name
    String name();

    /// The kind with its settings, if any: the key that identifies a measurement.
    ///
    /// @return a key such as `held_out max_depth=1`
    String kind();

    /// Returns the reason why the evaluation does not apply to a model.
    ///
    /// @param config the model
    /// @return the reason; empty if the evaluation applies
    Optional<String> obstacle(ModelConfig config);

    /// The loss on the held-out rows with a given routing.
    ///
    /// @param name the name in the plan
    /// @param options the routing options
    record HeldOutLoss(String name, ScoreOptions options) implements StudyEvaluation {

        /// The name of this kind in a plan.
        public static final String KIND = "held_out";

        /// The evaluation that every checkpoint gets first: the loss with causal routing.
        public static final HeldOutLoss CAUSAL = new HeldOutLoss("causal", ScoreOptions.CAUSAL);

        @Override
        public String kind() {
            StringBuilder kind = new StringBuilder(KIND);
            if (options.rule() != RoutingRequest.Rule.CAUSAL) {
                kind.append(" routing=").append(options.rule().name().toLowerCase(Locale.ROOT));
            }
            if (options.maxDepth() != RoutingRequest.UNBOUNDED) {
                kind.append(" max_depth=").append(options.maxDepth());
            }
            if (!Double.isNaN(options.effort())) {
                kind.append(" effort=").append(options.effort());
            }
            return kind.toString();
        }

        /// Returns a reason if the model does not have the effort, or if the bound is at or above full depth,
        /// because such a bound would measure full depth again.
        @Override
        public Optional<String> obstacle(ModelConfig config) {
            if (!Double.isNaN(options.effort())) {
                if (!(config.routing() instanceof Routing.ExpertThreshold routing)) {
                    return Optional.of("effort needs routing.type expert_threshold, got "
                            + config.routing().key());
                }
                EffortRange efforts = EffortRange.of(routing);
                if (!efforts.holds(options.effort())) {
                    return Optional.of("effort must be 0 or from " + efforts.least()
                            + ", the lowest trained effort, to 1, got " + options.effort());
                }
            }
            int recursions = config.numRecursions();
            boolean isBounded = options.maxDepth() != RoutingRequest.UNBOUNDED;
            return isBounded && options.maxDepth() >= recursions
                    ? Optional.of("max_depth must be below the model's number of recursions, " + recursions + ", got "
                            + options.maxDepth())
                    : Optional.empty();
        }
    }

    /// The loss on the held-out rows if tokens exit between layers, by a confidence measure that the model
    /// was not trained for. The threshold is chosen on the tuning documents.
    ///
    /// @param name the name in the plan
    /// @param share target mean share of the layers that tokens pass, in (0, 1)
    /// @param confidence confidence measure by which a token exits
    record EarlyExitLoss(String name, double share, Confidence confidence) implements StudyEvaluation {

        /// The name of this kind in a plan.
        public static final String KIND = "early_exit";

        /// Checks the share.
        ///
        /// @throws InputException if the share is out of its range
        public EarlyExitLoss {
            InputException.require(
                    share > 0 && share < 1, "evaluation.more." + name + ".share", "above 0 and below 1", share);
        }

        @Override
        public String kind() {
            return KIND + " share=" + share + " confidence=" + confidence.name().toLowerCase(Locale.ROOT);
        }

        /// Returns the exit rule, still without a threshold, for a model that was trained without exits.
        ///
        /// @param config the model
        /// @return the rule
        /// @throws InputException if the model is routed or has no exit point
        public EarlyExit rule(ModelConfig config) {
            return new EarlyExit(ExitPoints.of(config, 1, false), confidence, EarlyExit.NEVER);
        }

        @Override
        public Optional<String> obstacle(ModelConfig config) {
            try {
                ExitCalibration.requireReachable(
                        rule(config).points(), config.layerMap().numUnrolled(), share);
                return Optional.empty();
            } catch (InputException unfit) {
                return Optional.of(String.valueOf(unfit.getMessage()));
            }
        }
    }
}
