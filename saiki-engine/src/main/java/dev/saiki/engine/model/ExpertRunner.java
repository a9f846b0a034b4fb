package dev.saiki.engine.model;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import dev.saiki.checkpoint.config.Activation;
import dev.saiki.checkpoint.config.Experts;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.kernel.WorkerPool;
import java.util.Arrays;

/// The arithmetic of mixtures of experts.
///
/// Each expert runs once for all the rows that chose it, so that its weights are read once. A row's outputs are added
/// in the order of the experts, so its sum does not depend on the other rows.
final class ExpertRunner {

    private final int hidden;
    private final int inner;
    private final Activation activation;
    private final WorkerPool workers;
    private final FlopCounter flops;
    private Buffers buffers = new Buffers(0, 0, 0);

    /// The buffers between the kernels.
    @SuppressWarnings("ArrayRecordComponent") // Scratch memory; never compared.
    private record Buffers(
            int rows, float[] gathered, float[] gateUp, float[] activated, float[] outputs, float[] sums) {

        Buffers(int rows, int hidden, int inner) {
            this(
                    rows,
                    new float[rows * hidden],
                    new float[rows * 2 * inner],
                    new float[rows * inner],
                    new float[rows * hidden],
                    new float[rows * hidden]);
        }
    }

    ExpertRunner(ModelConfig config, WorkerPool workers, FlopCounter flops) {
        this.hidden = config.hiddenSize();
        this.inner = config.intermediateSize();
        this.activation = config.architecture().family().activation();
        this.workers = workers;
        this.flops = flops;
    }

    /// Applies a mixture to rows.
    ///
    /// @param input `[n, hidden]`
    /// @param count number of rows, n
    /// @param output `[n, hidden]`, overwritten; may be the input
    void apply(FeedForwardWeights.Mixture mixture, float[] input, int count, float[] output) {
        if (buffers.rows() < count) {
            buffers = new Buffers(count, hidden, inner);
        }
        Experts rule = mixture.rule();
        ExpertChoices choices = choices(mixture, input, count);
        float[] sums = buffers.sums();
        Arrays.fill(sums, 0, count * hidden, 0);
        for (int expert = 0; expert < rule.count(); expert++) {
            int[] rows = choices.rowsOf(expert);
            if (rows.length > 0) {
                for (int i = 0; i < rows.length; i++) {
                    System.arraycopy(input, rows[i] * hidden, buffers.gathered(), i * hidden, hidden);
                }
                run(mixture.networks().get(expert), rows.length);
                for (int i = 0; i < rows.length; i++) {
                    addTo(sums, rows[i], i, choices.weight(rows[i], expert));
                }
            }
        }
        System.arraycopy(sums, 0, output, 0, count * hidden);
    }

    private ExpertChoices choices(FeedForwardWeights.Mixture mixture, float[] input, int count) {
        int experts = mixture.rule().count();
        float[] scores = new float[count * experts];
        mixture.gate().multiply(input, count, scores, workers);
        flops.linear(count, hidden, experts);
        return ExpertChoices.of(mixture.rule(), scores);
    }

    private void run(FeedForwardWeights.Network network, int count) {
        network.gateUp().apply(buffers.gathered(), count, buffers.gateUp(), workers);
        ROWS.activate(activation, buffers.gateUp(), buffers.activated(), 0, count, inner);
        network.down().apply(buffers.activated(), count, buffers.outputs(), workers);
        flops.linear(count, hidden, network.gateUp().matrix().outputs());
        flops.linear(count, inner, hidden);
    }

    private void addTo(float[] sums, int row, int place, float weight) {
        float[] outputs = buffers.outputs();
        int from = place * hidden;
        int to = row * hidden;
        for (int i = 0; i < hidden; i++) {
            sums[to + i] += weight * outputs[from + i];
        }
    }
}
