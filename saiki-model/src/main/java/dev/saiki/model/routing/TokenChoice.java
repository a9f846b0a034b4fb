package dev.saiki.model.routing;

import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.TokenGate;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A routing in which each token chooses its depth once, before the first recursion.
///
/// A router gives every token a distribution g over the depths 1 … N; the token takes the number of recursions
/// with the largest component, ties going to the shallower depth. At each of its steps r the token's state H
/// becomes alpha · g_r · f(H), where f is the block, and at its last step the token's state before the first step
/// is added (MoR paper, section 2.2.1, equation 2.2). A setting can apply the factor alpha · g_r at the last step
/// only, or not at all. The choice depends on the token only, so the rule is causal in itself.
///
/// Balanced depths require either a loss or a bias. The loss is N/T · Σ count_i · mean(alpha · g_i), where count_i
/// of T tokens have chosen depth i. The bias is added to the scores for the choice only, and is adjusted after
/// every training step towards even load.
///
/// @param numRecursions the number of recursions N
/// @param setting the settings of the model
/// @param router the router, which scores all depths together
/// @param expertBias FLOAT32 `[N]` on the CPU, added to the scores for the choice of a depth, but for
///     nothing else
public record TokenChoice(int numRecursions, Routing.TokenChoice setting, RouterHead router, Tensor expertBias) {

    /// Runs the recursion.
    ///
    /// @param hidden `[B · T, hidden]`
    /// @param batch the number of sequences B
    /// @param time the length of a sequence T
    /// @param block the shared layers
    /// @param request the routing request
    /// @return the tokens' states, depths and the router's losses
    public RoutingResult run(Tensor hidden, int batch, int time, RecursiveBlock block, RoutingRequest request) {
        request.forced().require(batch, time, numRecursions);
        Tensor logits;
        try (ActiveTokens everyone = ActiveTokens.all(hidden.device(), batch, time)) {
            logits = router.logits(hidden, everyone);
        }
        Tensor distribution = switch (setting.router().function()) {
            case SOFTMAX -> Functional.softmax(logits, -1);
            case SIGMOID -> Functional.sigmoid(logits);
            case NONE, TANH -> throw new IllegalStateException("token choice needs softmax or sigmoid");
        };
        int steps = Math.min(numRecursions, request.maxDepth());
        Tensor meanProbabilities =
                distribution.mean(0).multiply(setting.router().alpha());
        float[] read = readTogether(distribution, meanProbabilities);
        float[] scores = Arrays.copyOf(read, batch * time * numRecursions);
        int[] chosen = chooseDepths(scores, steps, time, request);
        TokenDepths depths = new TokenDepths(batch, time);
        RoutingStatistics.Counts counts = new RoutingStatistics.Counts(numRecursions, time, true, true);
        Tensor state = hidden;
        for (int step = 0; step < steps; step++) {
            try (TensorScope scope = TensorScope.open();
                    ActiveTokens active = tokensAtLeastAsDeepAs(hidden.device(), step + 1, chosen, batch, time)) {
                if (active.isEmpty()) {
                    break;
                }
                depths.count(active);
                counts.countStep(step, active);
                Tensor update = update(step, hidden, state, distribution, active, chosen, block);
                state = scope.keep(active.isAll() ? update : state.replaceRows(active.rows(), update));
            }
        }
        RoutingLosses losses = RoutingLosses.zero(hidden.device());
        if (request.losses()) {
            counts.addProbabilities(Arrays.copyOfRange(read, scores.length, read.length), chosen.length);
            losses = losses(logits, meanProbabilities, counts);
        }
        return new RoutingResult(state, depths, losses, counts, List.of(), trace(scores, batch, time, request));
    }

