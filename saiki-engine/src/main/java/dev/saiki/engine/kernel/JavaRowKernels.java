package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.config.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// The operations on rows with the Vector API. A sum is one chain for each lane, then the lanes in their fixed
/// order, then the remainder one by one.
final class JavaRowKernels implements RowKernels {

    /// The number of vectors whose exponentials are added in float32 before their sum is added to the
    /// double-precision sum.
    private static final int VECTORS_A_BLOCK = 32;

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int whole = Lanes.FLOATS.loopBound(count);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, a, aFrom + i);
            sums = x.fma(FloatVector.fromArray(Lanes.FLOATS, b, bFrom + i), sums);
        }
        float[] lanes = new float[Lanes.COUNT];
        sums.intoArray(lanes, 0);
        float sum = Lanes.sum(lanes, 0);
        for (int i = whole; i < count; i++) {
            sum = Math.fma(a[aFrom + i], b[bFrom + i], sum);
        }
        return sum;
    }

    @Override
    public void normalise(float[] input, int first, int count, int width, float[] weight, double eps, float[] output) {
        for (int row = first; row < first + count; row++) {
            int from = row * width;
            double mean = (double) dot(input, from, input, from, width) / width;
            scale(input, from, width, weight, (float) (1 / Math.sqrt(mean + eps)), output);
        }
    }

    private static void scale(float[] input, int from, int width, float[] weight, float factor, float[] output) {
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        int whole = Lanes.FLOATS.loopBound(width);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, input, from + i);
            FloatVector scaled = x.mul(factors).mul(FloatVector.fromArray(Lanes.FLOATS, weight, i));
            scaled.intoArray(output, from + i);
        }
        for (int i = whole; i < width; i++) {
            output[from + i] = input[from + i] * factor * weight[i];
        }
    }

    @Override
    public void activate(Activation activation, float[] gateAndUp, float[] output, int first, int count, int inner) {
        int whole = Lanes.FLOATS.loopBound(inner);
        for (int row = first; row < first + count; row++) {
            int from = row * 2 * inner;
            gate(activation, gateAndUp, from, from + inner, whole, output, row * inner);
            if (whole < inner) {
                gateRest(activation, gateAndUp, from, inner, whole, output, row * inner);
            }
        }
    }

    private static void gate(
            Activation activation, float[] gateAndUp, int gate, int up, int count, float[] output, int to) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gateAndUp, gate + i);
            FloatVector p = switch (activation) {
                case SILU -> g;
                case GELU ->
                    g.mul(g)
                            .fma(
                                    FloatVector.broadcast(Lanes.FLOATS, GELU_CUBIC),
                                    FloatVector.broadcast(Lanes.FLOATS, GELU_LINEAR))
                            .mul(g);
            };
            FloatVector activated = g.div(Exponential.of(p.neg()).add(1));
            activated
                    .mul(FloatVector.fromArray(Lanes.FLOATS, gateAndUp, up + i))
                    .intoArray(output, to + i);
        }
    }

    /// Processes the remainder at the end of a row, with the same arithmetic.
    private static void gateRest(
            Activation activation, float[] gateAndUp, int from, int inner, int whole, float[] output, int to) {
        int count = inner - whole;
        float[] rest = new float[2 * Lanes.COUNT];
        System.arraycopy(gateAndUp, from + whole, rest, 0, count);
        System.arraycopy(gateAndUp, from + inner + whole, rest, Lanes.COUNT, count);
        float[] gated = new float[Lanes.COUNT];
        gate(activation, rest, 0, Lanes.COUNT, Lanes.COUNT, gated, 0);
        System.arraycopy(gated, 0, output, to + whole, count);
    }

    @Override
    public void addWeighted(float[] weights, float[] rows, int width, float[] sums, int to) {
        int whole = Lanes.FLOATS.loopBound(width);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, to + i);
            for (int row = 0; row < weights.length; row++) {
                FloatVector part = FloatVector.fromArray(Lanes.FLOATS, rows, row * width + i);
                sum = part.fma(FloatVector.broadcast(Lanes.FLOATS, weights[row]), sum);
            }
            sum.intoArray(sums, to + i);
        }
        for (int i = whole; i < width; i++) {
            for (int row = 0; row < weights.length; row++) {
                sums[to + i] = Math.fma(rows[row * width + i], weights[row], sums[to + i]);
            }
        }
    }

    @Override
    public float largest(float[] logits) {
        FloatVector most = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        int whole = Lanes.FLOATS.loopBound(logits.length);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            most = most.max(FloatVector.fromArray(Lanes.FLOATS, logits, i));
        }
        float largest = most.reduceLanes(VectorOperators.MAX);
        for (int i = whole; i < logits.length; i++) {
            largest = Math.max(largest, logits[i]);
        }
        return largest;
    }

    @Override
    public double exponentialSum(float[] logits, float highest) {
        float[] lanes = new float[Lanes.COUNT];
        int whole = Lanes.FLOATS.loopBound(logits.length);
        int block = VECTORS_A_BLOCK * Lanes.COUNT;
        double sum = 0;
        for (int from = 0; from < whole; from += block) {
            FloatVector sums = FloatVector.zero(Lanes.FLOATS);
            for (int i = from; i < Math.min(whole, from + block); i += Lanes.COUNT) {
                sums = sums.add(Exponential.of(
                        FloatVector.fromArray(Lanes.FLOATS, logits, i).sub(highest)));
            }
            sums.intoArray(lanes, 0);
            sum += Lanes.sum(lanes, 0);
        }
        return sum + exponentialsFrom(whole, logits, highest);
    }

    /// Adds up the exponentials of the logits from an index on, in double precision.
    static double exponentialsFrom(int from, float[] logits, float highest) {
        double sum = 0;
        for (int i = from; i < logits.length; i++) {
            sum += Math.exp(logits[i] - (double) highest);
        }
        return sum;
    }
}
