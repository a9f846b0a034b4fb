package dev.saiki.engine;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.cache.CacheShape;
import dev.saiki.engine.cache.PageLayout;
import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.constraint.ConstrainedText;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.constraint.TokenTrie;
import dev.saiki.engine.constraint.WholeUtf8;
import dev.saiki.engine.constraint.WholeUtf8Text;
import dev.saiki.engine.kernel.CacheFormat;
import dev.saiki.engine.kernel.Workers;
import dev.saiki.engine.model.EngineWeights;
import dev.saiki.engine.model.Stages;
import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A model that writes: many requests at once, each token as deep as its router says.
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
/// One thread owns the model and runs stage after stage ({@link Scheduler}); callers hand requests over and
/// read tokens. What a request gets depends on the request alone: not on others, on when it comes, or on how
/// prompts are cut. Keys and values of what requests have read and written are kept as long as there is room; a
/// request that begins with the same tokens, and says the same of depth, does not compute them again, and gets the
/// same answer sooner ({@link EngineOptions#prefixCache}). Safe for any number of threads.
public final class Engine implements AutoCloseable {

    /// Tokens of a page of the recursion's stores. Small, so that little is wasted at the end of each; large enough
    /// that attention walks over runs.
    private static final int PAGE_TOKENS = 16;

    private final CheckpointDirectory checkpoint;
    private final Optional<Tokenizer> tokenizer;
    private final EngineOptions options;
    private final Workers workers;
    private final PagePool pool;
    private final EngineWeights weights;
    private final Scheduler scheduler;
    private final RouterBreaker breaker;
    private final ConcurrentLinkedQueue<Sequence> incoming = new ConcurrentLinkedQueue<>();
    private final AtomicInteger handed = new AtomicInteger();
    private final AtomicLong numbers = new AtomicLong();
    private final ConcurrentLinkedQueue<Runnable> questions = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile int waiting;
    private volatile boolean overrulesRouter;
    private final AtomicBoolean freed = new AtomicBoolean();
    private volatile boolean closed;

    /// Whether the thread has ended, so that those who come do themselves what is left to do.
    private volatile boolean deaf;

    private final ReentrantLock afterwards = new ReentrantLock();
    private @Nullable TokenTrie trie;
    private @Nullable WholeUtf8 wholeUtf8;

    private Engine(
            CheckpointDirectory checkpoint,
            Optional<Tokenizer> tokenizer,
            EngineOptions options,
            EngineWeights weights) {
        this.checkpoint = checkpoint;
        this.tokenizer = tokenizer;
        this.options = options;
        this.weights = weights;
        this.workers = Workers.of(options.threads());
        Stages stages = new Stages(weights, workers);
        this.pool = pool(checkpoint.config(), stages.cacheShape(), options);
        this.breaker = new RouterBreaker(
                checkpoint.config().numRecursions(), options.breaker(), DepthReference.of(checkpoint));
        this.scheduler = new Scheduler(stages, checkpoint.config(), options, pool, breaker);
        this.thread = Thread.ofPlatform().name("saiki-engine").daemon().unstarted(this::run);
    }

