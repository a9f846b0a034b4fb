package dev.saiki.model;

import dev.saiki.checkpoint.config.Activation;
import dev.saiki.checkpoint.config.Experts;
import dev.saiki.model.attention.Linear;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The part of a layer that follows attention.
sealed interface FeedForward {

    /// Applies the network to rows.
    ///
    /// @param input `[n, hidden]`
    /// @return `[n, hidden]`
    Tensor apply(Tensor input, Activation activation);

    /// One network: down(f(gate) · up) with the activation f, or without a gate down(f(up)).
    ///
    /// @param gateUp `[2 · intermediate, hidden]`, or without a gate `[intermediate, hidden]`
    /// @param down `[hidden, intermediate]`
    record Network(Linear gateUp, Linear down) implements FeedForward {

        @Override
        public Tensor apply(Tensor input, Activation activation) {
            long inner = down.parts().getFirst().weight().size(1);
            List<Tensor> gateAndUp = gateUp.apply(input).split(-1, inner);
            Tensor gate = gateAndUp.getFirst();
            Tensor activated = switch (activation) {
                case SILU -> Functional.silu(gate);
                case GELU -> Functional.geluByTanh(gate);
            };
            return down.apply(gateAndUp.size() == 1 ? activated : activated.multiply(gateAndUp.getLast()));
        }
    }

    /// A mixture of experts, each of which runs once, on the rows that chose it.
    ///
    /// The choice is made on the host, so each layer waits for the gate's scores. Gradients reach the gate through
    /// the weights of the chosen experts; no loss balances the choice.
    ///
    /// @param rule the number of experts, and of those that a row chooses
    /// @param gate `[experts, hidden]`
    /// @param networks the experts
    record Mixture(Experts rule, Tensor gate, List<Network> networks) implements FeedForward {

        /// Copies the list.
        public Mixture {
            networks = List.copyOf(networks);
        }

        @Override
        public Tensor apply(Tensor input, Activation activation) {
            Tensor scores = Functional.linear(input.to(DType.FLOAT32), gate.to(DType.FLOAT32));
            int[][] chosen = chosen(scores);
            Tensor weights = Functional.softmax(rule.renormalised() ? masked(scores, chosen) : scores, -1);
            List<Tensor> outputs = new ArrayList<>();
            List<Tensor> places = new ArrayList<>();
            for (int expert = 0; expert < networks.size(); expert++) {
                long[] rows = rowsOf(expert, chosen);
                if (rows.length > 0) {
                    Tensor index = Tensors.on(input.device()).of(rows, rows.length);
                    Tensor output = networks.get(expert).apply(input.rows(index), activation);
                    Tensor weight = weights.rows(index).narrow(1, expert, 1).to(output.dtype());
                    outputs.add(output.multiply(weight));
                    places.add(index);
                }
            }
            Tensor zeros = Tensors.on(input.device()).zeros(input.dtype(), input.shape());
            return outputs.isEmpty()
                    ? zeros
                    : zeros.addRows(Tensors.concatenate(places, 0), Tensors.concatenate(outputs, 0));
        }

        /// The experts with the largest scores for each row; the first ones among equals.
        private int[][] chosen(Tensor scores) {
            float[] values = scores.toFloats();
            int experts = networks.size();
            int[][] chosen = new int[values.length / experts][];
            for (int row = 0; row < chosen.length; row++) {
                int from = row * experts;
                chosen[row] = IntStream.range(0, experts)
                        .boxed()
                        .sorted(Comparator.comparingDouble(expert -> -values[from + expert]))
                        .limit(rule.chosen())
                        .mapToInt(expert -> expert)
                        .toArray();
            }
            return chosen;
        }

        /// The scores of the chosen experts, and minus infinity for the others.
        private Tensor masked(Tensor scores, int[][] chosen) {
            int experts = networks.size();
            float[] added = new float[chosen.length * experts];
            Arrays.fill(added, Float.NEGATIVE_INFINITY);
            for (int row = 0; row < chosen.length; row++) {
                for (int expert : chosen[row]) {
                    added[row * experts + expert] = 0;
                }
            }
            return scores.add(Tensors.on(scores.device()).of(added, chosen.length, experts));
        }

        private static long[] rowsOf(int expert, int[][] chosen) {
            return IntStream.range(0, chosen.length)
                    .filter(row -> Arrays.stream(chosen[row]).anyMatch(other -> other == expert))
                    .asLongStream()
                    .toArray();
        }
    }
}
