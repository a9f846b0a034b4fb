package dev.saiki.engine;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.kernel.VectorModule;
import dev.saiki.engine.kernel.WeightMatrices;
import dev.saiki.engine.model.AdapterWeights;
import dev.saiki.engine.model.EngineWeights;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.InputWatcher;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An engine that runs a model: it serves many requests at the same time, and runs each token to the depth
/// that the router chooses.
///
/// ```java
/// try (Engine engine = Engine.open(Path.of("model"), EngineOptions.DEFAULT);
///         TokenStream stream = engine.submit(GenerationRequest.greedy(engine.tokenizer().encode("Call me"), 32))) {
///     for (Token token : stream) {
///         System.out.print(token.text());
///     }
/// }
/// ```
///
/// One thread owns the model and runs stage after stage ({@link Scheduler}); callers submit requests and read
/// tokens. With the default options, the result of a request depends on the request alone: other requests, arrival
/// times and the division of prompts into chunks do not affect it. The keys and values of prompts and answers are
/// cached while there is room. If the same owner sends another request with the same first tokens and depth
/// settings, the request reuses the cached keys and values and gets the same answer sooner ({@link
/// EngineOptions#prefixCache}). Thread-safe.
public final class Engine implements AutoCloseable {

    private final CheckpointDirectory checkpoint;
    private final Optional<Tokenizer> tokenizer;
    private final Set<Integer> endsOfText;
    private final EngineOptions options;
    private final EngineLoop loop;
    private final RequestValidator validator;
    private final TokenConstraints constraints;
    private final Optional<Adapted> adapted;

    /// The adapter of one engine.
    private record Adapted(AdapterDirectory adapter, AdapterWeights weights) {}

    private Engine(
            CheckpointDirectory checkpoint, Optional<Tokenizer> tokenizer, EngineOptions options, EngineLoop loop) {
        this.checkpoint = checkpoint;
        this.tokenizer = tokenizer;
        this.endsOfText = EngineParts.endsOfText(checkpoint, tokenizer);
        this.options = options;
        this.loop = loop;
        this.validator = new RequestValidator(
                checkpoint.config(), options.cacheBytes(), loop.pool().capacity(), loop::maxPages);
        this.constraints = new TokenConstraints(tokenizer);
        this.adapted = Optional.empty();
    }

    private Engine(Engine base, Adapted adapted) {
        this.checkpoint = base.checkpoint;
        this.tokenizer = base.tokenizer;
        this.endsOfText = base.endsOfText;
        this.options = base.options;
        this.loop = base.loop;
        this.validator = base.validator;
        this.constraints = base.constraints;
        this.adapted = Optional.of(adapted);
    }

    /// Returns the kernels that multiply by weights of a format on this machine.
    ///
    /// @param format number format of the weights
    /// @return the kernels
    public static Kernels kernels(WeightFormat format) {
        VectorModule.require();
        return WeightMatrices.kernels(format);
    }

    /// Opens a model with the tokenizer in its folder.
    ///
    /// @param model a checkpoint folder
    /// @param options the options of the engine
    /// @return the engine, to be closed
    /// @throws InputException if the folder is not a checkpoint, or if the tokenizer in it does not match the
    ///     model
    public static Engine open(Path model, EngineOptions options) {
        return open(CheckpointDirectory.open(model), options);
    }

    /// Opens a model with the tokenizer in its folder.
    ///
    /// @param checkpoint the model
    /// @param options the options of the engine
    /// @return the engine, to be closed
    /// @throws InputException if the folder's tokenizer does not match the model
    public static Engine open(CheckpointDirectory checkpoint, EngineOptions options) {
        Path tokenizerFile = checkpoint.tokenizer();
        // The tokenizer is read in parallel, because reading it takes as long as reading the weights of a small
        // model.
        CompletableFuture<EngineWeights> weights =
                CompletableFuture.supplyAsync(() -> EngineParts.weights(checkpoint, options));
        Tokenizer tokenizer;
        try {
            tokenizer = Tokenizer.load(tokenizerFile);
            EngineParts.requireFits(checkpoint, tokenizer);
        } catch (RuntimeException | Error e) {
            CompletableFuture<Void> _ = weights.thenAccept(EngineWeights::close);
            throw e;
        }
        return start(checkpoint, Optional.of(tokenizer), options, joined(weights));
    }

