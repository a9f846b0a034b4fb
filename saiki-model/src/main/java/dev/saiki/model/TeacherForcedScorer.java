package dev.saiki.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.model.routing.RouterTrace;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingResult;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// A scorer of token probabilities, with the true text as context.
///
/// Every pass computes whole sequences without a cache; the results are the reference for faster implementations.
/// Sequences do not affect one another; adjacent sequences of equal length are batched for speed.
public final class TeacherForcedScorer implements AutoCloseable {

    /// The maximum number of tokens in one pass, which bounds memory.
    private static final int TOKENS_PER_PASS = 4096;

    private final ComputeWeights weights;
    private final RecursiveTransformer model;

    /// Creates a scorer.
    ///
    /// @param weights the model; must outlive the scorer
    /// @param precision the number format of computation
    public TeacherForcedScorer(ModelWeights weights, Precision precision) {
        this.weights = new ComputeWeights(weights, precision);
        this.model = new RecursiveTransformer(this.weights);
    }

    /// Returns the model's configuration.
    ///
    /// @return the configuration
    public ModelConfig config() {
        return model.config();
    }

    /// Scores sequences.
    ///
    /// @param sequences ids; no sequence may be empty or longer than the model's context
    /// @param options the scoring options
    /// @return one result per sequence, in order
    public List<ScoredSequence> score(List<int[]> sequences, ScoreOptions options) {
        sequences.forEach(this::requireUsable);
        List<ScoredSequence> results = new ArrayList<>();
        int start = 0;
        while (start < sequences.size()) {
            int end = endOfPass(sequences, start);
            int length = sequences.get(start).length;
            results.addAll(scoreTogether(sequences.subList(start, end), length, options.request(start, end)));
            start = end;
        }
        return results;
    }

    /// Scores continuations, and computes logits only for the scored tokens.
    ///
    /// Adjacent continuations are batched, with the shorter ones padded on the right, where padding does not
    /// affect causal routing. Scoring is fastest if adjacent continuations have about the same length. Padding
    /// would affect the paper's routing by rank; with that routing, only continuations of equal length are
    /// therefore batched.
    ///
    /// @param continuations the continuations to score; the part read must not be longer than the model's context
    /// @param options the scoring options
    /// @return one result per continuation, in order
    public List<ScoredContinuation> scoreEnds(List<Continuation> continuations, ScoreOptions options) {
        List<ScoredContinuation> results = new ArrayList<>();
        for (List<Continuation> pass : passes(continuations, options.rule() == RoutingRequest.Rule.CAUSAL)) {
            int first = results.size();
            results.addAll(scoreEndsTogether(pass, options.request(first, first + pass.size())));
        }
        return results;
    }

    /// Scores continuations with early exits between layers.
    ///
    /// All layers are computed for all tokens, so exits do not make scoring faster.
    ///
    /// @param continuations the continuations to score; the part read must not be longer than the model's context
    /// @param exit the early-exit rule
    /// @return one result per continuation, in order
    public List<ExitedContinuation> scoreEndsWithExits(List<Continuation> continuations, EarlyExit exit) {
        return passes(continuations, true).stream()
                .flatMap(pass -> scoreEndsTogether(pass, exit).stream())
                .toList();
    }

    /// Divides continuations into batches of adjacent ones whose padded tokens fit into one pass.
    private List<List<Continuation>> passes(List<Continuation> continuations, boolean unlikeLengths) {
        continuations.forEach(continuation -> requireUsable(continuation.read()));
        List<List<Continuation>> passes = new ArrayList<>();
        int start = 0;
        while (start < continuations.size()) {
            int longest = continuations.get(start).numRead();
            int end = start + 1;
            while (end < continuations.size()) {
                int length = continuations.get(end).numRead();
                int grown = Math.max(longest, length);
                boolean mayJoin = unlikeLengths || length == longest;
                if (!mayJoin || (end - start + 1) * grown > TOKENS_PER_PASS) {
                    break;
                }
                longest = grown;
                end++;
            }
            passes.add(continuations.subList(start, end));
            start = end;
        }
        return passes;
    }

