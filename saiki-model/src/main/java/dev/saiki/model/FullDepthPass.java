package dev.saiki.model;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingResult;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A forward and backward pass of one micro-batch at full depth.
///
/// The trunk runs once. Then the exits are computed one after the other, each from the state after its recursion,
/// with the backward pass only down to that state. The activations of two exits are therefore never in memory
/// together; only the gradients of the states are kept for the trunk's own backward pass. The deepest exit is part
/// of the trunk's pass, as in any other micro-batch.
final class FullDepthPass {

    private final RecursiveTransformer model;
    private final TrainingPass pass;
    private final FullDepth setting;

    FullDepthPass(TrainingPass pass, FullDepth setting) {
        this.model = pass.model();
        this.pass = pass;
        this.setting = setting;
    }

    /// The results of one exit.
    ///
    /// @param crossEntropySum FLOAT64 nats, summed over targets
    /// @param ofTokens FLOAT32 `[n]`, the loss of each target, nats
    /// @param hidden `[n, hidden]`, the head's input, detached
    /// @param loss a scalar with the gradient of the weighted losses; empty for a shallower exit of weight 0
    /// @param distillationSum FLOAT64 nats, the divergence from the deepest prediction as defined by
    ///     {@link Distillation}, summed over targets; empty without distillation
    private record Exit(
            Tensor crossEntropySum,
            Tensor ofTokens,
            Tensor hidden,
            Optional<Tensor> loss,
            Optional<Tensor> distillationSum) {}

    /// The targets of all exits of a micro-batch.
    ///
    /// @param rows the rows of the micro-batch
    /// @param targets INT64 `[n]`, the targets
    /// @param places the rows of the states from which the targets are predicted; null for all rows
    /// @param deepest `[n, hidden]`, the head's input at the deepest exit, detached
    private record Goal(
            TrainingRows rows, Tensor targets, @Nullable Tensor places, Tensor deepest) {

        Tensor picked(Tensor ofTokens) {
            return TrainingRows.picked(ofTokens, places);
        }

        /// FLOAT32 `[B · T]`: the values of targets at the tokens that predict them, 0 elsewhere.
        Tensor ofAll(Tensor ofTargets) {
            return places == null
                    ? ofTargets
                    : Tensors.like(ofTargets)
                            .zeros(ofTargets.dtype(), (long) rows.batch() * rows.time())
                            .addRows(places, ofTargets);
        }
    }

    TrainingPass.Report run(TrainingRows rows, RandomScores scores, int recursions, int drawn) {
        double[] weights = setting.weights(drawn, recursions);
        try (TensorScope _ = TensorScope.open();
                StatesAfterRecursions states = new StatesAfterRecursions()) {
            RoutingRequest request = RoutingRequest.trainingAtFullDepth(weights.length, scores);
            RoutingResult output =
                    model.forward(rows.inputs(model.device()), rows.batch(), rows.time(), request, states);
            @Nullable Tensor places = rows.places(model.device());
            Tensor read = TrainingRows.picked(output.hidden(), places);
            Goal goal = new Goal(rows, rows.targets(model.device()), places, Autograd.detach(read));
            List<Exit> exits = new ArrayList<>();
            for (int depth = 1; depth < weights.length; depth++) {
                if (weights[depth - 1] > 0 || setting.router().isPresent()) {
                    exits.add(exit(states.after(depth), goal, weights[depth - 1]));
                }
            }
            Exit deepest = deepest(read, goal, weights[weights.length - 1]);
            exits.add(deepest);
            Tensor loss = exits.stream()
                    .flatMap(exit -> exit.loss().stream())
                    .reduce(Tensor::add)
                    .orElseThrow();
            Optional<Tensor> gain = setting.router().map(router -> routerGain(router, states, exits, goal));
            model.backward(
                    pass.objective().total(loss, output.losses(), pass.microBatches(), gain, pass.atFullDepth()));
            return report(exits, weights, gain, output);
        }
    }

    /// Computes an exit before the deepest: its forward pass, and its backward pass down to the state that the
    /// exit starts from.
    private Exit exit(Tensor state, Goal goal, double weight) {
        try (TensorScope scope = TensorScope.open()) {
            if (weight == 0) {
                try (Autograd _ = Autograd.off()) {
                    Tensor hidden = exited(state, goal);
                    HeadGradient head = HeadGradient.of(hidden, model.head(), goal.targets(), 0);
                    return new Exit(
                            scope.keep(head.lossSum()),
                            scope.keep(head.ofTokens()),
                            scope.keep(hidden),
                            Optional.empty(),
                            Optional.empty());
                }
            }
            Tensor start = Autograd.leaf(state);
            Tensor hidden = exited(start, goal);
            HeadGradient head = HeadGradient.of(hidden, model.head(), goal.targets(), weight / pass.tokensInStep());
            Optional<HeadGradient> taught = setting.distillation()
                    .map(distillation -> HeadGradient.towards(
                            hidden,
                            model.head(),
                            deepestLogits(goal),
                            distillation.temperature(),
                            weight * distillation.coefficient() / pass.tokensInStep()));
            Autograd.backward(
                    hidden,
                    taught.map(more -> head.ofHidden().add(more.ofHidden())).orElse(head.ofHidden()));
            // A surrogate with the same gradient as the losses.
            Tensor loss = state.multiply(Autograd.gradient(start)).sum();
            return new Exit(
                    scope.keep(head.lossSum()),
                    scope.keep(head.ofTokens()),
                    scope.keep(Autograd.detach(hidden)),
                    Optional.of(scope.keep(loss)),
                    taught.map(HeadGradient::lossSum).map(scope::keep));
        }
    }

