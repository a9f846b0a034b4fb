package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.cache.CacheShape;
import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.model.RecursionPlan.LayerUse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The three stages of a model: the layers before the recursion, one step of the recursion, and the layers after
/// it (MoR paper, section 2.2 on depth-wise batching).
///
/// A stage takes chunks of any sequences. In the recursion, chunks may be at different steps: all steps have the
/// same weights, so tokens at their first and their third step are rows of one matrix product. The results of
/// different rows are independent. For one thread only.
public final class Stages {

    /// The number of rows whose logits are computed together. The number is small, so that scoring a long prompt
    /// with a large vocabulary needs little memory.
    private static final int HEAD_ROWS = 32;

    /// The number of rows whose keys and values are completed together; the scheduler does not count these rows as
    /// rows of a stage.
    private static final int COMPLETED_ROWS = 256;

    private final EngineWeights weights;
    private final ModelConfig config;
    private final RecursionPlan plan;
    private final FlopCounter flops = new FlopCounter();
    private final Transformer transformer;
    private final long[] stepTokens;
    private float[] states = new float[0];
    private float[] logits = new float[0];

    /// Makes the stages of a model.
    ///
    /// @param weights weights of the model
    /// @param workers threads that share the work
    public Stages(EngineWeights weights, WorkerPool workers) {
        this.weights = weights;
        this.config = weights.config();
        this.plan = RecursionPlan.of(config);
        this.transformer = new Transformer(weights, workers, flops);
        this.stepTokens = new long[plan.numRecursions()];
    }

    /// Returns the stores that a sequence of this model needs.
    ///
    /// @return the shape
    public CacheShape cacheShape() {
        return plan.shape();
    }

    /// Returns the number that identifies the weights, thresholds and number formats with which keys and
    /// values were computed.
    ///
    /// @return the number assigned when the weights were read, as in {@link EngineWeights}
    public long reading() {
        return weights.reading();
    }

    /// Returns the counter of the arithmetic since the start.
    ///
    /// @return the counter
    public FlopCounter flops() {
        return flops;
    }

    /// Returns how many bytes of weights one run of the entry reads, with experts for one row.
    ///
    /// @return bytes
    public long entryBytes() {
        return bytes(0, plan.shape().entryLayers());
    }

    /// Returns how many bytes of weights one run of the recursion reads, with experts for one row.
    ///
    /// @return bytes
    public long recursionBytes() {
        return plan.layers().stream()
                .mapToLong(use -> weights.layers().get(use.unique()).bytesRead())
                .sum();
    }

    /// Returns how many bytes of weights one run of the exit reads, with experts for one row.
    ///
    /// @return bytes
    public long exitBytes() {
        return bytes(firstOfExit(), plan.shape().exitLayers()) + weights.head().bytes();
    }

    private long bytes(int firstUnique, int count) {
        return weights.layers().subList(firstUnique, firstUnique + count).stream()
                .mapToLong(LayerWeights::bytesRead)
                .sum();
    }

    /// Counts the tokens that took each recursion step since the start.
    ///
    /// @return one count per step
    public long[] stepTokens() {
        return stepTokens.clone();
    }

    /// Embeds the tokens of chunks and runs the layers before the recursion, if there are any.
    ///
    /// @param chunks the chunks that have not entered the model
    public void enter(List<TokenChunk> chunks) {
        for (TokenChunk chunk : chunks) {
            transformer.embed(chunk);
        }
        weights.embedding().dropPages();
        int entryLayers = plan.shape().entryLayers();
        if (entryLayers > 0) {
            runOutside(rowsOutside(chunks, SequenceCache::entry), 0, entryLayers);
        }
        for (TokenChunk chunk : chunks) {
            chunk.beginRecursion();
            if (weights.injection() != null) {
                chunk.keepEntryStates();
            }
            weights.router().begin(chunk, flops);
            keepContinuing(chunk, 0);
        }
    }

    /// Runs one step of the recursion for every chunk, each at its own step, or all steps if the model runs them
    /// in one pass.
    ///
    /// @param chunks chunks in the recursion, each with tokens that take the next step
    public void recurse(List<TokenChunk> chunks) {
        if (!plan.holdsAllStepsInOnePass()) {
            recurseTogether(chunks, plan.numRecursions());
            return;
        }
        Map<Integer, List<TokenChunk>> byDepth = chunks.stream()
                .collect(Collectors.groupingBy(chunk -> chunk.routing().deepest()));
        byDepth.forEach((depth, group) -> recurseTogether(group, depth));
    }