    /// Scores sequences and reports the router's decisions and the distribution of the next token.
    ///
    /// @param sequences ids; no sequence may be empty or longer than the model's context
    /// @param options the scoring options; causal routing
    /// @return one result per sequence, in order
    public List<TracedSequence> trace(List<int[]> sequences, ScoreOptions options) {
        sequences.forEach(this::requireUsable);
        List<TracedSequence> results = new ArrayList<>();
        int start = 0;
        while (start < sequences.size()) {
            int end = endOfPass(sequences, start);
            results.addAll(traceTogether(
                    sequences.subList(start, end),
                    options.request(start, end).withTrace(),
                    new TokenWatch(options.watched(start, end))));
            start = end;
        }
        return results;
    }

    /// Computes the router's scores of tokens, without the head.
    ///
    /// @param continuations the texts; the part read must not be longer than the model's context
    /// @param options the scoring options; causal routing
    /// @param step the recursion step that the router decides about, from 1
    /// @return for each text, the router's score of each read token for the step; NaN where there was no
    ///     decision
    public List<float[]> confidences(List<Continuation> continuations, ScoreOptions options, int step) {
        List<float[]> results = new ArrayList<>();
        for (List<Continuation> pass : passes(continuations, true)) {
            int first = results.size();
            int longest = longest(pass);
            RoutingRequest request = options.request(first, first + pass.size()).withTrace();
            try (TensorScope _ = TensorScope.open();
                    Autograd _ = Autograd.off()) {
                RouterTrace trace = model.forward(ids(filledUp(pass, longest)), pass.size(), longest, request)
                        .trace()
                        .orElseThrow();
                for (int b = 0; b < pass.size(); b++) {
                    results.add(Arrays.copyOf(
                            trace.confidences(b, step), pass.get(b).numRead()));
                }
            }
        }
        return results;
    }

