package dev.saiki.engine;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.model.AdapterWeights;
import dev.saiki.engine.model.EngineWeights;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
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

/// An engine that runs a model: many requests at once, each token as deep as its router says.
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
/// tokens. What a request gets depends on the request alone: not on others, on when it
/// comes, or on how prompts are cut. Keys and values of what requests have read and written are kept as long as
/// there is room; a request that begins with the same tokens, and says the same of depth, does not compute them
/// again, and gets the same answer sooner ({@link EngineOptions#prefixCache}). Safe for any number of threads.
public final class Engine implements AutoCloseable {

    private final CheckpointDirectory checkpoint;
    private final Optional<Tokenizer> tokenizer;
    private final Set<Integer> endsOfText;
    private final EngineOptions options;
    private final EngineLoop loop;
    private final RequestValidator validator;
    private final TokenConstraints constraints;
    private final Optional<Adapted> adapted;

    /// The adapter of an engine.
    private record Adapted(AdapterDirectory adapter, AdapterWeights weights) {}

    private Engine(
            CheckpointDirectory checkpoint, Optional<Tokenizer> tokenizer, EngineOptions options, EngineLoop loop) {
        this.checkpoint = checkpoint;
        this.tokenizer = tokenizer;
        this.endsOfText = EngineParts.endsOfText(checkpoint, tokenizer);
        this.options = options;
        this.loop = loop;
        this.validator = new RequestValidator(
                checkpoint.config(), options.cacheBytes(), loop.pool().capacity(), loop::mostPages);
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

    /// Opens a model with the tokenizer that lies beside it.
    ///
    /// @param model a checkpoint folder
    /// @param options how to use the machine
    /// @return the engine, to be closed
    /// @throws InputException if the folder is not a checkpoint, or its tokenizer does not fit
    public static Engine open(Path model, EngineOptions options) {
        return open(CheckpointDirectory.open(model), options);
    }

    /// Opens a model with the tokenizer that lies beside it.
    ///
    /// @param checkpoint the model
    /// @param options how to use the machine
    /// @return the engine, to be closed
    /// @throws InputException if its tokenizer does not fit
    public static Engine open(CheckpointDirectory checkpoint, EngineOptions options) {
        Path tokenizerFile = checkpoint.tokenizer();
        // Beside each other: a tokenizer takes as long as the weights of a small model.
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
    /// @param tokenizer of the model
    /// @param options how to use the machine
    /// @return the engine, to be closed
    /// @throws InputException if the tokenizer does not fit
    public static Engine open(CheckpointDirectory checkpoint, Tokenizer tokenizer, EngineOptions options) {
        EngineParts.requireFits(checkpoint, tokenizer);
        return start(checkpoint, Optional.of(tokenizer), options, EngineParts.weights(checkpoint, options));
    }

    /// Waits for what another thread does; what went wrong there is thrown on as it was.
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

    /// Opens a model that has no tokenizer: what it writes are ids without text, and it ends no text itself.
    ///
    /// @param checkpoint the model
    /// @param options how to use the machine
    /// @return the engine, to be closed
    public static Engine withoutText(CheckpointDirectory checkpoint, EngineOptions options) {
        return start(checkpoint, Optional.empty(), options, EngineParts.weights(checkpoint, options));
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

    /// Makes an engine of the same model with an adapter: requests of both, and of others that are made so, are at work
    /// together, with the same weights and the same memory for keys and values. It has to be closed by nobody: it
    /// ends when the model's engine is closed.
    ///
    /// @param adapter low-rank updates of the model, which are read into memory of their own
    /// @return an engine whose requests are computed with the adapter, and with no other
    /// @throws InputException if the adapter belongs to another model
    public Engine withAdapter(AdapterDirectory adapter) {
        requireFits(adapter);
        return new Engine(this, new Adapted(adapter, AdapterWeights.read(adapter, config(), options.weights())));
    }

    /// Checks that an adapter belongs to the model: by names and shapes, and by hash if its own says of which it is.
    ///
    /// @param adapter that is to be used
    /// @throws InputException if it belongs to another
    public void requireFits(AdapterDirectory adapter) {
        adapter.requireShapes(checkpoint);
        if (adapter.baseHash().isPresent()) {
            adapter.requireHash(checkpoint, loop.contentHash());
        }
    }

    /// Returns the adapter with which its requests are computed.
    ///
    /// @return empty for the model alone
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
    /// @return the model at rest
    public CheckpointDirectory checkpoint() {
        return checkpoint;
    }

    /// Returns the model's tokenizer.
    ///
    /// @return the tokenizer
    /// @throws IllegalStateException if it was opened without one
    public Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new IllegalStateException("the engine was opened without a tokenizer"));
    }

    /// Tells whether it takes requests: it was not closed, and has not failed.
    ///
    /// @return whether a request would be worked on
    public boolean isRunning() {
        return loop.isRunning();
    }

    /// Counts the memory of a number among the keys and values.
    ///
    /// @return bytes
    public int cacheNumberBytes() {
        return loop.pool().layout().format().bytes();
    }

    /// Tells whether tokens of an owner's requests take the reference depth now, since the router is not trusted.
    ///
    /// @param owner of requests
    /// @return as it was a moment ago
    public boolean overrulesRouter(String owner) {
        return loop.overrulesRouter(owner);
    }

    /// Counts the requests that wait, without asking the thread that works.
    ///
    /// @return how many, as they were a moment ago
    public int waiting() {
        return loop.waiting();
    }

    /// Measures the longest time that a request has waited so far for the first token of its answer, among others,
    /// without asking the thread that works.
    ///
    /// @return the time, as it was a moment ago; zero if none waits, or only one that is alone
    public Duration longestWait() {
        OptionalLong since = loop.longestWaitSince();
        return since.isEmpty() ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since.getAsLong());
    }

