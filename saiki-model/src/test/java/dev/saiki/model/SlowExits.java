package dev.saiki.model;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/// A slow implementation of early exits by their definition, for tests: one token after another in double
/// precision, each through the layers until it exits.
final class SlowExits {

    private final ModelConfig config;
    private final LayerMap map;
    private final EarlyExit exit;
    private final Map<String, float[]> weights = new HashMap<>();
    private final Map<Integer, List<double[]>> keys = new HashMap<>();
    private final Map<Integer, List<double[]>> values = new HashMap<>();

    SlowExits(ModelWeights weights, EarlyExit exit) {
        this.config = weights.config();
        this.map = config.layerMap();
        this.exit = exit;
        weights.parameters().forEach((name, tensor) -> this.weights.put(name, tensor.toFloats()));
    }

    /// The result for the last token of a text.
    ///
    /// @param leftAfter the number of layers that the token passed before it exited
    /// @param logprobs the log-probabilities of the next token
    /// @param margin the smallest distance of any token's confidence from the threshold
    @SuppressWarnings("ArrayRecordComponent") // A carrier of results that nothing compares.
    record Fate(int leftAfter, double[] logprobs, double margin) {}

    /// Reads a text from its beginning.
    Fate last(int[] ids) {
        keys.clear();
        values.clear();
        Fate fate = token(ids[0], 0);
        double margin = fate.margin;
        for (int position = 1; position < ids.length; position++) {
            fate = token(ids[position], position);
            margin = Math.min(margin, fate.margin);
        }
        return new Fate(fate.leftAfter, fate.logprobs, margin);
    }

    private Fate token(int id, int position) {
        int hidden = config.hiddenSize();
        double[] state = IntStream.range(0, hidden)
                .mapToDouble(i -> of(ParameterNames.EMBEDDING)[id * hidden + i])
                .toArray();
        double[] earlier = state;
        int left = map.numUnrolled();
        double margin = Double.POSITIVE_INFINITY;
        for (int layer = 0; layer < map.numUnrolled(); layer++) {
            int unique = map.uniqueOf().get(layer);
            boolean firstUse = map.uniqueOf().indexOf(unique) == layer;
            boolean shares = config.kvSharing() == KeyValueSharing.RECURSIVE;
            int cache = shares ? unique : layer;
            String name = "model.layers." + unique + ".";
            double[] normalised = normalised(state, name + "input_layernorm.weight");
            if (firstUse || !shares) {
                double[] key = times(name + "self_attn.k_proj.weight", normalised);
                rotate(key, position);
                keys.computeIfAbsent(cache, _ -> new ArrayList<>()).add(key);
                values.computeIfAbsent(cache, _ -> new ArrayList<>())
                        .add(times(name + "self_attn.v_proj.weight", normalised));
            }
            if (left < layer + 1 && !exit.points().isForEveryone(layer, map.numUnrolled())) {
                continue;
            }
            state = plus(state, times(name + "self_attn.o_proj.weight", attended(normalised, position, cache, name)));
            state = plus(state, feedForward(normalised(state, name + "post_attention_layernorm.weight"), name));
            if (left > layer && exit.points().afterLayers().contains(layer + 1)) {
                double confidence = confidence(state, earlier);
                margin = Math.min(margin, Math.abs(confidence - exit.threshold()));
                left = confidence >= exit.threshold() ? layer + 1 : left;
                earlier = state;
            }
        }
        return new Fate(left, logprobs(state), margin);
    }

    private double confidence(double[] state, double[] earlier) {
        return switch (exit.confidence()) {
            case SOFTMAX -> {
                double[] sorted = logprobs(state);
                Arrays.sort(sorted);
                yield Math.exp(sorted[sorted.length - 1]) - Math.exp(sorted[sorted.length - 2]);
            }
            case SATURATION -> dot(state, earlier) / Math.sqrt(dot(state, state) * dot(earlier, earlier));
        };
    }

    private double[] logprobs(double[] state) {
        double[] logits = times(ParameterNames.EMBEDDING, normalised(state, ParameterNames.FINAL_NORM));
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit);
        }
        double logSum = Math.log(sum);
        return IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i] - logSum)
                .toArray();
    }

    private double[] attended(double[] normalised, int position, int cache, String name) {
        double[] query = times(name + "self_attn.q_proj.weight", normalised);
        rotate(query, position);
        int width = config.headDim();
        int group = config.numAttentionHeads() / config.numKeyValueHeads();
        List<double[]> allKeys = Objects.requireNonNull(keys.get(cache));
        List<double[]> allValues = Objects.requireNonNull(values.get(cache));
        double[] result = new double[query.length];
        for (int head = 0; head < config.numAttentionHeads(); head++) {
            int from = head / group * width;
            double[] shares = new double[allKeys.size()];
            double sum = 0;
            for (int t = 0; t < shares.length; t++) {
                double score = 0;
                for (int i = 0; i < width; i++) {
                    score += query[head * width + i] * allKeys.get(t)[from + i];
                }
                shares[t] = Math.exp(score / Math.sqrt(width));
                sum += shares[t];
            }
            for (int t = 0; t < shares.length; t++) {
                for (int i = 0; i < width; i++) {
                    result[head * width + i] += shares[t] / sum * allValues.get(t)[from + i];
                }
            }
        }
        return result;
    }

    private double[] feedForward(double[] normalised, String name) {
        double[] gate = times(name + "mlp.gate_proj.weight", normalised);
        double[] up = times(name + "mlp.up_proj.weight", normalised);
        for (int i = 0; i < gate.length; i++) {
            up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
        }
        return times(name + "mlp.down_proj.weight", up);
    }

    private void rotate(double[] heads, int position) {
        int half = config.headDim() / 2;
        for (int head = 0; head < heads.length / (2 * half); head++) {
            for (int i = 0; i < half; i++) {
                double angle = position * Math.pow(config.ropeTheta(), -(double) i / half);
                int at = head * 2 * half + i;
                double first = heads[at];
                double second = heads[at + half];
                heads[at] = first * Math.cos(angle) - second * Math.sin(angle);
                heads[at + half] = second * Math.cos(angle) + first * Math.sin(angle);
            }
        }
    }

    private double[] normalised(double[] state, String norm) {
        double scale = 1 / Math.sqrt(dot(state, state) / state.length + config.rmsNormEps());
        float[] weight = of(norm);
        return IntStream.range(0, state.length)
                .mapToDouble(i -> state[i] * scale * weight[i])
                .toArray();
    }

    private double[] times(String name, double[] input) {
        float[] matrix = of(name);
        double[] result = new double[matrix.length / input.length];
        for (int row = 0; row < result.length; row++) {
            for (int i = 0; i < input.length; i++) {
                result[row] += matrix[row * input.length + i] * input[i];
            }
        }
        return result;
    }

    private float[] of(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    private static double[] plus(double[] left, double[] right) {
        return IntStream.range(0, left.length)
                .mapToDouble(i -> left[i] + right[i])
                .toArray();
    }

    private static double dot(double[] left, double[] right) {
        return IntStream.range(0, left.length)
                .mapToDouble(i -> left[i] * right[i])
                .sum();
    }
}