    /// Opens a model with the tokenizer that lies beside it.
    ///
    /// @param model a checkpoint folder
    /// @param options how to use the machine
    /// @return the engine, to be closed
    /// @throws InputException if the folder is not a checkpoint, or its tokenizer does not fit
    public static Engine open(Path model, EngineOptions options) {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        Path tokenizerFile = checkpoint.tokenizer();
        // Beside each other: a tokenizer takes as long as the weights of a small model.
        CompletableFuture<EngineWeights> weights = CompletableFuture.supplyAsync(() -> read(checkpoint, options));
        Tokenizer tokenizer;
        try {
            tokenizer = Tokenizer.load(tokenizerFile);
            requireFits(checkpoint, tokenizer);
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
        requireFits(checkpoint, tokenizer);
        return start(checkpoint, Optional.of(tokenizer), options, read(checkpoint, options));
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

    private static void requireFits(CheckpointDirectory checkpoint, Tokenizer tokenizer) {
        if (tokenizer.vocabSize() > checkpoint.config().vocabSize()) {
            throw InputException.of(
                    checkpoint.path().toString(),
                    "the tokenizer's vocabulary",
                    "at most the model's " + checkpoint.config().vocabSize() + " tokens",
                    tokenizer.vocabSize());
        }
    }

    /// Opens a model that has no tokenizer: what it writes are ids without text, and it ends no text itself.
    ///
    /// @param checkpoint the model
    /// @param options how to use the machine
    /// @return the engine, to be closed
    public static Engine withoutText(CheckpointDirectory checkpoint, EngineOptions options) {
        return start(checkpoint, Optional.empty(), options, read(checkpoint, options));
    }

    private static EngineWeights read(CheckpointDirectory checkpoint, EngineOptions options) {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            throw new InputException(
                    "the engine computes with the Vector API: run java with --add-modules jdk.incubator.vector");
        }
        return EngineWeights.read(checkpoint, options);
    }

    private static Engine start(
            CheckpointDirectory checkpoint,
            Optional<Tokenizer> tokenizer,
            EngineOptions options,
            EngineWeights weights) {
        try {
            Engine engine = new Engine(checkpoint, tokenizer, options, weights);
            engine.thread.start();
            return engine;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    private static PagePool pool(ModelConfig config, CacheShape shape, EngineOptions options) {
        CacheFormat format = options.weights() == WeightFormat.FLOAT32 ? CacheFormat.FLOAT32 : CacheFormat.BFLOAT16;
        PageLayout layout =
                new PageLayout(shape.blockLayers(), PAGE_TOKENS, config.numKeyValueHeads(), config.headDim(), format);
        long pages = options.cacheBytes() / layout.pageBytes();
        if (pages < 1) {
            throw new InputException("cache_bytes must be at least a page, " + layout.pageBytes() + " bytes, got "
                    + options.cacheBytes());
        }
        return new PagePool(layout, (int) Math.min(pages, Integer.MAX_VALUE));
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
        return !closed;
    }

    /// Counts the memory of a number among the keys and values.
    ///
    /// @return bytes
    public int cacheNumberBytes() {
        return pool.layout().format().bytes();
    }

    /// Tells whether tokens take all recursions now, since the router is not trusted.
    ///
    /// @return as it was a moment ago
    public boolean overrulesRouter() {
        return overrulesRouter;
    }

    /// Counts the requests that wait, without asking the thread that works.
    ///
    /// @return how many, as they were a moment ago
    public int waiting() {
        return handed.get() + waiting;
    }

    /// Returns how it uses the machine.
    ///
    /// @return the options it was opened with
    public EngineOptions options() {
        return options;
    }

    /// Counts the memory of the weights.
    ///
    /// @return bytes
    public long weightBytes() {
        return weights.bytes();
    }

    /// Hands a request over.
    ///
    /// @param request what to write
    /// @return its tokens, as they are written
    /// @throws InputException if prompt and answer do not fit in the model's context or in the memory for keys and
    ///     values, a token id is unknown, or the model has no such effort
    /// @throws EngineFullException if as many requests wait as may
    public TokenStream submit(GenerationRequest request) {
        requireIds("prompt", request.prompt());
        requireRoute(request.route());
        requireRoom(request.prompt().length, request.maxTokens());
        Sequence[] sequence = new Sequence[1];
        TokenStream stream = new TokenStream(() -> {
            sequence[0].cancel();
            LockSupport.unpark(thread);
        });
        sequence[0] = new Sequence(
                numbers.getAndIncrement(),
                new Sequence.Generating(
                        request, tokenizer, request.constraint().map(this::begin), wholeText(request), stream),
                request.timeout(),
                System.nanoTime());
        hand(sequence[0]);
        return stream;
    }

    /// Asks for the probabilities of a text.
    ///
    /// @param ids the text, not empty
    /// @param route what is asked of depth
    /// @return log-probabilities and depths of all positions
    /// @throws InputException as {@link #submit}
    /// @throws EngineFullException if as many requests wait as may
    public CompletableFuture<TokenScores> score(int[] ids, RouteSettings route) {
        return score(ScoreRequest.of(ids, route));
    }

    /// Asks for the probabilities of a text, or of its end, and what else was likely.
    ///
    /// @param request what to score
    /// @return log-probabilities, depths and alternatives; cancelling it ends the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws EngineFullException if as many requests wait as may
    public CompletableFuture<TokenScores> score(ScoreRequest request) {
        requireIds("text", request.ids());
        requireRoute(request.route());
        requireRoom(request.read(), 0);
        PendingScore score = new PendingScore(request);
        return hand(new Sequence.Scoring(request, score), score.future());
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
    /// @throws EngineFullException if as many requests wait as may
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
    /// @throws EngineFullException if as many requests wait as may
    public CompletableFuture<List<InspectedToken>> inspect(
            int[] ids, int alternatives, RouteSettings route, Consumer<InspectedToken> seen) {
        if (ids.length == 0) {
            throw new InputException("a text to inspect must have at least 1 token, got 0");
        }
        ScoreRequest.requireAlternatives(alternatives);
        requireIds("text", ids);
        requireRoute(route);
        requireRoom(ids.length, 0);
        PendingInspection inspection = new PendingInspection(ids, alternatives, route, seen);
        return hand(inspection, inspection.future());
    }

    /// Makes a point of a text: the mean of its tokens' last states, of length 1.
    ///
    /// @param ids the text, not empty
    /// @param route what is asked of depth; texts that are to be compared should be asked for alike
    /// @return the embedding; cancelling it ends the work at the next stage
    /// @throws InputException as {@link #submit}
    /// @throws EngineFullException if as many requests wait as may
    public CompletableFuture<TextEmbedding> embed(int[] ids, RouteSettings route) {
        if (ids.length == 0) {
            throw new InputException("a text to embed must have at least 1 token, got 0");
        }
        requireIds("text", ids);
        requireRoute(route);
        requireRoom(ids.length, 0);
        PendingEmbedding embedding = new PendingEmbedding(ids, route, config().hiddenSize());
        return hand(embedding, embedding.future());
    }

    /// Hands over what has one result; cancelling the result ends the work.
    private <T> CompletableFuture<T> hand(Sequence.Work work, CompletableFuture<T> result) {
        Sequence sequence = new Sequence(numbers.getAndIncrement(), work, Optional.empty(), System.nanoTime());
        hand(sequence);
        CompletableFuture<T> _ = result.whenComplete((_, _) -> {
            if (result.isCancelled()) {
                sequence.cancel();
                LockSupport.unpark(thread);
            }
        });
        return result;
    }

    private ConstrainedText begin(TextConstraint constraint) {
        Tokenizer known = tokenizer.orElseThrow(
                () -> new InputException("an answer of a given form needs a tokenizer, and the model has none"));
        return constraint.begin(known, trie(known));
    }

    private Optional<WholeUtf8Text> wholeText(GenerationRequest request) {
        return request.wholeUtf8()
                ? tokenizer.map(known -> wholeUtf8(known).behind(request.prompt()))
                : Optional.empty();
    }

    /// The tokens of each place within a character, found when a text is first asked for.
    private synchronized WholeUtf8 wholeUtf8(Tokenizer known) {
        WholeUtf8 made = wholeUtf8;
        if (made == null) {
            made = new WholeUtf8(known);
            wholeUtf8 = made;
        }
        return made;
    }

    /// The tokens as a tree, made when an answer of a given form is first asked for.
    private synchronized TokenTrie trie(Tokenizer known) {
        TokenTrie made = trie;
        if (made == null) {
            made = new TokenTrie(known);
            trie = made;
        }
        return made;
    }

    private void hand(Sequence sequence) {
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
        if (handed.incrementAndGet() + waiting > options.maxWaiting()) {
            handed.decrementAndGet();
            throw new EngineFullException(options.maxWaiting());
        }
        incoming.add(sequence);
        LockSupport.unpark(thread);
        if (deaf) {
            refuseLate();
        }
    }

    private void requireIds(String what, int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= config().vocabSize()) {
                throw InputException.of(what, "a token id", "from 0 to " + (config().vocabSize() - 1), id);
            }
        }
    }

    private void requireRoute(RouteSettings route) {
        route.forced().ifPresent(this::requireForced);
        if (route.effort().isEmpty()) {
            return;
        }
        double effort = route.effort().getAsDouble();
        if (!(config().routing() instanceof Routing.ExpertThreshold routing)) {
            throw new InputException("effort is for models with expert_threshold routing; this one has "
                    + config().routing().key());
        }
        if (!(effort >= routing.effortGrid().getFirst() && effort <= 1)) {
            throw new InputException(
                    "effort must be in [" + routing.effortGrid().getFirst()
                            + ", 1], of which routing.effort_grid names the least, got " + effort);
        }
    }

    private void requireForced(ForcedDepths forced) {
        int most = config().numRecursions();
        switch (forced) {
            case DepthHistogram(List<Double> shares, long _) -> {
                if (shares.size() != most) {
                    throw new InputException(
                            "depths must be one share for each of " + most + " recursions, got " + shares);
                }
            }
            case PositionDepths(Map<Integer, Integer> depths) -> {
                if (config().routing() instanceof Routing.None) {
                    throw new InputException("depths must be left out where no router decides about them");
                }
                depths.values().stream()
                        .filter(depth -> depth > most)
                        .findFirst()
                        .ifPresent(depth -> {
                            throw new InputException("depths must be from 1 to " + most + ", got " + depth);
                        });
            }
        }
    }

    private void requireRoom(int promptTokens, int maxTokens) {
        long longest = promptTokens + (long) maxTokens;
        if (longest > config().maxPositionEmbeddings()) {
            throw new InputException("max_tokens must be at most "
                    + Math.max(0, config().maxPositionEmbeddings() - promptTokens) + " after a prompt of "
                    + promptTokens + " tokens, for the model sees " + config().maxPositionEmbeddings()
                    + " tokens at once, got " + maxTokens);
        }
        int pages = scheduler.mostPages((int) longest);
        if (pages > pool.capacity()) {
            throw new InputException("prompt and answer of " + longest + " tokens may need " + pages
                    + " pages of keys and values, and cache_bytes = " + options.cacheBytes() + " are "
                    + pool.capacity());
        }
    }

    private void run() {
        try {
            while (!closed) {
                takeIncoming();
                answerQuestions();
                if (scheduler.isIdle()) {
                    LockSupport.park(this);
                } else {
                    scheduler.step(System.nanoTime());
                    overrulesRouter = breaker.overrules();
                    waiting = scheduler.waiting();
                }
            }
            takeIncoming();
            scheduler.endAll(FinishReason.FAILED, Optional.of(new IllegalStateException("the engine was closed")));
        } catch (RuntimeException | Error e) {
            closed = true;
            takeIncoming();
            scheduler.endAll(FinishReason.FAILED, Optional.of(e));
        } finally {
            // Before the last look at what has come: whoever comes later looks himself.
            deaf = true;
            refuseLate();
        }
    }

    /// Answers the questions and ends the requests that came when the thread had looked for the last time.
    private void refuseLate() {
        afterwards.lock();
        try {
            answerQuestions();
            for (Sequence next = incoming.poll(); next != null; next = incoming.poll()) {
                handed.decrementAndGet();
                next.end(FinishReason.FAILED, Optional.of(new IllegalStateException("the engine is closed")));
            }
        } finally {
            afterwards.unlock();
        }
    }

    private void takeIncoming() {
        for (Sequence next = incoming.poll(); next != null; next = incoming.poll()) {
            scheduler.add(next);
            waiting = scheduler.waiting();
            handed.decrementAndGet();
        }
    }

    private void answerQuestions() {
        for (Runnable next = questions.poll(); next != null; next = questions.poll()) {
            next.run();
        }
    }

    /// Asks what the engine has done.
    ///
    /// @return the statistics at the next border of a stage
    public EngineStatistics statistics() {
        return ask(Scheduler::statistics);
    }

    /// Asks what the requests that have not ended are at.
    ///
    /// @return those at work, then those that wait, at the next border of a stage
    public List<SequenceStatus> sequences() {
        return ask(Scheduler::sequences);
    }

    /// Forgets all texts that are kept for requests to come; those at work go on.
    ///
    /// @return the statistics after it
    public EngineStatistics clearPrefixCache() {
        return ask(owned -> {
            owned.clearPrefixes();
            return owned.statistics();
        });
    }

    private <T> T ask(Function<Scheduler, T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        questions.add(() -> {
            try {
                answer.complete(question.apply(scheduler));
            } catch (RuntimeException | Error e) {
                // It is the asker's, and neither the engine's end nor a reason to keep the asker waiting.
                answer.completeExceptionally(e);
            }
        });
        LockSupport.unpark(thread);
        if (deaf) {
            refuseLate();
        }
        return joined(answer);
    }

    /// Ends everything that is at work, and frees the memory. Closing it again does nothing.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (freed.compareAndSet(false, true)) {
            workers.close();
            pool.close();
            weights.close();
        }
    }
}
