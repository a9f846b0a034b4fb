package dev.saiki.server.generation;

import dev.saiki.engine.Engine;
import dev.saiki.engine.Finish;
import dev.saiki.engine.NotFiniteException;
import dev.saiki.engine.Token;
import dev.saiki.io.InputException;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.ClientGoneException;
import dev.saiki.server.prompt.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The answers to one request while they are written, all at the same time. Closing it cancels those that are not done.
public final class Answers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /// How long a cancelled answer may take to end.
    private static final Duration LAST_END = Duration.ofSeconds(2);

    private final Ask ask;
    private final List<Source> sources = new ArrayList<>();
    private volatile boolean abandoned;
    private @Nullable Events events;

    /// Something that happened to one of the answers.
    sealed interface Event {
        record Written(int index, Token token) implements Event {}

        record Ended(int index, Finish finish) implements Event {}

        record Failed(int index, RuntimeException failure) implements Event {}
    }

    private Answers(Ask ask) {
        this.ask = ask;
    }

    /// Hands all answers over to the engine, or none.
    ///
    /// @throws dev.saiki.io.InputException if one is impossible
    /// @throws dev.saiki.engine.EngineFullException if as many requests wait as may
    public static Answers begin(ServedModel model, Ask ask) {
        Answers answers = new Answers(ask);
        try {
            for (Prompt prompt : ask.prompts()) {
                for (int choice = 0; choice < ask.choices(); choice++) {
                    answers.sources.add(source(model, ask, prompt, choice));
                }
            }
            return answers;
        } catch (RuntimeException e) {
            answers.close();
            throw e;
        }
    }

    private static Source source(ServedModel model, Ask ask, Prompt prompt, int choice) {
        Engine engine = model.engine();
        if (ask.maxTokens() > 0) {
            return new Source.Written(
                    engine.submit(ask.request(prompt, choice)),
                    model.rescorer().draw(engine, prompt.ids(), ask.settings().route()));
        }
        return ask.reportsPrompt() ? Source.Scored.ask(engine, ask, prompt) : new Source.Nothing(prompt.ids().length);
    }

    public Ask ask() {
        return ask;
    }

    /// The prompt of an answer.
    Prompt promptOf(int index) {
        return ask.prompts().get(index / ask.choices());
    }

    /// What an answer begins with beside its tokens: the prompt, if it is wanted, and not among the tokens already.
    String beginningOf(int index) {
        return ask.wants(AnswerPart.PROMPT) && !ask.reportsPrompt()
                ? promptOf(index).text()
                : "";
    }

    public int count() {
        return sources.size();
    }

    /// Waits for all of them.
    ///
    /// @param onToken is called at the first token of each
    /// @throws ApiException if one did not end in time
    /// @throws ClientGoneException if they were abandoned
    public List<Answer> all(Runnable onToken) {
        try {
            return written(onToken);
        } catch (ApiException failure) {
            throw orAbandoned(failure);
        }
    }

    private List<Answer> written(Runnable onToken) {
        List<Answer> done = new ArrayList<>();
        for (int index = 0; index < sources.size(); index++) {
            StringBuilder text = new StringBuilder(beginningOf(index));
            List<Token> tokens = new ArrayList<>();
            Iterator<Token> written = sources.get(index).tokens();
            if (written.hasNext()) {
                // The first one, whose time is measured; for the others nobody needs to be woken.
                onToken.run();
                sources.get(index).awaitEnd();
            }
            written.forEachRemaining(token -> {
                text.append(token.text());
                tokens.add(token);
            });
            Finish finish = requireWhole(sources.get(index).finish());
            done.add(new Answer(index, text.append(finish.text()).toString(), tokens, finish));
        }
        return done;
    }

    /// Lets through what ended by itself.
    ///
    /// @throws ApiException if it was late or the server ends
    Finish requireWhole(Finish finish) {
        return switch (finish.reason()) {
            case END_OF_TEXT, FORM_COMPLETE, STOP, STOP_TOKEN, MAX_TOKENS -> finish;
            case DEADLINE -> throw ApiException.late(ask.settings().timeout().orElse(Duration.ZERO));
            case CANCELLED -> throw orAbandoned(ApiException.ending());
            case FAILED -> throw failed(finish.failure().orElse(null));
        };
    }

    private static ApiException failed(@Nullable Throwable failure) {
        return switch (failure) {
            // A form may turn out to be too much only when much of it is written.
            case InputException mistake -> ApiException.invalid(mistake);
            case NotFiniteException _ -> {
                LOG.error("an answer was given up", failure);
                yield ApiException.notFinite();
            }
            case null, default -> {
                LOG.error("the engine failed", failure);
                yield ApiException.broken();
            }
        };
    }

    /// What stopped answers that nobody waits for is that nobody does.
    private RuntimeException orAbandoned(RuntimeException failure) {
        return abandoned ? new ClientGoneException() : failure;
    }

    /// Cancels what is not done, for nobody wants it any more. May be called from any thread.
    public void abandon() {
        abandoned = true;
        close();
    }

    /// Reads all of them at once: a single one on the thread that asks, several each on a thread of its own.
    ///
    /// @return what happens, as it happens
    public Events events() {
        if (sources.size() == 1 && sources.getFirst() instanceof Source.Written only) {
            Events direct = new EventsOfOne(only, only.tokens());
            events = direct;
            return direct;
        }
        BlockingQueue<Event> queue = new LinkedBlockingQueue<>();
        for (int index = 0; index < sources.size(); index++) {
            int which = index;
            Thread.ofVirtual().name("saiki-answer-" + which).start(() -> read(which, queue));
        }
        Events all = new EventsOfMany(queue);
        events = all;
        return all;
    }

    /// Cancels what is not done, and waits for its ends: what was computed until then was computed.
    ///
    /// @param known answers whose ends are known
    /// @return the ends of others that the engine wrote
    public SortedMap<Integer, Finish> cutOff(BitSet known) {
        close();
        SortedMap<Integer, Finish> ends = new TreeMap<>();
        if (Thread.currentThread().isInterrupted()) {
            return ends;
        }
        Events all = events;
        if (all != null) {
            all.ends(sources.size() - known.cardinality(), ends);
            return ends;
        }
        for (int index = known.nextClearBit(0); index < sources.size(); index = known.nextClearBit(index + 1)) {
            if (sources.get(index) instanceof Source.Written written) {
                ends.put(index, written.finish());
            }
        }
        return ends;
    }

    private void read(int index, BlockingQueue<Event> queue) {
        try {
            sources.get(index).tokens().forEachRemaining(token -> queue.add(new Event.Written(index, token)));
            queue.add(new Event.Ended(index, sources.get(index).finish()));
        } catch (RuntimeException failure) {
            queue.add(new Event.Failed(index, orAbandoned(failure)));
        }
    }

    /// What happens to the answers.
    abstract static class Events {

        /// Waits for the next event, for a while.
        ///
        /// @param most how long; nothing to take only what has happened already
        /// @return nothing if nothing happened
        public Optional<Event> next(Duration most) {
            try {
                return await(most);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw ApiException.ending();
            }
        }

        public abstract Optional<Event> await(Duration most) throws InterruptedException;

        /// Lets events gather for a while, or until the end.
        void gather(Duration most) {
            try {
                letGather(most);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw ApiException.ending();
            }
        }

        abstract void letGather(Duration most) throws InterruptedException;

        /// Waits for ends, each for a while.
        private void ends(int count, SortedMap<Integer, Finish> ends) {
            int open = count;
            Optional<Event> event = next(LAST_END);
            while (open > 0 && event.isPresent()) {
                switch (event.get()) {
                    case Event.Ended(int index, Finish finish) -> {
                        ends.put(index, finish);
                        open--;
                    }
                    case Event.Failed _ -> open--;
                    case Event.Written _ -> {}
                }
                event = open > 0 ? next(LAST_END) : Optional.empty();
            }
        }
    }

    private static final class EventsOfMany extends Events {

        private final BlockingQueue<Event> queue;

        private EventsOfMany(BlockingQueue<Event> queue) {
            this.queue = queue;
        }

        @Override
        public Optional<Event> await(Duration most) throws InterruptedException {
            return Optional.ofNullable(queue.poll(most.toMillis(), TimeUnit.MILLISECONDS));
        }

        /// Several answers gather by themselves, while another one's event is written.
        @Override
        void letGather(Duration most) {}
    }

    /// From the engine's thread to the one that writes, without another one between them.
    private static final class EventsOfOne extends Events {

        private final Source.Written source;
        private final Iterator<Token> tokens;

        private EventsOfOne(Source.Written source, Iterator<Token> tokens) {
            this.source = source;
            this.tokens = tokens;
        }

        @Override
        public Optional<Event> await(Duration most) throws InterruptedException {
            if (!source.stream().awaitNext(most)) {
                return Optional.empty();
            }
            return Optional.of(
                    tokens.hasNext() ? new Event.Written(0, tokens.next()) : new Event.Ended(0, source.finish()));
        }

        @Override
        void letGather(Duration most) throws InterruptedException {
            source.stream().awaitEnd(most);
        }
    }

    @Override
    public void close() {
        sources.forEach(Source::close);
    }
}