    private static float[] readTogether(Tensor first, Tensor second) {
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            return Tensors.concatenate(List.of(first.reshape(-1), second.reshape(-1)), 0)
                    .toFloats();
        }
    }

    private Tensor update(
            int step,
            Tensor input,
            Tensor state,
            Tensor distribution,
            ActiveTokens active,
            int[] chosen,
            RecursiveBlock block) {
        Tensor rows = active.isAll() ? state : state.rows(active.rows());
        Tensor original = active.isAll() ? input : input.rows(active.rows());
        Tensor output = block.run(step, state, rows, active);
        Tensor last = lastStepMask(step, active, chosen);
        if (setting.router().gating() == Gating.WEIGHTED) {
            Tensor component = distribution.narrow(1, step, 1);
            Tensor gate = (active.isAll() ? component : component.rows(active.rows()))
                    .multiply(setting.router().alpha());
            if (setting.tokenGate() == TokenGate.LAST) {
                gate = gate.multiply(last).add(last.negate().add(1));
            }
            output = output.multiply(gate.to(output.dtype()));
        }
        return output.addProduct(original, last.to(output.dtype()));
    }

    private float[] bias() {
        return Tensors.segmentOf(expertBias).toArray(ValueLayout.JAVA_FLOAT);
    }

    /// Picks the depth with the largest alpha · g + bias, ties to the shallower; in warm-up the deepest.
    private int[] chooseDepths(float[] distribution, int steps, int time, RoutingRequest request) {
        int n = numRecursions;
        float[] bias = bias();
        int[] chosen = new int[distribution.length / n];
        for (int row = 0; row < chosen.length; row++) {
            int best = 0;
            double bestScore = Double.NEGATIVE_INFINITY;
            for (int depth = 0; depth < n; depth++) {
                double score = setting.router().alpha() * distribution[row * n + depth] + bias[depth];
                if (score > bestScore) {
                    best = depth;
                    bestScore = score;
                }
            }
            int forced = request.forced().at(row / time, row % time);
            int depth = forced == DepthOverrides.AS_ROUTED ? best + 1 : forced;
            chosen[row] = Math.min(request.everyTokenDeepest() ? n : depth, steps);
        }
        return chosen;
    }

    /// The router's score of each token and step, if requested.
    private Optional<RouterTrace> trace(float[] distribution, int batch, int time, RoutingRequest request) {
        if (!request.traced()) {
            return Optional.empty();
        }
        int n = numRecursions;
        float[] bias = bias();
        RouterTrace trace = new RouterTrace(n, batch, time);
        for (int row = 0; row < batch * time; row++) {
            for (int step = 1; step < n; step++) {
                double deeper = 0;
                double bestDeeper = Double.NEGATIVE_INFINITY;
                double bestOther = Double.NEGATIVE_INFINITY;
                for (int i = 0; i < n; i++) {
                    double score = distribution[row * n + i];
                    double chosenBy = setting.router().alpha() * score + bias[i];
                    deeper += i >= step ? score : 0;
                    bestDeeper = i >= step ? Math.max(bestDeeper, chosenBy) : bestDeeper;
                    bestOther = i < step ? Math.max(bestOther, chosenBy) : bestOther;
                }
                double confidence = deeper / (deeper + distribution[row * n + step - 1]);
                double margin = Math.log(bestDeeper) - Math.log(bestOther);
                trace.put(step, row / time, row % time, confidence, margin);
            }
        }
        return Optional.of(trace);
    }

    private static ActiveTokens tokensAtLeastAsDeepAs(Device device, int depth, int[] chosen, int batch, int time) {
        int[][] positions = new int[batch][];
        for (int b = 0; b < batch; b++) {
            int[] kept = new int[time];
            int count = 0;
            for (int t = 0; t < time; t++) {
                if (chosen[b * time + t] >= depth) {
                    kept[count++] = t;
                }
            }
            positions[b] = Arrays.copyOf(kept, count);
        }
        return ActiveTokens.of(device, time, positions);
    }

    /// FLOAT32 `[n, 1]`: 1 for tokens whose last step this is, otherwise 0.
    private static Tensor lastStepMask(int step, ActiveTokens active, int[] chosen) {
        float[] mask = new float[active.count()];
        int row = 0;
        for (int b = 0; b < active.batch(); b++) {
            for (int position : active.positions(b)) {
                mask[row++] = chosen[b * active.time() + position] == step + 1 ? 1 : 0;
            }
        }
        return Tensors.on(active.device()).of(mask, mask.length, 1);
    }

    private RoutingLosses losses(Tensor logits, Tensor meanProbabilities, RoutingStatistics.Counts counts) {
        int n = numRecursions;
        double[] load = counts.load();
        float[] fractions = new float[n];
        for (int i = 0; i < n; i++) {
            fractions[i] = (float) (n * load[i]);
        }
        RoutingLosses zero = RoutingLosses.zero(logits.device());
        return new RoutingLosses(
                zero.auxiliary(),
                Functional.logSumExp(logits, -1).square().mean(),
                meanProbabilities
                        .multiply(Tensors.like(logits).of(fractions, n))
                        .sum()
                        .to(DType.FLOAT32),
                zero.auxiliaryRouter());
    }
}
