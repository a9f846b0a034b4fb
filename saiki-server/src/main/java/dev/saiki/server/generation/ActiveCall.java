package dev.saiki.server.generation;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.io.InputException;
import dev.saiki.server.deployment.EffortGuard;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.deployment.Rescorer;
import dev.saiki.server.generation.GenerationEvent.AnswerEnded;
import dev.saiki.server.generation.GenerationEvent.AnswerFailed;
import dev.saiki.server.generation.GenerationEvent.TokenWritten;
import dev.saiki.text.chat.EncodedPrompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A generation call in progress, with all its answers. Closing the call cancels its unfinished answers.
public final class ActiveCall implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveCall.class);

    /// The longest wait for a cancelled answer to end.
    private static final Duration LAST_END = Duration.ofSeconds(2);

    private final GenerationCall call;
    private final List<TokenSource> sources = new ArrayList<>();
    private volatile boolean abandoned;
    private @Nullable EventQueue events;

    private ActiveCall(GenerationCall call) {
        this.call = call;
    }

    /// Submits all answers to the engine, or none.
    ///
    /// @param deployment the deployment of the model
    /// @param call the call to run
    /// @throws dev.saiki.io.InputException if a request is invalid
    /// @throws dev.saiki.engine.QueueFullException if the queue is full
    public static ActiveCall start(ModelDeployment deployment, GenerationCall call) {
        ActiveCall active = new ActiveCall(call);
        try {
            for (EncodedPrompt prompt : call.prompts()) {
                for (int choice = 0; choice < call.choices(); choice++) {
                    active.sources.add(source(deployment, call, prompt, choice));
                }
            }
            return active;
        } catch (RuntimeException e) {
            active.close();
            throw e;
        }
    }

    private static TokenSource source(
            ModelDeployment deployment, GenerationCall call, EncodedPrompt prompt, int choice) {
        Engine engine = deployment.engine();
        if (call.maxTokens() > 0) {
            Optional<EffortGuard> guard = choice == 0 ? deployment.guard() : Optional.empty();
            return new TokenSource.Written(
                    engine.submit(call.request(prompt, choice)),
                    deployment
                            .monitors()
                            .rescorer()
                            .draw(engine, prompt.ids(), call.settings().route(), guard));
        }
        return call.reportsPrompt()
                ? TokenSource.Scored.ask(engine, call, prompt)
                : new TokenSource.Nothing(prompt.ids().length);
    }

    /// Waits for all answers.
    ///
    /// @param onFirstToken called at the first token of each answer
    /// @throws ApiException if an answer did not end in time
    /// @throws ClientGoneException if the client has disconnected
    public List<FinishedAnswer> all(Runnable onFirstToken) {
        try {
            return written(onFirstToken);
        } catch (ApiException failure) {
            throw orAbandoned(failure);
        }
    }

    private List<FinishedAnswer> written(Runnable onFirstToken) {
        List<FinishedAnswer> done = new ArrayList<>();
        for (int index = 0; index < sources.size(); index++) {
            TokenSource source = sources.get(index);
            StringBuilder text = new StringBuilder(call.beginningOf(index));
            List<Token> tokens = new ArrayList<>();
            Iterator<Token> written = source.tokens();
            if (written.hasNext()) {
                // Only the time of the first token is measured, so this thread sleeps until the answer ends.
                onFirstToken.run();
                source.awaitEnd();
            }
            written.forEachRemaining(token -> {
                text.append(token.text());
                tokens.add(token);
            });
            GenerationResult finish = source.finish();
            Optional<RuntimeException> failure = failure(finish);
            if (failure.isPresent()) {
                throw failure.get();
            }
            done.add(new FinishedAnswer(index, text.append(finish.text()).toString(), tokens, finish));
        }
        return done;
    }

    /// The failure of an incomplete answer; empty if it ended normally.
    private Optional<RuntimeException> failure(GenerationResult finish) {
        return switch (finish.reason()) {
            case END_OF_TEXT, FORM_COMPLETE, STOP, STOP_TOKEN, MAX_TOKENS -> Optional.empty();
            case DEADLINE ->
                Optional.of(ApiException.late(call.settings().timeout().orElse(Duration.ZERO)));
            case CANCELLED -> Optional.of(orAbandoned(ApiException.ending()));
            case FAILED -> Optional.of(failed(finish.failure().orElse(null)));
        };
    }

    private static ApiException failed(@Nullable Throwable failure) {
        return switch (failure) {
            // The request can turn out to be invalid late: the requested form may exceed the limits only after
            // a large part of the answer was generated.
            case InputException mistake -> ApiException.invalid(mistake);
            case NonFiniteException _ -> {
                LOG.error("an answer failed: the model computed numbers that are not finite", failure);
                yield ApiException.notFinite();
            }
            case null, default -> {
                LOG.error("the engine failed", failure);
                yield ApiException.broken();
            }
        };
    }

    /// Returns the failure or, if the client has disconnected, the disconnect, which is then the cause of every
    /// failure.
    private RuntimeException orAbandoned(RuntimeException failure) {
        return abandoned ? new ClientGoneException() : failure;
    }

    /// Cancels the unfinished answers because the client has disconnected. May be called from any thread.
    public void abandon() {
        abandoned = true;
        close();
    }

    /// Starts to read all answers at the same time, on one thread each. If there is only one answer and the engine
    /// generates it, the calling thread reads it.
    void open() {
        if (sources.size() == 1 && sources.getFirst() instanceof TokenSource.Written only) {
            events = new EventQueue.OfOne(only);
            return;
        }
        EventQueue.OfMany queue = new EventQueue.OfMany();
        for (int index = 0; index < sources.size(); index++) {
            int which = index;
            Thread.ofVirtual().name("saiki-answer-" + which).start(() -> read(which, queue));
        }
        events = queue;
    }

    private void read(int index, EventQueue.OfMany queue) {
        try {
            sources.get(index).tokens().forEachRemaining(token -> queue.add(new TokenWritten(index, token)));
            queue.add(new AnswerEnded(index, sources.get(index).finish()));
        } catch (RuntimeException failure) {
            queue.add(new AnswerFailed(index, Optional.empty(), orAbandoned(failure)));
        }
    }

    private EventQueue events() {
        return Optional.ofNullable(events)
                .orElseThrow(() -> new IllegalStateException("the answers are not opened yet"));
    }

    /// Waits for the next event, for a limited time.
    ///
    /// @param most the longest time to wait; zero returns only an event that is ready
    /// @return the event; empty if none arrived in time
    Optional<GenerationEvent> next(Duration most) {
        Optional<GenerationEvent> event = events().next(most);
        return event.isPresent() && event.get() instanceof AnswerEnded(int index, GenerationResult finish)
                ? Optional.of(judged(index, finish, event.get()))
                : event;
    }

    private GenerationEvent judged(int index, GenerationResult finish, GenerationEvent ended) {
        return failure(finish)
                .<GenerationEvent>map(failure -> new AnswerFailed(index, Optional.of(finish), failure))
                .orElse(ended);
    }

    /// The number of cached tokens of the first prompt, known once its answer has a token or an end.
    int cachedTokens() {
        return sources.getFirst() instanceof TokenSource.Written(TokenStream stream, Optional<Rescorer.Sample> _)
                ? stream.cachedTokens()
                : 0;
    }

    /// Lets events accumulate until the answer ends, but at most for a given time.
    void gather(Duration most) {
        events().gather(most);
    }

    /// Cancels the unfinished answers, and waits for their ends, which report the cost of each answer.
    ///
    /// @param known the answers whose ends are already known
    /// @return the ends of the answers not in `known`, as far as the engine reports them
    public SortedMap<Integer, GenerationResult> cutOff(BitSet known) {
        close();
        if (Thread.currentThread().isInterrupted()) {
            return new TreeMap<>();
        }
        EventQueue all = events;
        if (all != null) {
            return ends(all, sources.size() - known.cardinality());
        }
        SortedMap<Integer, GenerationResult> ends = new TreeMap<>();
        for (int index = known.nextClearBit(0); index < sources.size(); index = known.nextClearBit(index + 1)) {
            if (sources.get(index) instanceof TokenSource.Written written) {
                ends.put(index, written.finish());
            }
        }
        return ends;
    }

    /// Waits for a number of ends, each for a limited time.
    private static SortedMap<Integer, GenerationResult> ends(EventQueue events, int count) {
        SortedMap<Integer, GenerationResult> ends = new TreeMap<>();
        int open = count;
        Optional<GenerationEvent> event = events.next(LAST_END);
        while (open > 0 && event.isPresent()) {
            switch (event.get()) {
                case AnswerEnded(int index, GenerationResult finish) -> {
                    ends.put(index, finish);
                    open--;
                }
                case AnswerFailed _ -> open--;
                case TokenWritten _ -> {}
            }
            event = open > 0 ? events.next(LAST_END) : Optional.empty();
        }
        return ends;
    }

    @Override
    public void close() {
        sources.forEach(TokenSource::close);
    }
}
