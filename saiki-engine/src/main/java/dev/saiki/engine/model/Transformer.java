package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.kernel.RmsNorm;
import dev.saiki.engine.kernel.SwiGlu;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WorkerPool;
import java.util.List;

/// The layers of a model, run over rows: Llama's layer, with keys and values in pages.
///
/// The buffers between the kernels are kept and grow to the largest batch that was seen. Used by one thread,
/// which hands parts to the workers.
final class Transformer {

    private final EngineWeights weights;
    private final ModelConfig config;
    private final Rotary rotary;
    private final Attention attention;
    private final WorkerPool workers;
    private final FlopCounter flops;
    private Buffers buffers = new Buffers(0, 0, 0, 0, 0);

    /// The buffers between the kernels of a layer.
    @SuppressWarnings("ArrayRecordComponent") // Scratch memory that nothing compares.
    private record Buffers(
            int rows,
            float[] normalised,
            float[] queries,
            float[] keyValues,
            float[] attended,
            float[] gateUp,
            float[] activated) {

        Buffers(int rows, int hidden, int queryWidth, int keyValueWidth, int inner) {
            this(
                    rows,
                    new float[rows * hidden],
                    new float[rows * queryWidth],
                    new float[rows * keyValueWidth],
                    new float[rows * queryWidth],
                    new float[rows * 2 * inner],
                    new float[rows * inner]);
        }
    }

    Transformer(EngineWeights weights, WorkerPool workers, FlopCounter flops) {
        this.weights = weights;
        this.config = weights.config();
        this.rotary = new Rotary(config.headDim(), config.maxPositionEmbeddings(), config.ropeTheta());
        this.attention = new Attention(
                config.numAttentionHeads(),
                config.numKeyValueHeads(),
                config.headDim(),
                config.maxPositionEmbeddings());
        this.workers = workers;
        this.flops = flops;
    }

    /// Runs one layer in place.
    ///
    /// @param unique whose weights
    /// @param cacheLayer index in the rows' stores
    /// @param batch the rows
    void layer(int unique, int cacheLayer, RowBatch batch) {
        LayerWeights layer = weights.layers().get(unique);
        Buffers scratch = buffersFor(batch.count());
        float[] states = batch.states();
        normalise(states, batch.count(), layer.attentionNorm(), scratch.normalised());
        project(layer.query(), scratch.normalised(), batch.count(), scratch.queries());
        project(layer.keyValue(), scratch.normalised(), batch.storing(), scratch.keyValues());
        rotateAndStore(batch, cacheLayer, scratch);
        attention.attend(batch.rows(), cacheLayer, scratch.queries(), scratch.attended(), workers);
        flops.attention(queryWidth(), Attention.keysSeen(batch.rows()));
        project(layer.output(), scratch.attended(), batch.count(), scratch.normalised());
        add(states, scratch.normalised(), batch.count() * config.hiddenSize());
        feedForward(layer, states, batch.count(), scratch);
    }

    /// SwiGLU: down(silu(gate) · up).
    private void feedForward(LayerWeights layer, float[] states, int count, Buffers scratch) {
        normalise(states, count, layer.feedForwardNorm(), scratch.normalised());
        project(layer.gateUp(), scratch.normalised(), count, scratch.gateUp());
        int inner = config.intermediateSize();
        inRanges(count, (first, rows) -> SwiGlu.activate(scratch.gateUp(), scratch.activated(), first, rows, inner));
        project(layer.down(), scratch.activated(), count, scratch.normalised());
        add(states, scratch.normalised(), count * config.hiddenSize());
    }

    /// Normalises rows with the model's last norm.
    ///
    /// @param states `[n, hidden]`
    /// @param count n
    /// @param normalised `[n, hidden]`, overwritten
    void finalNorm(float[] states, int count, float[] normalised) {
        normalise(states, count, weights.finalNorm(), normalised);
    }

    /// Scores the vocabulary.
    ///
    /// @param normalised `[n, hidden]`
    /// @param count n
    /// @param logits `[n, V]`, overwritten
    void head(float[] normalised, int count, float[] logits) {
        weights.head().multiply(normalised, count, logits, workers);
        flops.head(count, config.hiddenSize(), config.vocabSize());
    }

    private void project(WeightMatrix matrix, float[] rows, int count, float[] products) {
        if (count > 0) {
            matrix.multiply(rows, count, products, workers);
            flops.linear(count, matrix.inputs(), matrix.outputs());
        }
    }

    private void normalise(float[] states, int count, float[] weight, float[] normalised) {
        int hidden = config.hiddenSize();
        inRanges(
                count,
                (first, rows) ->
                        RmsNorm.normalise(states, first, rows, hidden, weight, config.rmsNormEps(), normalised));
    }

    private void rotateAndStore(RowBatch batch, int cacheLayer, Buffers scratch) {
        inRanges(batch.count(), (first, rows) -> {
            for (int row = first; row < first + rows; row++) {
                rotateAndStore(batch.rows().get(row), row, row < batch.storing(), cacheLayer, scratch);
            }
        });
    }

    private void rotateAndStore(Row row, int index, boolean stores, int cacheLayer, Buffers scratch) {
        int headDim = config.headDim();
        int heads = config.numKeyValueHeads();
        for (int head = 0; head < config.numAttentionHeads(); head++) {
            rotary.rotate(scratch.queries(), index * queryWidth() + head * headDim, row.position());
        }
        KeyValueStore store = row.store();
        if (!stores || store == null) {
            return;
        }
        for (int head = 0; head < heads; head++) {
            int key = (index * 2 * heads + head) * headDim;
            int value = key + heads * headDim;
            rotary.rotate(scratch.keyValues(), key, row.position());
            store.put(cacheLayer, head, row.slot(), scratch.keyValues(), key, value);
        }
    }

    private static void add(float[] states, float[] change, int count) {
        for (int i = 0; i < count; i++) {
            states[i] += change[i];
        }
    }

    /// A loop over consecutive rows.
    @FunctionalInterface
    private interface RangeBody {
        void run(int first, int rows);
    }

    /// Rows that a thread takes at once: few enough to share a prompt, enough that the joins do not count.
    private static final int ROWS_PER_PART = 8;

    private void inRanges(int count, RangeBody range) {
        workers.run(Math.ceilDiv(count, ROWS_PER_PART), part -> {
            int first = part * ROWS_PER_PART;
            range.run(first, Math.min(ROWS_PER_PART, count - first));
        });
    }

    private int queryWidth() {
        return config.numAttentionHeads() * config.headDim();
    }

    private Buffers buffersFor(int rows) {
        if (buffers.rows() < rows) {
            buffers = new Buffers(
                    rows,
                    config.hiddenSize(),
                    queryWidth(),
                    2 * config.numKeyValueHeads() * config.headDim(),
                    config.intermediateSize());
        }
        return buffers;
    }

    /// Gathers the states of rows.
    ///
    /// @param rows the tokens
    /// @param states receives them
    void gather(List<Row> rows, float[] states) {
        int hidden = config.hiddenSize();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            System.arraycopy(row.chunk().states, row.chunk().stateOf(row.token()), states, i * hidden, hidden);
        }
    }

    /// Puts the states of rows back.
    ///
    /// @param rows the tokens
    /// @param states where they are
    void scatter(List<Row> rows, float[] states) {
        int hidden = config.hiddenSize();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            System.arraycopy(states, i * hidden, row.chunk().states, row.chunk().stateOf(row.token()), hidden);
        }
    }
}
