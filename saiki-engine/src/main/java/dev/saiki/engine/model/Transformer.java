package dev.saiki.engine.model;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import dev.saiki.checkpoint.config.Activation;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.NormPlace;
import dev.saiki.checkpoint.config.NormPlacement;
import dev.saiki.checkpoint.config.Rotation;
import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.kernel.LowRankMatrix;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.model.AdapterWeights.Place;
import dev.saiki.engine.model.FeedForwardWeights.Network;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// The layers of a model, applied to rows: Llama's layer and its variants, with keys and values in pages.
///
/// The buffers between the kernels are kept and grow to the size of the largest batch so far. Only one thread may
/// call the methods; that thread divides the work among the workers.
final class Transformer {

    private final EngineWeights weights;
    private final ModelConfig config;
    private final Map<Rotation, Rotary> rotations;
    private final Set<NormPlace> hasNorm;
    private final Attention attention;
    private final ExpertRunner mixtures;
    private final WorkerPool workers;
    private final FlopCounter flops;
    private Buffers buffers = new Buffers(0, 0, 0, 0, 0);

    /// The buffers between the kernels of a layer.
    @SuppressWarnings("ArrayRecordComponent") // Scratch memory; never compared.
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
        this.rotations = Rotary.of(config);
        this.hasNorm = config.architecture().family().normPlacement().tensors().keySet();
        this.attention = new Attention(
                config.numAttentionHeads(),
                config.numKeyValueHeads(),
                config.headDim(),
                config.attentionScale(),
                config.architecture().scales().caps().scores());
        this.mixtures = new ExpertRunner(config, workers, flops);
        this.workers = workers;
        this.flops = flops;
    }

    /// Computes the states with which the tokens of a chunk enter the model.
    ///
    /// @param chunk the chunk that has not entered the model
    void embed(TokenChunk chunk) {
        EmbeddingTable embedding = weights.embedding();
        WeightMatrix projection = embedding.projection();
        int count = chunk.count();
        float[] rows = projection == null ? chunk.states : new float[count * embedding.width()];
        for (int token = 0; token < count; token++) {
            embedding.copyTo(chunk.id(token), rows, token * embedding.width());
        }
        if (projection != null) {
            projection.multiply(rows, count, chunk.states, workers);
            flops.linear(count, projection.inputs(), projection.outputs());
        }
        float scale = (float) config.embeddingScale();
        for (int i = 0; i < count * config.hiddenSize(); i++) {
            chunk.states[i] *= scale;
        }
    }

    /// Injects the entry states into the states of rows, in place; rows at the first step are not changed.
    ///
    /// @param batch the rows, with rows at the same step adjacent
    void inject(RowBatch batch) {
        InjectionWeights injection = weights.injection();
        if (injection == null) {
            return;
        }
        int hidden = config.hiddenSize();
        for (RowBatch.AtStep range : batch.bySteps()) {
            if (range.step() > 0) {
                float[] entry = new float[range.count() * hidden];
                for (int i = 0; i < range.count(); i++) {
                    Row row = batch.rows().get(range.first() + i);
                    TokenChunk chunk = row.chunk();
                    System.arraycopy(chunk.entryStates(), chunk.stateOf(row.token()), entry, i * hidden, hidden);
                }
                injection.apply(batch.states(), range.first(), entry, range.count(), workers, flops);
            }
        }
    }

    /// Runs one layer in place.
    ///
    /// @param unique index of the unique layer whose weights are used
    /// @param cacheLayer index of the layer in the rows' stores
    /// @param batch the rows
    void layer(int unique, int cacheLayer, RowBatch batch) {
        LayerWeights layer = weights.layers().get(unique);
        Buffers scratch = buffersFor(batch.count());
        float[] states = batch.states();
        List<OwnOfSteps> own = OwnOfSteps.of(layer, batch);
        float[] input = normalised(states, own, NormPlace.ATTENTION_INPUT, scratch);
        project(layer.query(), own, StepWeights::query, input, batch.count(), scratch.queries());
        adapt(batch, unique, Place.QUERY, layer.query(), input, scratch.queries());
        projectKeysAndValues(unique, own, batch, input, scratch);
        inRanges(batch.count(), (first, rows) -> {
            for (int row = first; row < first + rows; row++) {
                finishQuery(batch.rows().get(row), row, layer, scratch);
                if (row < batch.storing()) {
                    finishAndStoreKey(batch.rows().get(row), row, layer, cacheLayer, scratch);
                }
            }
        });
        int window = layer.sight().window();
        attention.attend(batch.rows(), window, cacheLayer, scratch.queries(), scratch.attended(), workers);
        flops.attention(queryWidth(), Attention.keysSeen(batch.rows(), window));
        boolean isParallel = config.architecture().family().normPlacement() == NormPlacement.PARALLEL;
        Network parallel = isParallel && layer.feedForward() instanceof Network network ? network : null;
        if (parallel != null) {
            activate(parallel, unique, own, batch, input, scratch);
        }
        project(layer.output(), own, StepWeights::output, scratch.attended(), batch.count(), scratch.normalised());
        adapt(batch, unique, Place.OUTPUT, layer.output(), scratch.attended(), scratch.normalised());
        float[] _ = normalised(scratch.normalised(), own, NormPlace.ATTENTION_OUTPUT, scratch);
        add(states, scratch.normalised(), batch.count() * config.hiddenSize());
        if (parallel != null) {
            projectDown(parallel, unique, own, batch, scratch);
        } else {
            float[] middle = normalised(states, own, NormPlace.FEED_FORWARD_INPUT, scratch);
            feedForward(layer.feedForward(), unique, own, batch, middle, scratch);
        }
        float[] _ = normalised(scratch.normalised(), own, NormPlace.FEED_FORWARD_OUTPUT, scratch);
        add(states, scratch.normalised(), batch.count() * config.hiddenSize());
    }

    /// Stores keys and values of rows in one layer without changing the rows' states.
    ///
    /// @param unique index of the unique layer whose weights are used
    /// @param cacheLayer index of the layer in the rows' stores
    /// @param batch the rows, all of which store keys and values
    void complete(int unique, int cacheLayer, RowBatch batch) {
        LayerWeights layer = weights.layers().get(unique);
        Buffers scratch = buffersFor(batch.count());
        List<OwnOfSteps> own = OwnOfSteps.of(layer, batch);
        float[] input = normalised(batch.states(), own, NormPlace.ATTENTION_INPUT, scratch);
        projectKeysAndValues(unique, own, batch, input, scratch);
        inRanges(batch.count(), (first, rows) -> {
            for (int row = first; row < first + rows; row++) {
                finishAndStoreKey(batch.rows().get(row), row, layer, cacheLayer, scratch);
            }
        });
    }

    private void projectKeysAndValues(
            int unique, List<OwnOfSteps> own, RowBatch batch, float[] input, Buffers scratch) {
        LinearMap map = weights.layers().get(unique).keyValue();
        project(map, own, StepWeights::keyValue, input, batch.storing(), scratch.keyValues());
        adapt(batch, unique, Place.KEY_VALUE, map, input, scratch.keyValues());
    }

    /// The states after the norm at a place, if the layer has one there. They may be those of the scratch memory.
    private float[] normalised(float[] states, List<OwnOfSteps> own, NormPlace place, Buffers scratch) {
        if (!hasNorm.contains(place)) {
            return states;
        }
        for (OwnOfSteps step : own) {
            normalise(states, step.first(), step.count(), step.weights().norm(place), scratch.normalised());
        }
        return scratch.normalised();
    }

    private void feedForward(
            FeedForwardWeights weights,
            int unique,
            List<OwnOfSteps> own,
            RowBatch batch,
            float[] input,
            Buffers scratch) {
        switch (weights) {
            case Network network -> {
                activate(network, unique, own, batch, input, scratch);
                projectDown(network, unique, own, batch, scratch);
            }
            case FeedForwardWeights.Mixture mixture ->
                mixtures.apply(mixture, input, batch.count(), scratch.normalised());
        }
    }

    private void projectDown(Network network, int unique, List<OwnOfSteps> own, RowBatch batch, Buffers scratch) {
        LinearMap down = network.down();
        project(down, own, StepWeights::down, scratch.activated(), batch.count(), scratch.normalised());
        adapt(batch, unique, Place.DOWN, down, scratch.activated(), scratch.normalised());
    }

    /// Runs the first half of the feed-forward network: f(gate) · up with the model's activation f, or f(up)
    /// without a gate.
    private void activate(
            Network network, int unique, List<OwnOfSteps> own, RowBatch batch, float[] input, Buffers scratch) {
        int count = batch.count();
        project(network.gateUp(), own, StepWeights::gateUp, input, count, scratch.gateUp());
        adapt(batch, unique, Place.GATE_UP, network.gateUp(), input, scratch.gateUp());
        int inner = config.intermediateSize();
        ModelFamily family = config.architecture().family();
        if (!family.gatesFeedForward()) {
            multiplyByOne(scratch.gateUp(), count, inner);
        }
        Activation activation = family.activation();
        inRanges(
                count,
                (first, rows) -> ROWS.activate(activation, scratch.gateUp(), scratch.activated(), first, rows, inner));
    }

    /// Spreads rows of one projection to rows of gate and up, with ones as up, from the last row to the first.
    private static void multiplyByOne(float[] rows, int count, int inner) {
        for (int row = count - 1; row >= 0; row--) {
            System.arraycopy(rows, row * inner, rows, 2 * row * inner, inner);
            Arrays.fill(rows, (2 * row + 1) * inner, (2 * row + 2) * inner, 1);
        }
    }

    /// Normalises rows with the model's final norm.
    ///
    /// @param states `[n, hidden]`
    /// @param count number of rows, n
    /// @param normalised `[n, hidden]`, overwritten
    void finalNorm(float[] states, int count, float[] normalised) {
        normalise(states, 0, count, weights.finalNorm(), normalised);
    }

    /// Computes the logits of the vocabulary.
    ///
    /// @param normalised `[n, hidden]`
    /// @param count number of rows, n
    /// @param logits `[n, V]`, overwritten
    void head(float[] normalised, int count, float[] logits) {
        weights.head().multiply(normalised, count, logits, workers, flops);
    }

    private void project(
            LinearMap linear,
            List<OwnOfSteps> own,
            Function<StepWeights, List<LowRankMatrix>> updates,
            float[] rows,
            int count,
            float[] products) {
        if (count == 0) {
            return;
        }
        int inputs = linear.matrix().inputs();
        int outputs = linear.matrix().outputs();
        linear.apply(rows, count, products, workers);
        flops.linear(count, inputs, outputs);
        for (OwnOfSteps step : own) {
            int updated = Math.min(step.first() + step.count(), count) - step.first();
            for (LowRankMatrix update : updated > 0 ? updates.apply(step.weights()) : List.<LowRankMatrix>of()) {
                inRanges(updated, (first, part) -> {
                    for (int row = first; row < first + part; row++) {
                        update.addTo(rows, step.first() + row, products, outputs);
                    }
                });
                flops.linear(updated, inputs, update.rank());
                flops.linear(updated, update.rank(), update.outputs());
            }
        }
    }

    /// Adds the low-rank updates of the rows' adapters to the products of a linear map.
    private void adapt(RowBatch batch, int unique, Place place, LinearMap linear, float[] input, float[] products) {
        int count = place == Place.KEY_VALUE ? batch.storing() : batch.count();
        int width = linear.matrix().outputs();
        batch.adapted().addTo(unique, place, input, count, products, width, workers, flops);
    }

    private void normalise(float[] states, int firstRow, int count, EngineNorm norm, float[] normalised) {
        int hidden = config.hiddenSize();
        double eps = config.rmsNormEps();
        boolean centres = config.architecture().family().centresNorms();
        inRanges(count, (first, rows) -> {
            if (centres) {
                centre(states, firstRow + first, rows, hidden, normalised);
            }
            float[] from = centres ? normalised : states;
            ROWS.normalise(from, firstRow + first, rows, hidden, norm.weight(), eps, normalised);
            norm.addBias(normalised, firstRow + first, rows);
        });
    }

    /// Subtracts each row's mean, which is computed in double precision.
    private static void centre(float[] states, int firstRow, int rows, int hidden, float[] centred) {
        for (int from = firstRow * hidden; from < (firstRow + rows) * hidden; from += hidden) {
            double sum = 0;
            for (int i = from; i < from + hidden; i++) {
                sum += states[i];
            }
            float mean = (float) (sum / hidden);
            for (int i = from; i < from + hidden; i++) {
                centred[i] = states[i] - mean;
            }
        }
    }

    private void finishQuery(Row row, int index, LayerWeights layer, Buffers scratch) {
        int headDim = config.headDim();
        int heads = config.numAttentionHeads();
        HeadNorms norms = layer.headNorms();
        if (norms != null) {
            norms.normaliseQueries(scratch.queries(), index, heads, headDim, config.rmsNormEps());
        }
        Rotary rotary = rotations.get(layer.sight().rotation());
        for (int head = 0; rotary != null && head < heads; head++) {
            rotary.rotate(scratch.queries(), index * queryWidth() + head * headDim, row.position());
        }
        float factor = (float) config.architecture().positions().scaling().queryFactor(row.position());
        for (int i = index * queryWidth(); factor != 1 && i < (index + 1) * queryWidth(); i++) {
            scratch.queries()[i] *= factor;
        }
    }

    private void finishAndStoreKey(Row row, int index, LayerWeights layer, int cacheLayer, Buffers scratch) {
        KeyValueStore store = row.store();
        if (store == null) {
            throw new IllegalStateException("a row that stores keys and values has no store");
        }
        int headDim = config.headDim();
        int heads = config.numKeyValueHeads();
        HeadNorms norms = layer.headNorms();
        if (norms != null) {
            norms.normaliseKeys(scratch.keyValues(), index, heads, headDim, config.rmsNormEps());
        }
        Rotary rotary = rotations.get(layer.sight().rotation());
        for (int head = 0; head < heads; head++) {
            int key = (index * 2 * heads + head) * headDim;
            int value = key + heads * headDim;
            if (rotary != null) {
                rotary.rotate(scratch.keyValues(), key, row.position());
            }
            store.put(cacheLayer, head, row.slot(), scratch.keyValues(), key, value);
        }
    }

    private void add(float[] states, float[] change, int count) {
        float scale = (float) config.architecture().scales().residual();
        for (int i = 0; i < count; i++) {
            states[i] += scale * change[i];
        }
    }

    /// A loop over consecutive rows.
    @FunctionalInterface
    private interface RangeBody {
        void run(int first, int rows);
    }

    /// The number of rows that a thread takes at a time: few enough to divide a prompt among threads, and enough
    /// to make the joins negligible.
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
    /// @param states array that receives the states
    void gather(List<Row> rows, float[] states) {
        int hidden = config.hiddenSize();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            System.arraycopy(row.chunk().states, row.chunk().stateOf(row.token()), states, i * hidden, hidden);
        }
    }

    /// Writes the states of rows back to their chunks.
    ///
    /// @param rows the tokens
    /// @param states array that contains the states
    void scatter(List<Row> rows, float[] states) {
        int hidden = config.hiddenSize();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            System.arraycopy(states, i * hidden, row.chunk().states, row.chunk().stateOf(row.token()), hidden);
        }
    }
}