    /// Scores one batch and returns all logits, for comparison with a reference.
    ///
    /// @param sequences ids of equal length
    /// @param options the scoring options
    /// @return logits `[B · T · V]`, row by row
    public float[] logits(List<int[]> sequences, ScoreOptions options) {
        sequences.forEach(this::requireUsable);
        int length = sequences.getFirst().length;
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            return model.logits(model.forward(
                                    ids(sequences), sequences.size(), length, options.request(0, sequences.size()))
                            .hidden())
                    .toFloats();
        }
    }

    @Override
    public void close() {
        model.close();
        weights.close();
    }

    private List<ScoredSequence> scoreTogether(List<int[]> sequences, int length, RoutingRequest request) {
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            Tensor ids = ids(sequences);
            RoutingResult output = model.forward(ids, sequences.size(), length, request);
            Tensor logprobs =
                    Functional.logSoftmax(model.logits(output.hidden()).to(DType.FLOAT32), -1);
            float[] ofNext = logprobs.gather(1, followers(sequences, length)).toFloats();
            List<ScoredSequence> results = new ArrayList<>();
            for (int b = 0; b < sequences.size(); b++) {
                float[] own = new float[length];
                own[0] = Float.NaN;
                System.arraycopy(ofNext, b * length, own, 1, length - 1);
                results.add(new ScoredSequence(own, output.depths().of(b)));
            }
            return results;
        }
    }

    private List<TracedSequence> traceTogether(List<int[]> sequences, RoutingRequest request, TokenWatch watch) {
        int length = sequences.getFirst().length;
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            RoutingResult output = model.forward(ids(sequences), sequences.size(), length, request, watch);
            List<List<WatchedToken>> watched = watch.tokens(model, output.hidden(), length);
            NextTokenStatistics figures =
                    new NextTokenStatistics(model, output.hidden(), followingIds(sequences, length));
            List<TracedSequence> results = new ArrayList<>();
            for (int b = 0; b < sequences.size(); b++) {
                int[] ids = sequences.get(b);
                float[] logprobs = new float[length];
                boolean[] likeliest = new boolean[length];
                logprobs[0] = Float.NaN;
                for (int t = 1; t < length; t++) {
                    logprobs[t] = figures.logprob(b * length + t - 1);
                    likeliest[t] = figures.likeliest(b * length + t - 1) == ids[t];
                }
                int sequence = b;
                results.add(new TracedSequence(
                        new ScoredSequence(logprobs, output.depths().of(b)),
                        likeliest,
                        figures.entropies(b * length, (b + 1) * length),
                        ofSteps(output.trace(), (trace, step) -> trace.confidences(sequence, step)),
                        ofSteps(output.trace(), (trace, step) -> trace.margins(sequence, step)),
                        watched.get(b)));
            }
            return results;
        }
    }

    private List<float[]> ofSteps(Optional<RouterTrace> trace, BiFunction<RouterTrace, Integer, float[]> figures) {
        return trace.map(known -> IntStream.range(0, config().numRecursions())
                        .mapToObj(step -> figures.apply(known, step))
                        .toList())
                .orElse(List.of());
    }

    private List<ScoredContinuation> scoreEndsTogether(List<Continuation> continuations, RoutingRequest request) {
        int longest = longest(continuations);
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            RoutingResult output =
                    model.forward(ids(filledUp(continuations, longest)), continuations.size(), longest, request);
            ContinuationLogits ends = new ContinuationLogits(model, continuations, longest, output.hidden());
            List<ScoredContinuation> results = new ArrayList<>();
            for (int b = 0; b < continuations.size(); b++) {
                int[] depths = Arrays.copyOf(
                        output.depths().of(b), continuations.get(b).numRead());
                results.add(ends.result(b, depths));
            }
            return results;
        }
    }

    private List<ExitedContinuation> scoreEndsTogether(List<Continuation> continuations, EarlyExit exit) {
        int longest = longest(continuations);
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            EarlyExitPass pass = new EarlyExitPass(model, exit, continuations.size() * longest);
            Tensor hidden = model.forwardInterrupted(
                    ids(filledUp(continuations, longest)), continuations.size(), longest, pass);
            ContinuationLogits ends = new ContinuationLogits(model, continuations, longest, hidden);
            List<ExitedContinuation> results = new ArrayList<>();
            for (int b = 0; b < continuations.size(); b++) {
                int numRead = continuations.get(b).numRead();
                results.add(new ExitedContinuation(
                        ends.logprobs(b),
                        pass.leftAfter(b * longest, numRead),
                        pass.confidences(b * longest, numRead)));
            }
            return results;
        }
    }

    private static int longest(List<Continuation> continuations) {
        return continuations.stream().mapToInt(Continuation::numRead).max().orElseThrow();
    }

    /// The ids to read, padded on the right, where padding does not affect causal routing.
    private static List<int[]> filledUp(List<Continuation> continuations, int length) {
        return continuations.stream()
                .map(continuation -> Arrays.copyOf(continuation.read(), length))
                .toList();
    }

    /// The next id at each position, INT64 `[B · T, 1]`; the entry of a sequence's last position is not used.
    private Tensor followers(List<int[]> sequences, int length) {
        long[] next = followingIds(sequences, length);
        return Tensors.on(model.device()).of(next, next.length, 1);
    }

    private static long[] followingIds(List<int[]> sequences, int length) {
        long[] next = new long[sequences.size() * length];
        for (int b = 0; b < sequences.size(); b++) {
            for (int t = 0; t + 1 < length; t++) {
                next[b * length + t] = sequences.get(b)[t + 1];
            }
        }
        return next;
    }

    /// The end of a batch of adjacent sequences that have equal length and fit into one pass.
    private static int endOfPass(List<int[]> sequences, int start) {
        int length = sequences.get(start).length;
        int end = start + 1;
        while (end < sequences.size()
                && sequences.get(end).length == length
                && (end - start + 1) * length <= TOKENS_PER_PASS) {
            end++;
        }
        return end;
    }

    private Tensor ids(List<int[]> sequences) {
        long[] flat =
                sequences.stream().flatMapToInt(Arrays::stream).asLongStream().toArray();
        return Tensors.on(model.device()).of(flat, flat.length);
    }

    private void requireUsable(int[] sequence) {
        int context = config().maxPositionEmbeddings();
        if (sequence.length == 0 || sequence.length > context) {
            throw InputException.of(
                    "sequence", "length", "from 1 to max_position_embeddings = " + context, sequence.length);
        }
        for (int id : sequence) {
            InputException.requireBetween("sequence: a token id", id, 0, config().vocabSize() - 1);
        }
    }
}