    /// Opens a model.
    ///
    /// @param checkpoint the model
    /// @param tokenizer the tokenizer of the model
    /// @param options the options of the engine
    /// @return the engine, to be closed
    /// @throws InputException if the tokenizer does not match the model
    public static Engine open(CheckpointDirectory checkpoint, Tokenizer tokenizer, EngineOptions options) {
        EngineParts.requireFits(checkpoint, tokenizer);
        return start(checkpoint, Optional.of(tokenizer), options, EngineParts.weights(checkpoint, options));
    }

    /// Waits for the result of another thread. An exception of that thread is rethrown unchanged.
    private static <T> T joined(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    /// Opens a model without a tokenizer. The engine generates token ids without text, and no token ends a text.
    ///
    /// @param checkpoint the model
    /// @param options the options of the engine
    /// @return the engine, to be closed
    public static Engine withoutText(CheckpointDirectory checkpoint, EngineOptions options) {
        return start(checkpoint, Optional.empty(), options, EngineParts.weights(checkpoint, options));
    }

    /// Opens a model as {@link #withoutText} does, and lets an observer see the inputs of its linear maps.
    ///
    /// @param checkpoint the model
    /// @param options the options of the engine
    /// @param watcher the observer
    /// @return the engine, to be closed
    public static Engine watched(CheckpointDirectory checkpoint, EngineOptions options, InputWatcher watcher) {
        return start(checkpoint, Optional.empty(), options, EngineParts.weights(checkpoint, options, watcher));
    }

    private static Engine start(
            CheckpointDirectory checkpoint,
            Optional<Tokenizer> tokenizer,
            EngineOptions options,
            EngineWeights weights) {
        try {
            EngineLoop loop = new EngineLoop(checkpoint, options, weights);
            Engine engine = new Engine(checkpoint, tokenizer, options, loop);
            loop.start();
            return engine;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /// Makes an engine that runs the same model with an adapter. Requests to the model and to all its adapters run
    /// together and share the weights and the memory for keys and values. The new engine need not be closed: it
    /// ends when the model's engine is closed.
    ///
    /// @param adapter low-rank updates of the model's weights; the updates are read into separate memory
    /// @return an engine that applies only this adapter to its requests
    /// @throws InputException if the adapter was made for another model
    public Engine withAdapter(AdapterDirectory adapter) {
        requireFits(adapter);
        return new Engine(this, new Adapted(adapter, AdapterWeights.read(adapter, config())));
    }

    /// Checks that an adapter was made for the model: the tensor names and shapes must match, and also the
    /// model's hash if the adapter records it.
    ///
    /// @param adapter the adapter to check
    /// @throws InputException if the adapter was made for another model
    public void requireFits(AdapterDirectory adapter) {
        adapter.requireShapes(checkpoint);
        if (adapter.baseHash().isPresent()) {
            adapter.requireHash(checkpoint, loop.contentHash());
        }
    }

    /// Returns the adapter that is applied to the engine's requests.
    ///
    /// @return the adapter; empty for the model alone
    public Optional<AdapterDirectory> adapter() {
        return adapted.map(Adapted::adapter);
    }

    /// Returns the model's configuration.
    ///
    /// @return the configuration
    public ModelConfig config() {
        return checkpoint.config();
    }

    /// Returns the checkpoint that was opened.
    ///
    /// @return the checkpoint
    public CheckpointDirectory checkpoint() {
        return checkpoint;
    }

    /// Returns the model's tokenizer.
    ///
    /// @return the tokenizer
    /// @throws IllegalStateException if the engine was opened without a tokenizer
    public Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new IllegalStateException("the engine was opened without a tokenizer"));
    }

    /// Tells whether the engine accepts requests, that is, whether it has neither been closed nor failed.
    ///
    /// @return whether a new request would be processed
    public boolean isRunning() {
        return loop.isRunning();
    }

    /// Returns the size of one number in the stored keys and values.
    ///
    /// @return bytes
    public int cacheNumberBytes() {
        return loop.pool().layout().format().bytes();
    }

    /// Tells whether the tokens of an owner's requests currently take the reference depth because the router
    /// is not trusted for that owner.
    ///
    /// @param owner the owner of requests
    /// @return a recent value
    public boolean overrulesRouter(String owner) {
        return loop.overrulesRouter(owner);
    }

    /// Counts the waiting requests. The engine's thread is not queried.
    ///
    /// @return a recent count
    public int waiting() {
        return loop.waiting();
    }

    /// Returns the longest time that a request has been waiting for the first token of its answer. The engine's
    /// thread is not queried.
    ///
    /// @return a recent value; zero if no request waits, or if there is only one request
    public Duration longestWait() {
        OptionalLong since = loop.longestWaitSince();
        return since.isEmpty() ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since.getAsLong());
    }

