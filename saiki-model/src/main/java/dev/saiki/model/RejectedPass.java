package dev.saiki.model;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingResult;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A second pass of a routed micro-batch, in which some rejected tokens take one more recursion.
///
/// The change in a rejected token's loss is the target for the router that rejected the token. All other tokens
/// are routed as in the first pass. A token that is sent on changes the context of the others, so only few are
/// sent on.
record RejectedPass(TrainingPass pass, GainSupervision router) {

    /// The outcome of the first pass over a micro-batch.
    ///
    /// @param ids INT64 `[B · T]`
    /// @param targets INT64 `[B · T]`
    /// @param batch the number of sequences B
    /// @param time the length of a sequence T
    /// @param request the routing request of the pass
    /// @param output the model's output
    /// @param ofTokens FLOAT32 `[B · T]`, the loss of each target, nats
    record First(
            Tensor ids,
            Tensor targets,
            int batch,
            int time,
            RoutingRequest request,
            RoutingResult output,
            Tensor ofTokens) {}

    /// Runs the pass if any token was rejected, and adds the gradient of the routers' loss to the model's.
    ///
    /// @return the loss, not multiplied by its coefficient, in the caller's scope: a mean over the tokens sent on,
    ///     summed over the steps; 0 if no tokens were sent on
    Tensor run(First first, RandomScores scores) {
        RecursiveTransformer model = pass.model();
        int recursions =
                Math.min(model.config().numRecursions(), first.request().maxDepth());
        List<int[]> forced = draw(first, recursions, scores);
        if (forced.stream().flatMapToInt(IntStream::of).allMatch(depth -> depth == DepthOverrides.AS_ROUTED)) {
            return Tensors.on(model.device()).scalar(0);
        }
        try (TensorScope scope = TensorScope.open();
                SentOn sentOn = new SentOn(forced)) {
            RoutingRequest request = RoutingRequest.evaluation(
                            RoutingRequest.Rule.CAUSAL,
                            first.request().maxDepth(),
                            first.request().effort())
                    .withForced(DepthOverrides.of(forced));
            Tensor hidden;
            HeadGradient head;
            try (Autograd _ = Autograd.off()) {
                hidden = model.forward(first.ids(), first.batch(), first.time(), request, sentOn)
                        .hidden();
                head = HeadGradient.of(hidden, model.head(), first.targets(), 0);
            }
            List<Tensor> losses = new ArrayList<>();
            for (int step = 1; step < recursions; step++) {
                @Nullable Tensor states = sentOn.states.get(step);
                if (states != null) {
                    Tensor rows = sentOn.rows(model.device(), step, first.time());
                    Tensor gains = gains(first, rows, hidden, head.ofTokens());
                    losses.add(new GainLoss(router.target()).ofStep(logits(step, states, sentOn, first.time()), gains));
                }
            }
            Optional<Tensor> loss = losses.stream().reduce(Tensor::add);
            // Frozen routers are not trained.
            loss.filter(Autograd::isRecorded)
                    .ifPresent(sum -> Autograd.backward(
                            pass.objective().ofRejected(sum, pass.microBatches() - pass.atFullDepth())));
            return scope.keep(loss.orElseGet(() -> Tensors.on(model.device()).scalar(0)));
        }
    }

    /// Draws some of the tokens below full depth and forces each to one more recursion, in the form of
    /// {@link DepthOverrides}.
    private List<int[]> draw(First first, int recursions, RandomScores scores) {
        List<int[]> forced = new ArrayList<>();
        for (int b = 0; b < first.batch(); b++) {
            int[] depths = first.output().depths().of(b);
            int[] row = new int[depths.length];
            for (int t = 0; t < row.length; t++) {
                boolean sent = depths[t] < recursions && scores.at(b, t, depths[t]) < router.rejectedShare();
                row[t] = sent ? depths[t] + 1 : DepthOverrides.AS_ROUTED;
            }
            forced.add(row);
        }
        return forced;
    }

    private Tensor logits(int step, Tensor states, SentOn sentOn, int time) {
        try (ActiveTokens tokens = ActiveTokens.of(states.device(), time, sentOn.positions(step))) {
            return pass.model().routerLogits(step, states, tokens);
        }
    }

    private Tensor gains(First first, Tensor rows, Tensor hidden, Tensor ofTokens) {
        return switch (router.target()) {
            case GainTarget.Divergence _ ->
                pass.model()
                        .divergence(
                                hidden.rows(rows),
                                Autograd.detach(first.output().hidden()).rows(rows));
            case GainTarget.Regression _, GainTarget.WeightedLabels _ ->
                first.ofTokens().rows(rows).subtract(ofTokens.rows(rows));
        };
    }

    /// The rejected tokens that are sent on, with the states that their routers read.
    private static final class SentOn implements RecursiveTransformer.StepObserver, AutoCloseable {

        private final List<int[]> forced;
        private final Map<Integer, Tensor> states = new HashMap<>();

        SentOn(List<int[]> forced) {
            this.forced = forced;
        }

        @Override
        public void onStep(int step, Tensor rows, ActiveTokens active) {
            List<Long> chosen = new ArrayList<>();
            long row = 0;
            for (int b = 0; b < active.batch(); b++) {
                for (int position : active.positions(b)) {
                    if (step > 0 && forced.get(b)[position] == step + 1) {
                        chosen.add(row);
                    }
                    row++;
                }
            }
            if (!chosen.isEmpty()) {
                long[] index = chosen.stream().mapToLong(Long::longValue).toArray();
                states.put(
                        step, TensorScope.release(rows.rows(Tensors.like(rows).of(index, index.length))));
            }
        }

        /// The positions of the tokens that are sent on to a step.
        int[][] positions(int step) {
            int[][] positions = new int[forced.size()][];
            for (int b = 0; b < positions.length; b++) {
                int[] row = forced.get(b);
                positions[b] = IntStream.range(0, row.length)
                        .filter(t -> row[t] == step + 1)
                        .toArray();
            }
            return positions;
        }

        /// The rows in the batch of the tokens that are sent on to a step: INT64 `[n]`, in batch order.
        Tensor rows(Device device, int step, int time) {
            int[][] positions = positions(step);
            long[] rows = IntStream.range(0, positions.length)
                    .boxed()
                    .flatMap(b -> IntStream.of(positions[b]).mapToObj(t -> (long) b * time + t))
                    .mapToLong(Long::longValue)
                    .toArray();
            return Tensors.on(device).of(rows, rows.length);
        }

        @Override
        public void close() {
            states.values().forEach(Tensor::close);
        }
    }
}
