package dev.saiki.model.routing;

import dev.saiki.checkpoint.config.Capacities;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/// A routing in which each recursion step selects the tokens that take the step.
///
/// At step r a router gives each token that took step r − 1 a logit z. The state H of a selected token becomes
/// H + gate · f(H), where f is the whole block with its own residual connections and gate = alpha · activation(z);
/// the others keep their state from then on (MoR paper, section 2.2.1, equation 2.1). The selection depends on the
/// rule:
///
/// - by rank, in training: the `trunc(capacity · T)` best of the T tokens of a sequence, so that every sequence of
///   a batch keeps equally many. This selection depends on later tokens.
/// - by threshold, everywhere else: a token continues if `sigmoid(z) ≥ threshold`, which depends on this token
///   only. In training the auxiliary loss pulls the sigmoid of selected tokens towards 1 and of the others towards
///   0, so that both rules select nearly the same tokens.
///
/// With {@link StepGates}, the state becomes H + g_r · (f(H) − H) instead, and the score is not used as a gate.
///
/// The random router draws its scores instead of learning them and otherwise works the same way. Expert-threshold
/// routing selects by threshold in training too, and adapts the thresholds instead of the scores ({@link
/// RouterThresholds}).
///
/// @param setting the settings that do not change
/// @param routers one router per step; empty for the random router
/// @param auxiliaryRouters one auxiliary router per step, or empty
/// @param stepGates the gates of the steps, which replace the router's
public record ExpertChoice(
        Setting setting, List<RouterHead> routers, List<RouterHead> auxiliaryRouters, Optional<StepGates> stepGates) {

    /// The settings of the model, which are the same in every pass.
    ///
    /// @param numRecursions the number of recursions N
    /// @param function activation of the gate
    /// @param alpha the factor of the gate
    /// @param gating whether the gate multiplies the block's output
    /// @param capacities the share of all tokens at each step, for the rule by rank
    /// @param thresholds the minimum sigmoid at each step, for the causal rule
    /// @param decidedByAuxiliaryRouter whether the causal rule uses the auxiliary router's logit
    public record Setting(
            int numRecursions,
            RouterFunction function,
            double alpha,
            Gating gating,
            List<Double> capacities,
            List<Double> thresholds,
            boolean decidedByAuxiliaryRouter) {}

    /// Runs the recursion.
    ///
    /// @param hidden `[B · T, hidden]`
    /// @param batch the number of sequences B
    /// @param time the length of a sequence T
    /// @param block the shared layers
    /// @param request the routing request
    /// @return the tokens' states, depths and the router's losses
    public RoutingResult run(Tensor hidden, int batch, int time, RecursiveBlock block, RoutingRequest request) {
        request.forced().require(batch, time, setting.numRecursions());
        Pass pass = new Pass(hidden.device(), batch, time, request);
        Tensor state = hidden;
        ActiveTokens candidates = ActiveTokens.all(pass.device, batch, time);
        try {
            for (int step = 0; step < Math.min(setting.numRecursions(), request.maxDepth()); step++) {
                try (TensorScope scope = TensorScope.open()) {
                    Choice choice = choose(step, state, candidates, pass);
                    pass.losses.forEach(scope::keep);
                    candidates.close();
                    candidates = choice.selection().active();
                    if (candidates.isEmpty()) {
                        break;
                    }
                    pass.depths.count(candidates);
                    pass.counts.countStep(step, candidates);
                    Tensor output = block.run(step, state, choice.rows(), candidates);
                    state = scope.keep(merged(step, state, choice, output));
                }
            }
        } finally {
            candidates.close();
        }
        return new RoutingResult(state, pass.depths, pass.sumOfLosses(), pass.counts, pass.candidateLogits, pass.trace);
    }

    /// The states of all tokens after a step.
    private Tensor merged(int step, Tensor state, Choice choice, Tensor output) {
        if (stepGates.isPresent() && step == 0) {
            return output; // Every token takes the first step.
        }
        Tensor change = stepGates
                .map(gates -> gates.change(step, choice.rows(), output))
                .orElseGet(() -> setting.gating() == Gating.WEIGHTED
                        ? output.multiply(choice.gate().to(output.dtype()))
                        : output);
        ActiveTokens chosen = choice.selection().active();
        return chosen.isAll() ? state.add(change) : state.addRows(chosen.rows(), change);
    }

    /// The tokens that a step selected.
    ///
    /// @param selection the selected tokens
    /// @param rows `[n, hidden]`, the states of the selected tokens
    /// @param gate FLOAT32 `[n, 1]`
    private record Choice(Selection selection, Tensor rows, Tensor gate) {}

    private Choice choose(int step, Tensor state, ActiveTokens candidates, Pass pass) {
        Tensor rows = candidates.isAll() ? state : state.rows(candidates.rows());
        float[] drawn = routers.isEmpty() ? pass.drawnScores(step, candidates) : new float[0];
        Tensor logits = routers.isEmpty()
                ? Tensors.on(pass.device).of(drawn, drawn.length)
                : routers.get(step).logits(rows, candidates).reshape(-1);
        float[] scores = routers.isEmpty() ? drawn : readScores(step, candidates, logits, pass.request);
        Selection selection = select(step, candidates, rows, scores, pass);
        if (pass.request.losses() && !routers.isEmpty()) {
            pass.addLosses(step, rows, candidates, logits, scores, selection);
        }
        Tensor gate = activate(logits).multiply(setting.alpha());
        if (selection.active().count() < candidates.count()) {
            Tensor chosen = Tensors.on(pass.device).of(selection.candidateRows(), selection.candidateRows().length);
            rows = rows.rows(chosen);
            gate = gate.rows(chosen);
        }
        return new Choice(selection, rows, gate.unsqueeze(-1));
    }

    /// The scores of candidates; zeros if all of them continue and no scores are needed.
    private float[] readScores(int step, ActiveTokens candidates, Tensor logits, RoutingRequest request) {
        boolean isUnused = step == 0
                && switch (request.rule()) {
                    case TOP_K -> Capacities.tokens(capacity(step, request), candidates.time()) >= candidates.time();
                    case CAUSAL -> !request.losses();
                };
        return isUnused ? new float[candidates.count()] : logits.toFloats();
    }

    private double capacity(int step, RoutingRequest request) {
        List<Double> capacities = request.capacities().isEmpty() ? setting.capacities() : request.capacities();
        return capacities.get(step);
    }

    private Selection select(int step, ActiveTokens candidates, Tensor rows, float[] scores, Pass pass) {
        RoutingRequest request = pass.request;
        return switch (request.rule()) {
            case TOP_K -> Selection.topK(candidates, scores, capacity(step, request));
            case CAUSAL -> selectCausally(step, candidates, rows, scores, pass);
        };
    }

    private Selection selectCausally(int step, ActiveTokens candidates, Tensor rows, float[] scores, Pass pass) {
        if (step == 0) {
            return Selection.byRule(candidates, scores, (_, _, _) -> true);
        }
        if (routers.isEmpty()) {
            double stays =
                    1 - setting.capacities().get(step) / setting.capacities().get(step - 1);
            pass.note(step, candidates, scores, score -> score, stays);
            return Selection.byRule(candidates, scores, pass.unlessForced(step, score -> score >= stays));
        }
        double threshold = setting.thresholds().get(step);
        float[] deciding = setting.decidedByAuxiliaryRouter()
                ? auxiliaryRouters
                        .get(step)
                        .logits(rows, candidates)
                        .reshape(-1)
                        .toFloats()
                : scores;
        pass.note(step, candidates, deciding, ExpertChoice::sigmoid, threshold);
        return Selection.byRule(candidates, deciding, pass.unlessForced(step, score -> sigmoid(score) >= threshold));
    }

    private Tensor activate(Tensor logits) {
        return switch (setting.function()) {
            case NONE -> logits;
            case SIGMOID -> Functional.sigmoid(logits);
            case TANH -> Functional.tanh(logits);
            case SOFTMAX -> throw new IllegalStateException("softmax is a function of token choice only");
        };
    }

    static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    private static double logOdds(double probability) {
        return Math.log(probability) - Math.log1p(-probability);
    }

    /// One forward pass and its statistics.
    private final class Pass {

        private final Device device;
        private final RoutingRequest request;
        private final TokenDepths depths;
        private final RoutingStatistics.Counts counts;
        private final List<Tensor> losses = new ArrayList<>();
        private final List<float[]> candidateLogits = new ArrayList<>();
        private final Optional<RouterTrace> trace;
        private @Nullable Tensor auxiliary;
        private @Nullable Tensor routerZ;
        private @Nullable Tensor auxiliaryRouter;

        Pass(Device device, int batch, int time, RoutingRequest request) {
            this.device = device;
            this.request = request;
            this.depths = new TokenDepths(batch, time);
            this.counts = new RoutingStatistics.Counts(setting.numRecursions(), time, true, false);
            this.trace = request.traced()
                    ? Optional.of(new RouterTrace(setting.numRecursions(), batch, time))
                    : Optional.empty();
        }

        /// The selection of tokens: all candidates if every token continues; otherwise each token by its
        /// forced depth or, without a forced depth, by the router's rule.
        Selection.Rule unlessForced(int step, DoublePredicate rule) {
            if (request.everyTokenDeepest()) {
                return (_, _, _) -> true;
            }
            DepthOverrides forced = request.forced();
            return (score, sequence, position) -> {
                int depth = forced.at(sequence, position);
                return depth == DepthOverrides.AS_ROUTED ? rule.test(score) : depth > step;
            };
        }

        /// Records the router's decisions on candidates, if requested.
        void note(int step, ActiveTokens candidates, float[] scores, DoubleUnaryOperator confidence, double threshold) {
            if (trace.isEmpty()) {
                return;
            }
            int row = 0;
            for (int b = 0; b < candidates.batch(); b++) {
                for (int position : candidates.positions(b)) {
                    double confident = confidence.applyAsDouble(scores[row++]);
                    trace.get().put(step, b, position, confident, logOdds(confident) - logOdds(threshold));
                }
            }
        }

        float[] drawnScores(int step, ActiveTokens candidates) {
            float[] scores = new float[candidates.count()];
            int row = 0;
            for (int b = 0; b < candidates.batch(); b++) {
                for (int position : candidates.positions(b)) {
                    scores[row++] = request.randomScores().at(b, position, step);
                }
            }
            return scores;
        }

        void addLosses(
                int step, Tensor rows, ActiveTokens candidates, Tensor logits, float[] scores, Selection selection) {
            losses.clear();
            routerZ = sum(routerZ, logits.square().mean());
            if (request.rule() == RoutingRequest.Rule.TOP_K) {
                addSupervision(step, rows, candidates, logits, scores, selection);
            } else {
                candidateLogits.add(scores);
            }
        }

        /// Adds the losses that train the causal rule to agree with the selection by rank.
        private void addSupervision(
                int step, Tensor rows, ActiveTokens candidates, Tensor logits, float[] scores, Selection selection) {
            boolean[] chosen = selection.chosen();
            float[] targets = new float[chosen.length];
            int correct = 0;
            for (int i = 0; i < chosen.length; i++) {
                targets[i] = chosen[i] ? 1 : 0;
                correct += chosen[i] == scores[i] >= 0 ? 1 : 0;
            }
            if (step > 0) {
                counts.countPredictions(chosen.length, correct);
            }
            Tensor membership = Tensors.on(device).of(targets, targets.length);
            auxiliary = sum(auxiliary, Functional.binaryCrossEntropyWithLogits(logits, membership));
            if (!auxiliaryRouters.isEmpty()) {
                Tensor predicted = auxiliaryRouters
                        .get(step)
                        .logits(Autograd.detach(rows), candidates)
                        .reshape(-1);
                auxiliaryRouter = sum(auxiliaryRouter, Functional.binaryCrossEntropyWithLogits(predicted, membership));
            }
        }

        private Tensor sum(@Nullable Tensor soFar, Tensor term) {
            Tensor total = soFar == null ? term : soFar.add(term);
            losses.add(total);
            return total;
        }

        RoutingLosses sumOfLosses() {
            RoutingLosses zero = RoutingLosses.zero(device);
            return new RoutingLosses(
                    auxiliary == null ? zero.auxiliary() : auxiliary,
                    routerZ == null ? zero.routerZ() : routerZ,
                    zero.balancing(),
                    auxiliaryRouter == null ? zero.auxiliaryRouter() : auxiliaryRouter);
        }
    }
}