    /// Returns the number format in which the engine holds the weights.
    ///
    /// @return the format of the matrices
    public WeightFormat weightFormat() {
        return loop.weights().format();
    }

    /// Returns the options with which the engine was opened.
    ///
    /// @return the engine's options
    public EngineOptions options() {
        return options;
    }

    /// Returns the memory of the weights.
    ///
    /// @return bytes; with an adapter, the shared model's bytes plus the adapter's
    public long weightBytes() {
        return loop.weights().bytes()
                + adapted.map(own -> own.weights().bytes()).orElse(0L);
    }

    /// Submits a request.
    ///
    /// @param request the request to generate
    /// @return a stream of the answer's tokens, readable while they are generated
    /// @throws InputException if prompt and answer do not fit into the model's context or into the memory for keys
    ///     and values, if a token id is unknown, or if the model does not support the requested effort, depths or
    ///     answer form
    /// @throws QueueFullException if the queue is full
    public TokenStream submit(GenerationRequest request) {
        validator.require("prompt", request.prompt(), request.route(), request.prompt().length, request.maxTokens());
        TokenStream stream = new TokenStream();
        SequenceTask task = new GenerationTask(
                request, tokenizer, endsOfText, constraints.form(request), constraints.wholeText(request), stream);
        Sequence sequence = sequence(task, request.timeout());
        stream.onCancel(() -> loop.cancel(sequence));
        loop.submit(sequence);
        return stream;
    }

    private Sequence sequence(SequenceTask task, Optional<Duration> timeout) {
        @Nullable AdapterWeights updates = adapted.map(Adapted::weights).orElse(null);
        return new Sequence(loop.nextNumber(), task, updates, timeout, System.nanoTime());
    }

    /// Computes the probabilities of a text's tokens.
    ///
    /// @param ids the text, not empty
    /// @param route depth settings
    /// @return log-probabilities and depths of all positions
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if the queue is full
    public CompletableFuture<TokenScores> score(int[] ids, RouteSettings route) {
        return score(ScoreRequest.of(ids, route));
    }

    /// Computes the probabilities of all tokens of a text, or only of its last tokens, together with the likeliest
    /// alternatives.
    ///
    /// @param request the request to score
    /// @return log-probabilities, depths and alternatives; cancelling the future stops the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if the queue is full
    public CompletableFuture<TokenScores> score(ScoreRequest request) {
        validator.require("text", request.ids(), request.route(), request.read(), 0);
        return submit(new ScoringTask(request));
    }

