package dev.saiki.model;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A forward pass in which tokens exit between layers.
///
/// Every layer computes all tokens; after it, the pass restores the states of exited tokens. Later layers thus
/// compute the right keys and values from these states without special treatment. The pass therefore shows the
/// effect of early exits on a model's predictions, but not on its speed; {@link
/// dev.saiki.checkpoint.accounting.EarlyExitCost} counts the cost with early exits.
final class EarlyExitPass implements RecursiveTransformer.BetweenLayers {

    private final RecursiveTransformer model;
    private final EarlyExit exit;
    private final int numLayers;
    private final int[] leftAfter;
    private final List<float[]> confidences = new ArrayList<>();
    private @Nullable Tensor stateAtLastExit;

    /// Creates a pass.
    ///
    /// @param tokens the number of tokens in the batch
    EarlyExitPass(RecursiveTransformer model, EarlyExit exit, int tokens) {
        this.model = model;
        this.exit = exit;
        this.numLayers = model.config().layerMap().numUnrolled();
        this.leftAfter = new int[tokens];
        Arrays.fill(leftAfter, numLayers);
    }

    @Override
    public Tensor states(int layers, Tensor before, Tensor after) {
        if (stateAtLastExit == null) {
            stateAtLastExit = before;
        }
        Tensor state = exit.points().isForEveryone(layers - 1, numLayers) ? after : withExited(before, after);
        if (exit.points().afterLayers().contains(layers)) {
            exitTokens(layers, state, stateAtLastExit);
            stateAtLastExit = state;
        }
        return state;
    }

    private Tensor withExited(Tensor before, Tensor after) {
        long[] gone = IntStream.range(0, leftAfter.length)
                .filter(row -> leftAfter[row] < numLayers)
                .asLongStream()
                .toArray();
        if (gone.length == 0) {
            return after;
        }
        Tensor rows = Tensors.on(model.device()).of(gone, gone.length);
        return after.replaceRows(rows, before.rows(rows));
    }

    private void exitTokens(int layers, Tensor state, Tensor earlier) {
        float[] confidence = new float[leftAfter.length];
        Arrays.fill(confidence, Float.NaN);
        int[] candidates = IntStream.range(0, leftAfter.length)
                .filter(row -> leftAfter[row] == numLayers)
                .toArray();
        int max = ContinuationLogits.rowsAtOnce(model.config());
        for (int from = 0; from < candidates.length; from += max) {
            int[] rows = Arrays.copyOfRange(candidates, from, Math.min(candidates.length, from + max));
            float[] values = confidence(state, earlier, rows);
            for (int i = 0; i < rows.length; i++) {
                confidence[rows[i]] = values[i];
                if (values[i] >= exit.threshold()) {
                    leftAfter[rows[i]] = layers;
                }
            }
        }
        confidences.add(confidence);
    }

    private float[] confidence(Tensor state, Tensor earlier, int[] rows) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor index = Tensors.on(model.device())
                    .of(IntStream.of(rows).asLongStream().toArray(), rows.length);
            Tensor states = state.rows(index);
            return switch (exit.confidence()) {
                case SOFTMAX -> gaps(model.logits(model.normalised(states)).to(DType.FLOAT32));
                case SATURATION ->
                    cosines(states.to(DType.FLOAT32), earlier.rows(index).to(DType.FLOAT32));
            };
        }
    }

    /// The largest probability minus the second largest.
    private static float[] gaps(Tensor logits) {
        float[] two = Functional.softmax(logits, -1).greatest(2).toFloats();
        float[] gaps = new float[two.length / 2];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = two[2 * i] - two[2 * i + 1];
        }
        return gaps;
    }

    private static float[] cosines(Tensor states, Tensor others) {
        float[] products = states.multiply(others).mean(1).toFloats();
        float[] squares = states.square().mean(1).toFloats();
        float[] otherSquares = others.square().mean(1).toFloats();
        float[] cosines = new float[products.length];
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = (float) (products[i] / Math.sqrt((double) squares[i] * otherSquares[i]));
        }
        return cosines;
    }

    /// Returns, for each of the first `tokens` tokens of a row, the number of layers that it passed before its
    /// exit.
    int[] leftAfter(int firstRow, int tokens) {
        return Arrays.copyOfRange(leftAfter, firstRow, firstRow + tokens);
    }

    /// The confidences of the first `tokens` tokens of a row of the batch, one array per exit point.
    List<float[]> confidences(int firstRow, int tokens) {
        return confidences.stream()
                .map(all -> Arrays.copyOfRange(all, firstRow, firstRow + tokens))
                .toList();
    }
}