    /// Returns how it uses the machine.
    ///
    /// @return the options it was opened with
    public EngineOptions options() {
        return options;
    }

    /// Counts the memory of the weights.
    ///
    /// @return bytes; with an adapter the model's, which it shares, and its own
    public long weightBytes() {
        return loop.weights().bytes()
                + adapted.map(own -> own.weights().bytes()).orElse(0L);
    }

    /// Submits a request.
    ///
    /// @param request what to write
    /// @return its tokens, as they are written
    /// @throws InputException if prompt and answer do not fit in the model's context or in the memory for keys and
    ///     values, a token id is unknown, or the model has no such effort
    /// @throws QueueFullException if as many requests wait as may
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

    /// Asks for the probabilities of a text.
    ///
    /// @param ids the text, not empty
    /// @param route what is asked of depth
    /// @return log-probabilities and depths of all positions
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if as many requests wait as may
    public CompletableFuture<TokenScores> score(int[] ids, RouteSettings route) {
        return score(ScoreRequest.of(ids, route));
    }

    /// Asks for the probabilities of a text, or of its end, and what else was likely.
    ///
    /// @param request what to score
    /// @return log-probabilities, depths and alternatives; cancelling it ends the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if as many requests wait as may
    public CompletableFuture<TokenScores> score(ScoreRequest request) {
        validator.require("text", request.ids(), request.route(), request.read(), 0);
        ScoringTask scoring = new ScoringTask(request);
        return submit(scoring, scoring.result());
    }

    /// Looks at a text token by token: what the router said of each, and what would have followed had it
    /// left after each recursion it took, all tokens before it being as deep as they went.
    /// Log-probabilities and depths are those of {@link #score}.
    ///
    /// Takes longer than a score, for tokens go alone; those of other requests run beside them as ever.
    ///
    /// @param ids the text, not empty
    /// @param alternatives how many of the likeliest tokens to name after each recursion, at most {@value
    ///     ScoreRequest#MOST_ALTERNATIVES}
    /// @param route what is asked of depth
    /// @return what was seen; cancelling it ends the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if as many requests wait as may
    public CompletableFuture<List<InspectedToken>> inspect(int[] ids, int alternatives, RouteSettings route) {
        return inspect(ids, alternatives, route, _ -> {});
    }

    /// Looks at a text token by token, as {@link #inspect(int[], int, RouteSettings)} does, and tells of each as
    /// soon as it has been through the model: of a text that is given up, too, it is known how far it came.
    ///
    /// @param ids the text, not empty
    /// @param alternatives how many of the likeliest tokens to name after each recursion, at most {@value
    ///     ScoreRequest#MOST_ALTERNATIVES}
    /// @param route what is asked of depth
    /// @param seen takes each token, in order, on the engine's thread, which waits for it; those of a text that
    ///     had to make room for others come again, and are the same
    /// @return what was seen; cancelling it ends the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if as many requests wait as may
    public CompletableFuture<List<InspectedToken>> inspect(
            int[] ids, int alternatives, RouteSettings route, Consumer<InspectedToken> seen) {
        RequestValidator.requireTokens("inspect", ids);
        ScoreRequest.requireAlternatives(alternatives);
        validator.require("text", ids, route, ids.length, 0);
        InspectionTask inspection = new InspectionTask(ids, alternatives, route, seen);
        return submit(inspection, inspection.result());
    }

    /// Embeds a text: as the mean of its tokens' last states, of length 1.
    ///
    /// @param ids the text, not empty
    /// @param route what is asked of depth; texts that are to be compared should be asked for alike
    /// @return the embedding; cancelling it ends the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws QueueFullException if as many requests wait as may
    public CompletableFuture<TextEmbedding> embed(int[] ids, RouteSettings route) {
        RequestValidator.requireTokens("embed", ids);
        validator.require("text", ids, route, ids.length, 0);
        EmbeddingTask embedding = new EmbeddingTask(ids, route, config().hiddenSize());
        return submit(embedding, embedding.result());
    }

    /// Submits what has one result; cancelling the result ends the work.
    private <T> CompletableFuture<T> submit(SequenceTask task, CompletableFuture<T> result) {
        Sequence sequence = sequence(task, Optional.empty());
        loop.submit(sequence);
        CompletableFuture<T> _ = result.whenComplete((_, _) -> {
            if (result.isCancelled()) {
                loop.cancel(sequence);
            }
        });
        return result;
    }

    /// Asks what the engine has done.
    ///
    /// @return the statistics at the next border of a stage
    public EngineStatistics statistics() {
        return joined(loop.query(Scheduler::statistics));
    }

    /// Asks what the requests that have not ended are at.
    ///
    /// @return those at work, then those that wait, at the next border of a stage
    public List<SequenceStatus> sequences() {
        return joined(loop.query(Scheduler::sequences));
    }

    /// Forgets all texts that are kept for requests to come; those at work go on.
    ///
    /// @return the statistics after it
    public EngineStatistics clearPrefixCache() {
        return joined(loop.query(owned -> {
            owned.clearPrefixes();
            return owned.statistics();
        }));
    }

    /// Forgets an owner of requests: the texts that are kept for them, and what the router chose for their tokens.
    ///
    /// @param owner of requests
    /// @return the statistics after it
    public EngineStatistics forget(String owner) {
        return joined(loop.query(owned -> {
            owned.forget(owner);
            return owned.statistics();
        }));
    }

    /// Ends everything that is at work, and frees the memory. Closing it again does nothing, and nor does closing an
    /// engine {@link #withAdapter}.
    @Override
    public void close() {
        if (adapted.isEmpty()) {
            loop.close();
        }
    }
}