    /// Inspects a text token by token: records the router's decision at each step, and the next-token
    /// prediction after each recursion that the token took. In all these predictions, earlier tokens keep the
    /// depths that they took. Log-probabilities and depths equal those of {@link #score}.
    ///
    /// Inspection takes longer than scoring, because the tokens are computed one at a time; other requests run
    /// alongside as usual.
    ///
    /// @param ids the text, not empty
    /// @param alternatives number of likeliest tokens to report after each recursion, at most {@value
    ///     ScoreRequest#MAX_ALTERNATIVES}
    /// @param route depth settings
    /// @return the inspected tokens; cancelling the future stops the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if the queue is full
    public CompletableFuture<List<InspectedToken>> inspect(int[] ids, int alternatives, RouteSettings route) {
        return inspect(ids, alternatives, route, _ -> {});
    }

    /// Inspects a text token by token, as {@link #inspect(int[], int, RouteSettings)} does, and reports each token
    /// as soon as the model has processed it. A caller that cancels the inspection therefore keeps the tokens
    /// reported so far.
    ///
    /// @param ids the text, not empty
    /// @param alternatives number of likeliest tokens to report after each recursion, at most {@value
    ///     ScoreRequest#MAX_ALTERNATIVES}
    /// @param route depth settings
    /// @param seen receives each token, in order, on the engine's thread, which waits meanwhile; after a
    ///     preemption, tokens are reported again, unchanged
    /// @return the inspected tokens; cancelling the future stops the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if the queue is full
    public CompletableFuture<List<InspectedToken>> inspect(
            int[] ids, int alternatives, RouteSettings route, Consumer<InspectedToken> seen) {
        RequestValidator.requireTokens("inspect", ids);
        ScoreRequest.requireAlternatives(alternatives);
        validator.require("text", ids, route, ids.length, 0);
        return submit(new InspectionTask(ids, alternatives, route, seen));
    }

    /// Embeds a text: the mean of its tokens' last states, normalized to length 1.
    ///
    /// @param ids the text, not empty
    /// @param route depth settings; embeddings are comparable only if they were made with equal settings
    /// @return the embedding; cancelling the future stops the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if the queue is full
    public CompletableFuture<TextEmbedding> embed(int[] ids, RouteSettings route) {
        RequestValidator.requireTokens("embed", ids);
        validator.require("text", ids, route, ids.length, 0);
        return submit(new EmbeddingTask(ids, route, config().hiddenSize()));
    }

    /// Submits a task with a single result. Cancelling the returned future stops the work.
    private <T> CompletableFuture<T> submit(ReadingTask<T> task) {
        Sequence sequence = sequence(task, Optional.empty());
        CompletableFuture<T> result = task.result();
        loop.submit(sequence);
        CompletableFuture<T> _ = result.whenComplete((_, _) -> {
            if (result.isCancelled()) {
                loop.cancel(sequence);
            }
        });
        return result;
    }

    /// Returns the statistics of the engine.
    ///
    /// @return the statistics at a moment between two stages
    public EngineStatistics statistics() {
        return joined(loop.query(Scheduler::statistics));
    }

    /// Returns the status of the requests that have not ended.
    ///
    /// @return the running requests, then the waiting requests, at a moment between two stages
    public List<SequenceStatus> sequences() {
        return joined(loop.query(Scheduler::sequences));
    }

    /// Empties the prefix cache; running requests continue.
    ///
    /// @return the statistics after the change
    public EngineStatistics clearPrefixCache() {
        return joined(loop.query(owned -> {
            owned.clearPrefixes();
            return owned.statistics();
        }));
    }

    /// Deletes an owner's data: the cached texts, and the router's choices for the owner's tokens.
    ///
    /// @param owner the owner of requests
    /// @return the statistics after the change
    public EngineStatistics forget(String owner) {
        return joined(loop.query(owned -> {
            owned.forget(owner);
            return owned.statistics();
        }));
    }

    /// Ends all requests and frees the memory. A second call has no effect. Closing an engine that was made by
    /// {@link #withAdapter} has no effect either.
    @Override
    public void close() {
        if (adapted.isEmpty()) {
            loop.close();
        }
    }
}
