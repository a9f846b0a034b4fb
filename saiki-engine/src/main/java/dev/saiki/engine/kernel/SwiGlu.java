package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;

/// The gated activation of the feed-forward layer: silu(gate) · up, with silu(g) = g / (1 + e^-g).
public final class SwiGlu {

    private SwiGlu() {}

    /// Computes the activation of rows.
    ///
    /// @param gateAndUp `[n, 2 · inner]`, with the gate first in each row
    /// @param output `[n, inner]`; receives the processed rows, at the same indices
    /// @param first index of the first row to process
    /// @param count number of rows
    /// @param inner length of an output row
    public static void activate(float[] gateAndUp, float[] output, int first, int count, int inner) {
        int whole = Lanes.FLOATS.loopBound(inner);
        for (int row = first; row < first + count; row++) {
            int from = row * 2 * inner;
            gate(gateAndUp, from, from + inner, whole, output, row * inner);
            if (whole < inner) {
                gateRest(gateAndUp, from, inner, whole, output, row * inner);
            }
        }
    }

    private static void gate(float[] gateAndUp, int gate, int up, int count, float[] output, int to) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gateAndUp, gate + i);
            FloatVector silu = g.div(Exponential.of(g.neg()).add(1));
            silu.mul(FloatVector.fromArray(Lanes.FLOATS, gateAndUp, up + i)).intoArray(output, to + i);
        }
    }

    /// Processes the remainder at the end of a row, with the same arithmetic.
    private static void gateRest(float[] gateAndUp, int from, int inner, int whole, float[] output, int to) {
        int count = inner - whole;
        float[] rest = new float[2 * Lanes.COUNT];
        System.arraycopy(gateAndUp, from + whole, rest, 0, count);
        System.arraycopy(gateAndUp, from + inner + whole, rest, Lanes.COUNT, count);
        float[] gated = new float[Lanes.COUNT];
        gate(rest, 0, Lanes.COUNT, Lanes.COUNT, gated, 0);
        System.arraycopy(gated, 0, output, to + whole, count);
    }
}