    /// The prediction of the deepest exit, detached.
    private Tensor deepestLogits(Goal goal) {
        try (Autograd _ = Autograd.off()) {
            return model.logits(goal.deepest());
        }
    }

    private Tensor exited(Tensor state, Goal goal) {
        return goal.picked(model.exit(state, goal.rows().batch(), goal.rows().time()));
    }

    /// The exit of the trunk's pass; it has a loss even if its weight is 0, so that the backward pass reaches all
    /// checkpointed segments.
    private Exit deepest(Tensor hidden, Goal goal, double weight) {
        HeadGradient head = HeadGradient.of(hidden, model.head(), goal.targets(), weight / pass.tokensInStep());
        Tensor loss = hidden.multiply(head.ofHidden()).sum();
        return new Exit(head.lossSum(), head.ofTokens(), goal.deepest(), Optional.of(loss), Optional.empty());
    }

    private Tensor routerGain(GainSupervision router, StatesAfterRecursions states, List<Exit> exits, Goal goal) {
        GainLoss loss = new GainLoss(router.target());
        List<Tensor> ofSteps = new ArrayList<>();
        for (int step = 1; step < exits.size(); step++) {
            Tensor state = states.after(step);
            Tensor seen = router.reachesTrunk() ? state : Autograd.detach(state);
            try (ActiveTokens everyone = ActiveTokens.all(
                    model.device(), goal.rows().batch(), goal.rows().time())) {
                Tensor logits = model.routerLogits(step, seen, everyone);
                Tensor gains = gains(router.target(), exits.get(step - 1), exits.get(step));
                ofSteps.add(
                        router.horizon() == 1
                                ? loss.ofStep(goal.picked(logits), gains)
                                : loss.ofStep(
                                        logits,
                                        router.credited(
                                                goal.ofAll(gains), goal.rows().time())));
            }
        }
        return ofSteps.stream().reduce(Tensor::add).orElseThrow();
    }

    private Tensor gains(GainTarget target, Exit shallower, Exit deeper) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(
                    switch (target) {
                        case GainTarget.Divergence _ -> model.divergence(deeper.hidden(), shallower.hidden());
                        case GainTarget.Regression _, GainTarget.WeightedLabels _ ->
                            shallower.ofTokens().subtract(deeper.ofTokens());
                    });
        }
    }

    private TrainingPass.Report report(
            List<Exit> exits, double[] weights, Optional<Tensor> gain, RoutingResult output) {
        TrainingPass.UnreadLosses losses = new TrainingPass.UnreadLosses();
        int ofRouter = losses.add(output.losses().all());
        int sums = losses.add(exits.stream().map(Exit::crossEntropySum).toList());
        int distilled = losses.add(
                exits.stream().flatMap(exit -> exit.distillationSum().stream()).toList());
        int ofGain = losses.add(gain.stream().toList());
        double[] read = losses.read();
        return TrainingPass.Report.of(
                read[distilled - 1],
                Arrays.copyOfRange(read, ofRouter, sums),
                output,
                Optional.of(depthLosses(
                        exits.getLast().ofTokens().count(),
                        Arrays.copyOfRange(read, sums, distilled),
                        Arrays.copyOfRange(read, distilled, ofGain),
                        weights,
                        gain.isPresent() ? read[ofGain] : Double.NaN)),
                Double.NaN,
                Double.NaN);
    }

    /// @param sums the cross-entropy of the computed exits, the deepest last
    /// @param ofDistillation the distillation losses of all exits but the deepest; empty without distillation
    private TrainingPass.DepthLosses depthLosses(
            long tokens, double[] sums, double[] ofDistillation, double[] weights, double gain) {
        int skipped = weights.length - sums.length;
        List<Double> all = new ArrayList<>();
        double minimised = 0;
        double distilled = 0;
        for (int depth = 1; depth <= weights.length; depth++) {
            int exit = depth - 1 - skipped;
            double sum = exit < 0 ? Double.NaN : sums[exit];
            all.add(sum);
            minimised += weights[depth - 1] == 0 ? 0 : weights[depth - 1] * sum;
            distilled += exit < 0 || exit >= ofDistillation.length ? 0 : weights[depth - 1] * ofDistillation[exit];
        }
        double coefficient =
                setting.distillation().map(Distillation::coefficient).orElse(0.0);
        return new TrainingPass.DepthLosses(
                tokens,
                all,
                minimised + coefficient * distilled,
                setting.distillation().isPresent() ? distilled : Double.NaN,
                gain);
    }

    /// The states of all tokens after each recursion but the last, with their autograd history.
    private static final class StatesAfterRecursions implements RecursiveTransformer.StepObserver, AutoCloseable {

        private final List<Tensor> states = new ArrayList<>();

        @Override
        public void onStep(int step, Tensor rows, ActiveTokens active) {
            if (step > 0) {
                states.add(TensorScope.release(Autograd.alias(rows)));
            }
        }

        Tensor after(int recursions) {
            return states.get(recursions - 1);
        }

        @Override
        public void close() {
            states.forEach(Tensor::close);
        }
    }
}