    private void recurseTogether(List<TokenChunk> chunks, int depth) {
        List<TokenChunk> ordered = chunks.stream()
                .sorted(Comparator.comparingInt(TokenChunk::step))
                .toList();
        List<Row> rows = new ArrayList<>();
        List<Row> left = new ArrayList<>();
        int storing = 0;
        for (TokenChunk chunk : ordered) {
            addRows(chunk, rows, left);
            storing = chunk.step() == 0 || plan.sharing() != KeyValueSharing.RECURSIVE ? rows.size() : storing;
        }
        complete(left);
        RowBatch batch = new RowBatch(rows, storing, statesFor(rows.size()));
        transformer.gather(rows, states);
        transformer.inject(batch);
        for (LayerUse use : plan.layers()) {
            if (use.step() < depth) {
                transformer.layer(use.unique(), use.cacheLayer(), use.reusesKeys() ? batch.withoutStoring() : batch);
            }
        }
        mergeAndAdvance(ordered, depth);
        if (plan.sharing() == KeyValueSharing.COMPLETION) {
            complete(rowsOfSkippedSteps(ordered));
        }
    }

    /// Adds the tokens of a chunk that take the chunk's step to `rows` and, with key-value completion, the
    /// tokens that have exited to `left`.
    private void addRows(TokenChunk chunk, List<Row> rows, List<Row> left) {
        int active = 0;
        // The stores require ascending positions.
        for (int token = 0; token < chunk.count(); token++) {
            if (active < chunk.activeCount() && chunk.active(active) == token) {
                rows.add(row(chunk, token));
                active++;
            } else if (plan.sharing() == KeyValueSharing.COMPLETION) {
                left.add(row(chunk, token));
            }
        }
    }

    /// The tokens of chunks that have left the recursion: each token once for every later step that its request
    /// would have allowed.
    private List<Row> rowsOfSkippedSteps(List<TokenChunk> chunks) {
        List<Row> rows = new ArrayList<>();
        for (int step = 1; step < plan.numRecursions(); step++) {
            for (TokenChunk chunk : chunks) {
                boolean isMissing =
                        step >= chunk.step() && step < chunk.routing().deepest();
                int count = chunk.activeCount() == 0 && isMissing ? chunk.count() : 0;
                for (int token = 0; token < count; token++) {
                    rows.add(Row.own(chunk, token, step, chunk.cache().steps().get(step)));
                }
            }
        }
        return rows;
    }

    /// Computes keys and values from the last states of tokens.
    private void complete(List<Row> left) {
        for (int from = 0; from < left.size(); from += COMPLETED_ROWS) {
            List<Row> rows = left.subList(from, Math.min(from + COMPLETED_ROWS, left.size()));
            RowBatch batch = new RowBatch(rows, rows.size(), statesFor(rows.size()));
            transformer.gather(rows, states);
            for (LayerUse use : plan.layers()) {
                transformer.complete(use.unique(), use.cacheLayer(), batch);
            }
        }
    }

    private Row row(TokenChunk chunk, int token) {
        List<KeyValueStore> steps = chunk.cache().steps();
        if (chunk.step() == 0) {
            return Row.own(chunk, token, steps.getFirst());
        }
        return switch (plan.sharing()) {
            case NONE, COMPLETION -> Row.own(chunk, token, steps.get(chunk.step()));
            case RECURSIVE -> Row.shared(chunk, token, steps.getFirst());
            case HYBRID -> Row.mixed(chunk, token, steps.get(chunk.step()), steps.getFirst());
        };
    }

    private void mergeAndAdvance(List<TokenChunk> chunks, int depthOfPass) {
        int from = 0;
        for (TokenChunk chunk : chunks) {
            int first = chunk.step();
            int end = plan.holdsAllStepsInOnePass() ? depthOfPass : first + 1;
            for (int i = 0; i < chunk.activeCount(); i++) {
                int token = chunk.active(i);
                weights.router().merge(chunk, token, first, states, from);
                if (chunk.isTraced()) {
                    chunk.trace().leave(end, weights.router().exitState(chunk, token, first, states, from));
                }
                chunk.depths[token] = end;
                from += config.hiddenSize();
            }
            for (int step = first; step < end; step++) {
                stepTokens[step] += chunk.activeCount();
            }
            keepContinuing(chunk, plan.holdsAllStepsInOnePass() ? plan.numRecursions() : end);
        }
    }

    /// Evaluates the router for the active tokens; those that take the step stay active.
    private void keepContinuing(TokenChunk chunk, int step) {
        int count = 0;
        int[] next = new int[step < chunk.routing().deepest() ? chunk.activeCount() : 0];
        for (int i = 0; i < next.length; i++) {
            int token = chunk.active(i);
            if (chunk.apply(token, step, weights.router().decide(chunk, token, step, flops))) {
                next[count] = token;
                count++;
            }
        }
        chunk.advanceTo(step, Arrays.copyOf(next, count));
    }

