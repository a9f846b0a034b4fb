package dev.saiki.engine;

import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.model.Span;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.text.Tokenizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A request at work: its tokens so far, what the model keeps of them, and the span that is on its way.
///
/// Owned by the engine's thread; only {@link #cancel} may be called by others.
final class Sequence {

    private final long number;
    private final Work work;
    private final long deadlineNanos;
    private int[] ids;
    private int length;
    private int processed;
    private long depthSum;
    private @Nullable SequenceCache cache;
    private @Nullable Span span;
    private volatile boolean cancelled;

    /// What is done with the logits.
    sealed interface Work permits Generating, Scoring {
        int[] prompt();

        RouteSettings route();

        /// Most tokens that the sequence can have.
        int longest();

        /// Whether what follows a position is to be predicted.
        boolean wantsLogits(int position, int length);

        /// Ends the work.
        void end(FinishReason reason, Optional<Throwable> failure, double meanDepth);
    }

    Sequence(long number, Work work, Optional<Duration> timeout, long now) {
        this.number = number;
        this.work = work;
        this.deadlineNanos = timeout.map(time -> now + time.toNanos()).orElse(Long.MAX_VALUE);
        this.ids = work.prompt();
        this.length = ids.length;
    }

    /// Rises with every request.
    long number() {
        return number;
    }

    Work work() {
        return work;
    }

    int length() {
        return length;
    }

    /// Tokens whose keys and values are stored.
    int processed() {
        return processed;
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    boolean isLate(long now) {
        return deadlineNanos != Long.MAX_VALUE && now - deadlineNanos >= 0;
    }

    boolean isReady() {
        return span == null && processed < length;
    }

    SequenceCache cache() {
        if (cache == null) {
            throw new IllegalStateException("not at work");
        }
        return cache;
    }

    void begin(SequenceCache empty) {
        cache = empty;
        processed = 0;
        depthSum = 0;
    }

    /// Gives all pages back, and forgets that anything was computed: the tokens stay.
    void suspend() {
        if (cache != null) {
            cache.clear();
        }
        cache = null;
        span = null;
        processed = 0;
        depthSum = 0;
    }

    /// Sends the next tokens on their way.
    Span send(int most, int hidden) {
        int count = Math.min(most, length - processed);
        Span next = new Span(
                cache(), Arrays.copyOfRange(ids, processed, processed + count), processed, work.route(), hidden);
        span = next;
        return next;
    }

    boolean wantsLogits(int tokenOfSpan) {
        return work.wantsLogits(processed + tokenOfSpan, length);
    }

    /// The span has been through the model.
    void arrived() {
        if (span == null) {
            throw new IllegalStateException("no span was on its way");
        }
        depthSum += Arrays.stream(span.depths()).sum();
        processed += span.count();
        span = null;
    }

    void append(int id) {
        if (length == ids.length) {
            ids = Arrays.copyOf(ids, 2 * length);
        }
        ids[length] = id;
        length++;
    }

    void end(FinishReason reason, Optional<Throwable> failure) {
        double meanDepth = processed == 0 ? Double.NaN : (double) depthSum / processed;
        suspend();
        work.end(reason, failure, meanDepth);
    }

    /// Continues a text.
    static final class Generating implements Work {

        private final GenerationRequest request;
        private final Optional<Tokenizer> tokenizer;
        private final TokenStream stream;
        private final StopMatcher stops;
        private final Utf8Stream characters = new Utf8Stream();
        private final Map<Integer, Integer> written = new HashMap<>();
        private int count;

        Generating(GenerationRequest request, Optional<Tokenizer> tokenizer, TokenStream stream) {
            this.request = request;
            this.tokenizer = tokenizer;
            this.stream = stream;
            this.stops = new StopMatcher(request.stop());
        }

        @Override
        public int[] prompt() {
            return request.prompt();
        }

        @Override
        public RouteSettings route() {
            return request.route();
        }

        @Override
        public int longest() {
            return request.prompt().length + request.maxTokens();
        }

        @Override
        public boolean wantsLogits(int position, int length) {
            return position == length - 1;
        }

        /// Draws the next token, and gives it out.
        ///
        /// @return why the answer ends here; empty if it goes on
        Optional<FinishReason> take(Sequence sequence, float[] logits, int depth) {
            float[] adjusted = LogitAdjustments.apply(logits, request, written);
            int position = sequence.length();
            int id = Sampler.sample(adjusted, request.sampling(), request.seed(), position);
            if (request.endOfText()
                    && tokenizer.isPresent()
                    && id == tokenizer.get().endOfTextId()) {
                return Optional.of(FinishReason.END_OF_TEXT);
            }
            count++;
            written.merge(id, 1, Integer::sum);
            sequence.append(id);
            String text = stops.take(characters.take(bytesOf(id)));
            stream.write(new Token(position, id, text, Sampler.logprob(logits, id), depth));
            if (stops.found()) {
                return Optional.of(FinishReason.STOP);
            }
            return count == request.maxTokens() ? Optional.of(FinishReason.MAX_TOKENS) : Optional.empty();
        }

        /// Ids beyond the tokenizer's, which a model may have to round its vocabulary up, have no text.
        private byte[] bytesOf(int id) {
            return tokenizer
                    .filter(known -> id < known.vocabSize())
                    .map(known -> known.tokenBytes(id))
                    .orElseGet(() -> new byte[0]);
        }

        @Override
        public void end(FinishReason reason, Optional<Throwable> failure, double meanDepth) {
            stream.end(new Finish(reason, stops.rest(), request.prompt().length, count, meanDepth, failure));
        }
    }

    /// Asks for the probabilities of a text.
    static final class Scoring implements Work {

        private final int[] ids;
        private final RouteSettings route;
        private final PendingScore pending;

        Scoring(int[] ids, RouteSettings route, PendingScore pending) {
            this.ids = ids.clone();
            this.route = route;
            this.pending = pending;
        }

        @Override
        public int[] prompt() {
            return ids.clone();
        }

        @Override
        public RouteSettings route() {
            return route;
        }

        @Override
        public int longest() {
            return ids.length;
        }

        @Override
        public boolean wantsLogits(int position, int length) {
            return position < length - 1;
        }

        void take(int position, double logprobOfNext) {
            pending.logprob(position + 1, logprobOfNext);
        }

        int id(int position) {
            return ids[position];
        }

        void depths(int firstPosition, int[] depths) {
            pending.depths(firstPosition, depths);
        }

        @Override
        public void end(FinishReason reason, Optional<Throwable> failure, double meanDepth) {
            if (reason == FinishReason.MAX_TOKENS) {
                pending.complete();
            } else {
                pending.fail(reason, failure);
            }
        }
    }
}
