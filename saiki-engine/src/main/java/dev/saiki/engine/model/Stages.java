package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.cache.CacheShape;
import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.kernel.Workers;
import dev.saiki.engine.model.RecursionPlan.LayerUse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The three stages of a model: before the recursion, one step of it, and after it (MoR paper, section 2.2 on
/// depth-wise
/// batching).
///
/// A stage takes spans of any sequences. In the recursion they may be at unlike steps: the weights of all steps
/// are the same, so tokens at their first and their third step are rows of one product. What they compute is
/// independent of each other. Used by one thread.
public final class Stages {

    /// Rows whose logits are computed at once, so that scoring a long prompt with a large vocabulary needs little
    /// memory.
    private static final int HEAD_ROWS = 32;

    private final EngineWeights weights;
    private final ModelConfig config;
    private final RecursionPlan plan;
    private final FlopCounter flops = new FlopCounter();
    private final Transformer transformer;
    private final long[] stepTokens;
    private float[] states = new float[0];
    private float[] logits = new float[0];

    /// Takes the logits that follow a token.
    @FunctionalInterface
    public interface LogitsSink {

        /// Takes logits.
        ///
        /// @param span of the token
        /// @param token index in the span
        /// @param logits holds them; not to be kept
        /// @param from where the token's `[V]` start
        void accept(Span span, int token, float[] logits, int from);
    }

    /// Makes the stages of a model.
    ///
    /// @param weights the model
    /// @param workers share the work
    public Stages(EngineWeights weights, Workers workers) {
        this.weights = weights;
        this.config = weights.config();
        this.plan = RecursionPlan.of(config);
        this.transformer = new Transformer(weights, workers, flops);
        this.stepTokens = new long[plan.numRecursions()];
    }

    /// Returns which stores a sequence of this model needs.
    ///
    /// @return the shape
    public CacheShape cacheShape() {
        return plan.shape();
    }

    /// Names the weights, thresholds and number formats that keys and values come from.
    ///
    /// @return number of the reading, as {@link EngineWeights} has it
    public long reading() {
        return weights.reading();
    }

    /// Returns what was computed since the start.
    ///
    /// @return the counter
    public FlopCounter flops() {
        return flops;
    }

    /// Counts the weights that one run of the entry reads.
    ///
    /// @return bytes
    public long entryBytes() {
        return plan.shape().unsharedEnds() ? weights.layers().getFirst().bytes() : 0;
    }

    /// Counts the weights that one run of a recursion step reads.
    ///
    /// @return bytes
    public long recursionBytes() {
        return plan.layers().stream()
                .mapToLong(use -> weights.layers().get(use.unique()).bytes())
                .sum();
    }

    /// Counts the weights that one run of the exit reads.
    ///
    /// @return bytes
    public long exitBytes() {
        long layer = plan.shape().unsharedEnds() ? weights.layers().getLast().bytes() : 0;
        return layer + weights.head().bytes();
    }

    /// Counts the tokens that took each recursion step since the start.
    ///
    /// @return one number a step
    public long[] stepTokens() {
        return stepTokens.clone();
    }

    /// Embeds the tokens of spans and runs the layer before the recursion, if there is one.
    ///
    /// @param spans that have not entered
    public void enter(List<Span> spans) {
        for (Span span : spans) {
            for (int token = 0; token < span.count(); token++) {
                weights.embedding().copyTo(span.id(token), span.states, span.stateOf(token));
            }
        }
        weights.embedding().letGo();
        if (plan.shape().unsharedEnds()) {
            runOutside(rowsOutside(spans, SequenceCache::entry), 0);
        }
        for (Span span : spans) {
            span.beginRecursion();
            weights.router().begin(span, flops);
            keepThoseThatGoOn(span, 0);
        }
    }

    /// Runs one step of the recursion for every span, each at its own step.
    ///
    /// @param spans in the recursion, with tokens that take the coming step
    public void recurse(List<Span> spans) {
        if (!plan.holdsAllStepsInOnePass()) {
            recurseTogether(spans, Integer.MAX_VALUE);
            return;
        }
        Map<Integer, List<Span>> byDepth = spans.stream()
                .collect(Collectors.groupingBy(span -> span.route().bounds().deepest(plan.numRecursions())));
        byDepth.forEach((depth, group) -> recurseTogether(group, depth));
    }

    private void recurseTogether(List<Span> spans, int depth) {
        List<Span> ordered =
                spans.stream().sorted(Comparator.comparingInt(Span::step)).toList();
        List<Row> rows = new ArrayList<>();
        int storing = 0;
        for (Span span : ordered) {
            for (int i = 0; i < span.activeCount(); i++) {
                rows.add(row(span, span.active(i)));
            }
            storing = span.step() == 0 || plan.sharing() != KeyValueSharing.RECURSIVE ? rows.size() : storing;
        }
        RowBatch batch = new RowBatch(rows, storing, statesFor(rows.size()));
        transformer.gather(rows, states);
        for (LayerUse use : plan.layers()) {
            if (use.step() < depth) {
                transformer.layer(use.unique(), use.cacheLayer(), use.reusesKeys() ? withoutStoring(batch) : batch);
            }
        }
        mergeAndAdvance(ordered, depth);
    }

    /// The same rows, seeing the same, with keys and values that are there already.
    private static RowBatch withoutStoring(RowBatch batch) {
        return new RowBatch(batch.rows(), 0, batch.states());
    }

    private Row row(Span span, int token) {
        List<KeyValueStore> steps = span.cache().steps();
        if (span.step() == 0 || plan.sharing() == KeyValueSharing.NONE) {
            return Row.own(span, token, steps.get(span.step()));
        }
        return plan.sharing() == KeyValueSharing.RECURSIVE
                ? Row.shared(span, token, steps.getFirst())
                : Row.mixed(span, token, steps.get(span.step()), steps.getFirst());
    }

    private void mergeAndAdvance(List<Span> spans, int depthOfPass) {
        int from = 0;
        for (Span span : spans) {
            int first = span.step();
            int end = plan.holdsAllStepsInOnePass() ? depthOfPass : first + 1;
            for (int i = 0; i < span.activeCount(); i++) {
                int token = span.active(i);
                weights.router().merge(span, token, first, states, from);
                if (span.isTraced()) {
                    span.trace().leave(end, weights.router().leavingState(span, token, first, states, from));
                }
                span.depths[token] = end;
                from += config.hiddenSize();
            }
            for (int step = first; step < end; step++) {
                stepTokens[step] += span.activeCount();
            }
            keepThoseThatGoOn(span, plan.holdsAllStepsInOnePass() ? plan.numRecursions() : end);
        }
    }

    /// Asks the router about the tokens that are active, and goes on with those that take the step.
    private void keepThoseThatGoOn(Span span, int step) {
        int[] next = new int[span.activeCount()];
        int count = 0;
        for (int i = 0; i < next.length; i++) {
            if (weights.router().goesOn(span, span.active(i), step, flops)) {
                next[count] = span.active(i);
                count++;
            }
        }
        span.advanceTo(step, Arrays.copyOf(next, count));
    }

    /// Runs the layer after the recursion, if there is one, the last norm and the head.
    ///
    /// @param spans whose tokens have all left the recursion
    /// @param wanted says for which tokens logits are wanted
    /// @param sink takes them
    public void exit(List<Span> spans, WantedLogits wanted, LogitsSink sink) {
        if (plan.shape().unsharedEnds()) {
            List<Row> outside = rowsOutside(spans, SequenceCache::exit);
            outside.stream().filter(row -> row.span().isTraced()).forEach(this::predictFromEachStep);
            runOutside(outside, lastLayer());
        } else {
            spans.stream()
                    .filter(Span::isTraced)
                    .map(span -> rowOfHead(span, 0))
                    .forEach(this::predictFromEachStep);
        }
        List<Row> rows = new ArrayList<>();
        for (Span span : spans) {
            for (int token = 0; token < span.count(); token++) {
                if (wanted.wants(span, token)) {
                    rows.add(rowOfHead(span, token));
                }
            }
        }
        for (int from = 0; from < rows.size(); from += HEAD_ROWS) {
            head(rows.subList(from, Math.min(from + HEAD_ROWS, rows.size())), sink);
        }
    }

    /// Normalises the states of tokens that have been through the last layer, as the head reads them.
    ///
    /// @param span that has been through the exit
    /// @return `[tokens, hidden]`
    public float[] lastStates(Span span) {
        float[] normalised = new float[span.states.length];
        transformer.finalNorm(span.states, span.count(), normalised);
        return normalised;
    }

    private int lastLayer() {
        return config.layerMap().numUnique() - 1;
    }

    /// Only who and where: nothing is attended to any more.
    private static Row rowOfHead(Span span, int token) {
        return Row.shared(span, token, span.cache().steps().getFirst());
    }

    /// Predicts what would follow a traced token, had it left after each step but its last, in whose place
    /// nothing is changed: what the last layer keeps of the token is written over and over, and in the end
    /// as it should be.
    private void predictFromEachStep(Row row) {
        for (SpanTrace.Left left : row.span().trace().withoutLast()) {
            float[] state = left.state().clone();
            if (plan.shape().unsharedEnds()) {
                transformer.layer(lastLayer(), 0, new RowBatch(List.of(row), 1, state));
            }
            transformer.finalNorm(state, 1, state);
            float[] predicted = new float[config.vocabSize()];
            transformer.head(state, 1, predicted);
            row.span().trace().predict(left.depth(), predicted);
        }
    }

    /// Says for which tokens logits are wanted.
    @FunctionalInterface
    public interface WantedLogits {

        /// Says whether logits are wanted.
        ///
        /// @param span of the token
        /// @param token index in the span
        /// @return whether what follows the token is to be predicted
        boolean wants(Span span, int token);
    }

    private void head(List<Row> rows, LogitsSink sink) {
        float[] input = statesFor(rows.size());
        transformer.gather(rows, input);
        transformer.finalNorm(input, rows.size(), input);
        int vocabulary = config.vocabSize();
        if (logits.length < rows.size() * vocabulary) {
            logits = new float[rows.size() * vocabulary];
        }
        transformer.head(input, rows.size(), logits);
        for (int i = 0; i < rows.size(); i++) {
            sink.accept(rows.get(i).span(), rows.get(i).token(), logits, i * vocabulary);
        }
    }

    /// Picks the store of a layer outside the recursion.
    @FunctionalInterface
    private interface StoreOf {
        KeyValueStore of(SequenceCache cache);
    }

    private static List<Row> rowsOutside(List<Span> spans, StoreOf store) {
        List<Row> rows = new ArrayList<>();
        for (Span span : spans) {
            for (int token = 0; token < span.count(); token++) {
                rows.add(Row.own(span, token, store.of(span.cache())));
            }
        }
        return rows;
    }

    private void runOutside(List<Row> rows, int unique) {
        RowBatch batch = new RowBatch(rows, rows.size(), statesFor(rows.size()));
        transformer.gather(rows, states);
        transformer.layer(unique, 0, batch);
        transformer.scatter(rows, states);
    }

    private float[] statesFor(int rows) {
        if (states.length < rows * config.hiddenSize()) {
            states = new float[rows * config.hiddenSize()];
        }
        return states;
    }
}