    /// Runs the layers after the recursion, if there are any, the final norm and the head.
    ///
    /// @param chunks the chunks whose tokens have all exited the recursion
    /// @param consumer chooses the tokens for which logits are needed, and receives the logits
    public void exit(List<TokenChunk> chunks, LogitsConsumer consumer) {
        int exitLayers = plan.shape().exitLayers();
        if (exitLayers > 0) {
            List<Row> outside = rowsOutside(chunks, SequenceCache::exit);
            outside.stream().filter(row -> row.chunk().isTraced()).forEach(this::predictFromEachStep);
            runOutside(outside, firstOfExit(), exitLayers);
        } else {
            chunks.stream()
                    .filter(TokenChunk::isTraced)
                    .map(chunk -> rowOfHead(chunk, 0))
                    .forEach(this::predictFromEachStep);
        }
        List<Row> rows = new ArrayList<>();
        int[] chunkOf = new int[chunks.stream().mapToInt(TokenChunk::count).sum()];
        for (int index = 0; index < chunks.size(); index++) {
            TokenChunk chunk = chunks.get(index);
            for (int token = 0; token < chunk.count(); token++) {
                if (consumer.wants(index, token)) {
                    chunkOf[rows.size()] = index;
                    rows.add(rowOfHead(chunk, token));
                }
            }
        }
        for (int from = 0; from < rows.size(); from += HEAD_ROWS) {
            List<Row> batch = rows.subList(from, Math.min(from + HEAD_ROWS, rows.size()));
            head(batch);
            for (int i = 0; i < batch.size(); i++) {
                consumer.take(chunkOf[from + i], batch.get(i).token(), logits, i * config.vocabSize());
            }
        }
    }

    /// Applies the final norm to the states of tokens after the last layer, as is done before the head.
    ///
    /// @param chunk chunk that has been through the exit stage
    /// @return `[tokens, hidden]`
    public float[] lastStates(TokenChunk chunk) {
        float[] normalised = new float[chunk.states.length];
        transformer.finalNorm(chunk.states, chunk.count(), normalised);
        return normalised;
    }

    /// The first unique layer after the recursion.
    private int firstOfExit() {
        return weights.layers().size() - plan.shape().exitLayers();
    }

    /// The head has no attention, so only the row's chunk and token matter.
    private static Row rowOfHead(TokenChunk chunk, int token) {
        return Row.shared(chunk, token, chunk.cache().steps().getFirst());
    }

    /// For each step of a traced token except the last, predicts the next token as if the traced token exited
    /// after that step. Each of these predictions overwrites the token's keys and values in the last layers;
    /// the regular run, which comes last, writes the correct ones.
    private void predictFromEachStep(Row row) {
        for (TokenTrace.ExitState exit : row.chunk().trace().withoutLast()) {
            float[] state = exit.state().clone();
            RowBatch alone = new RowBatch(List.of(row), 1, state);
            for (int layer = 0; layer < plan.shape().exitLayers(); layer++) {
                transformer.layer(firstOfExit() + layer, layer, alone);
            }
            transformer.finalNorm(state, 1, state);
            float[] predicted = new float[config.vocabSize()];
            transformer.head(state, 1, predicted);
            row.chunk().trace().predict(exit.depth(), predicted);
        }
    }

    private void head(List<Row> rows) {
        float[] input = statesFor(rows.size());
        transformer.gather(rows, input);
        transformer.finalNorm(input, rows.size(), input);
        int vocabulary = config.vocabSize();
        if (logits.length < rows.size() * vocabulary) {
            logits = new float[rows.size() * vocabulary];
        }
        transformer.head(input, rows.size(), logits);
    }

    private static List<Row> rowsOutside(List<TokenChunk> chunks, Function<SequenceCache, KeyValueStore> store) {
        List<Row> rows = new ArrayList<>();
        for (TokenChunk chunk : chunks) {
            for (int token = 0; token < chunk.count(); token++) {
                rows.add(Row.own(chunk, token, store.apply(chunk.cache())));
            }
        }
        return rows;
    }

    private void runOutside(List<Row> rows, int firstUnique, int count) {
        RowBatch batch = new RowBatch(rows, rows.size(), statesFor(rows.size()));
        transformer.gather(rows, states);
        for (int layer = 0; layer < count; layer++) {
            transformer.layer(firstUnique + layer, layer, batch);
        }
        transformer.scatter(rows, states);
    }

    private float[] statesFor(int rows) {
        if (states.length < rows * config.hiddenSize()) {
            states = new float[rows * config.hiddenSize()];
        }
        return states;
    }
}
