package dev.saiki.server.deployment;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.QueueFullException;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.metrics.ServerMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A rescorer of a share of the answers: in idle time, each is scored again at the router's depths and at full
/// depth. The two scores measure the quality cost of routing: how often the likeliest token differs, and how much
/// likelier the answer's tokens are at full depth or at the router's depths. Sampled tokens are on average
/// likelier at the router's depths, at which they were generated; tokens that are likelier at full depth
/// nevertheless are evidence for full depth.
///
/// Rescoring yields to requests at once, and its queue is short: answers that arrive while the queue is full are
/// not scored. Texts are held only in the queue of rescoring, and never logged or stored.
public final class Rescorer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rescorer.class);
    private static final int MAX_WAITING = 32;
    private static final long LOOK_MILLIS = 50;

    private final double fraction;
    private final ServerMetrics metrics;
    private final Supplier<List<Engine>> served;
    private final BlockingQueue<Text> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread thread;

    /// A prompt and its answer.
    ///
    /// @param engine the engine that generated the answer
    /// @param ids the ids of the prompt and the answer
    /// @param promptTokens the number of tokens that belong to the prompt
    /// @param route the depth settings of the request
    /// @param guard receives the result, if the answer was generated with a certified effort
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares texts.
    private record Text(Engine engine, int[] ids, int promptTokens, RouteSettings route, Optional<EffortGuard> guard) {

        /// The positions of the answer.
        IntStream positions() {
            return IntStream.range(promptTokens, ids.length);
        }

        RouteSettings at(int depth) {
            return RouteSettings.within(depth, depth);
        }
    }

    /// Starts the thread that rescores answers.
    ///
    /// @param fraction the share of the answers that are rescored
    /// @param metrics receive the results
    /// @param served supplies the engines that currently serve requests
    public Rescorer(double fraction, ServerMetrics metrics, Supplier<List<Engine>> served) {
        this.fraction = fraction;
        this.metrics = metrics;
        this.served = served;
        this.thread = Thread.ofVirtual().name("saiki-rescorer").start(this::run);
    }

    /// An answer to be rescored, which collects its tokens as they are generated.
    public final class Sample {

        private final Engine engine;
        private final RouteSettings route;
        private final Optional<EffortGuard> guard;
        private final int promptTokens;
        private int[] ids;
        private int length;

        private Sample(Engine engine, int[] prompt, RouteSettings route, Optional<EffortGuard> guard) {
            this.guard = guard.filter(own -> own.judges(route));
            this.engine = engine;
            this.route = route;
            this.promptTokens = prompt.length;
            this.ids = Arrays.copyOf(prompt, 2 * prompt.length + 16);
            this.length = prompt.length;
        }

        public void take(Token token) {
            if (token.position() < promptTokens) {
                return;
            }
            if (length == ids.length) {
                ids = Arrays.copyOf(ids, 2 * length);
            }
            ids[length] = token.id();
            length++;
        }

        /// Marks the answer as ended. An answer that was cancelled, failed or exceeded its deadline is not
        /// scored.
        public void end(GenerationResult finish) {
            boolean whole = switch (finish.reason()) {
                case END_OF_TEXT, FORM_COMPLETE, STOP, STOP_TOKEN, MAX_TOKENS -> true;
                case CANCELLED, DEADLINE, FAILED -> false;
            };
            if (whole && length > promptTokens) {
                offer(new Text(engine, Arrays.copyOf(ids, length), promptTokens, route, guard));
            }
        }
    }

    /// Decides at random whether an answer is to be rescored. An answer at full depth is never rescored.
    ///
    /// @param guard the guard of the model's effort, if the answer may count for it: of several answers to a prompt
    ///     only one does, because they are not independent
    public Optional<Sample> draw(Engine engine, int[] prompt, RouteSettings route, Optional<EffortGuard> guard) {
        boolean routed = route.forced().isEmpty()
                && !(engine.config().routing() instanceof Routing.None)
                && route.bounds().min() < engine.config().numRecursions()
                && route.effort().orElse(0) != 1;
        return routed && ThreadLocalRandom.current().nextDouble() < fraction
                ? Optional.of(new Sample(engine, prompt, route, guard))
                : Optional.empty();
    }

    private void offer(Text text) {
        if (!waiting.offer(text)) {
            LOG.debug("an answer is not rescored: the queue is full");
        }
    }

    private void run() {
        try {
            while (true) {
                Text text = waiting.take();
                while (isBusy(text.engine(), 0)) {
                    Thread.sleep(LOOK_MILLIS);
                }
                if (!rescore(text)) {
                    offer(text);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether requests need the processor, at the engine that generated the text or at an engine that serves
    /// requests now.
    private boolean isBusy(Engine engine, int own) {
        return hasWork(engine, own) || served.get().stream().anyMatch(now -> now != engine && hasWork(now, 0));
    }

    private static boolean hasWork(Engine engine, int own) {
        return engine.isRunning()
                && (engine.waiting() > 0 || engine.statistics().running() > own);
    }

    /// Scores a text at the router's depths, at full depth and, for a certified effort, at the certificate's
    /// reference depth.
    ///
    /// @return false if a request interrupted the scoring, so that the text must be scored later
    private boolean rescore(Text text) throws InterruptedException {
        int all = text.engine().config().numRecursions();
        try {
            Optional<TokenScores> routed = score(text, text.route());
            Optional<TokenScores> full = routed.isEmpty() ? routed : score(text, text.at(all));
            Optional<TokenScores> reference = full.isEmpty() ? full : reference(text, full.get(), all);
            if (reference.isEmpty()) {
                return false;
            }
            compare(text, routed.orElseThrow(), full.orElseThrow());
            text.guard().ifPresent(guard -> guard.observe(risks(text, routed.orElseThrow(), reference.get())));
        } catch (ExecutionException | IllegalArgumentException | IllegalStateException | QueueFullException e) {
            LOG.debug("an answer could not be rescored", e);
        }
        return true;
    }

    /// Returns the scores at the reference depth of the certificate; without a certificate, the scores at full
    /// depth.
    private Optional<TokenScores> reference(Text text, TokenScores full, int all)
            throws ExecutionException, InterruptedException {
        int depth = text.guard().map(EffortGuard::referenceDepth).orElse(all);
        return depth == all ? Optional.of(full) : score(text, text.at(depth));
    }

    private static EffortGuard.Risks risks(Text text, TokenScores routed, TokenScores reference) {
        double lossIncrease = text.positions()
                .mapToDouble(position -> reference.logprobs()[position] - routed.logprobs()[position])
                .average()
                .orElse(0);
        int scored = text.ids().length - text.promptTokens();
        return new EffortGuard.Risks(lossIncrease, (double) flips(text, routed, reference) / scored);
    }

    /// The number of positions of the answer at which the most likely token differs.
    private static long flips(Text text, TokenScores routed, TokenScores other) {
        return text.positions()
                .filter(position ->
                        routed.alternatives().get(position).getFirst().id()
                                != other.alternatives().get(position).getFirst().id())
                .count();
    }

    private Optional<TokenScores> score(Text text, RouteSettings route)
            throws ExecutionException, InterruptedException {
        Engine engine = text.engine();
        ScoreRequest request = ScoreRequest.builder(text.ids(), route)
                .alternatives(1)
                .continuationFrom(text.promptTokens())
                .build();
        CompletableFuture<TokenScores> scores = engine.score(request);
        while (true) {
            try {
                return Optional.of(scores.get(LOOK_MILLIS, TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                if (!engine.isRunning()) {
                    throw new IllegalStateException("the engine was closed", e);
                }
                if (isBusy(engine, 1)) {
                    scores.cancel(true);
                    return Optional.empty();
                }
            }
        }
    }

    private void compare(Text text, TokenScores routed, TokenScores full) {
        int from = text.promptTokens();
        int to = text.ids().length;
        double forFull = 0;
        double forRouted = 0;
        for (int position = from; position < to; position++) {
            double gain = full.logprobs()[position] - routed.logprobs()[position];
            forFull += Math.max(0, gain);
            forRouted += Math.max(0, -gain);
        }
        metrics.rescored(to - from, flips(text, routed, full), forFull, forRouted);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
