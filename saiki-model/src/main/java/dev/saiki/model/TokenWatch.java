package dev.saiki.model;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A record of one forward pass at selected positions.
final class TokenWatch implements RecursiveTransformer.StepObserver {

    private final List<int[]> positions;
    private final List<List<List<float[]>>> inputs = new ArrayList<>();

    /// Creates a record.
    ///
    /// @param positions one row per sequence
    TokenWatch(List<int[]> positions) {
        this.positions = positions;
        for (int[] row : positions) {
            List<List<float[]>> ofRow = new ArrayList<>();
            for (int i = 0; i < row.length; i++) {
                ofRow.add(new ArrayList<>());
            }
            inputs.add(ofRow);
        }
    }

    @Override
    public void onStep(int step, Tensor rows, ActiveTokens active) {
        List<Long> found = new ArrayList<>();
        List<List<float[]>> owners = new ArrayList<>();
        long first = 0;
        for (int b = 0; b < positions.size(); b++) {
            int[] taken = active.positions(b);
            for (int i = 0; i < positions.get(b).length; i++) {
                int place = Arrays.binarySearch(taken, positions.get(b)[i]);
                if (place >= 0) {
                    found.add(first + place);
                    owners.add(inputs.get(b).get(i));
                }
            }
            first += taken.length;
        }
        if (found.isEmpty()) {
            return;
        }
        List<float[]> states = split(floats(rows, found), found.size());
        for (int i = 0; i < owners.size(); i++) {
            owners.get(i).add(states.get(i));
        }
    }

    /// Computes the predictions from the last hidden states.
    ///
    /// @param hidden `[B · T, hidden]`, normalised
    /// @param time the length of a sequence T
    /// @return the watched tokens of each sequence
    List<List<WatchedToken>> tokens(RecursiveTransformer model, Tensor hidden, int time) {
        List<List<WatchedToken>> tokens = new ArrayList<>();
        int max = ContinuationLogits.rowsAtOnce(model.config());
        for (int b = 0; b < positions.size(); b++) {
            int[] own = positions.get(b);
            List<WatchedToken> ofRow = new ArrayList<>();
            for (int from = 0; from < own.length; from += max) {
                int to = Math.min(own.length, from + max);
                List<Long> rows = new ArrayList<>();
                for (int i = from; i < to; i++) {
                    rows.add((long) b * time + own[i]);
                }
                List<float[]> logprobs = split(logprobs(model, hidden, rows), rows.size());
                for (int i = from; i < to; i++) {
                    ofRow.add(new WatchedToken(own[i], inputs.get(b).get(i), logprobs.get(i - from)));
                }
            }
            tokens.add(ofRow);
        }
        return tokens;
    }

    private static float[] logprobs(RecursiveTransformer model, Tensor hidden, List<Long> rows) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor logits = model.logits(hidden.rows(index(hidden, rows))).to(DType.FLOAT32);
            return Functional.logSoftmax(logits, -1).toFloats();
        }
    }

    private static float[] floats(Tensor all, List<Long> rows) {
        try (TensorScope _ = TensorScope.open()) {
            return all.rows(index(all, rows)).to(DType.FLOAT32).toFloats();
        }
    }

    private static Tensor index(Tensor beside, List<Long> rows) {
        return Tensors.like(beside).of(rows.stream().mapToLong(Long::longValue).toArray(), rows.size());
    }

    private static List<float[]> split(float[] values, int rows) {
        int width = values.length / rows;
        return IntStream.range(0, rows)
                .mapToObj(row -> Arrays.copyOfRange(values, row * width, (row + 1) * width))
                .toList();
    }
}
