package dev.saiki.engine;

import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.Prefix;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.constraint.ConstrainedText;
import dev.saiki.engine.constraint.WholeUtf8Text;
import dev.saiki.engine.kernel.Logits;
import dev.saiki.engine.model.Span;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.text.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A request at work: its tokens so far, what the model keeps of them, and the span that is on its way.
///
/// Owned by the engine's thread; only {@link #cancel} may be called by others.
final class Sequence {

    private final long number;
    private final Work work;
    private final long deadlineNanos;
    private final long arrivalNanos;
    private long queuedNanos = -1;
    private int[] ids;
    private int length;
    private int processed;
    private int[] depths;
    private boolean soughtPrefix;
    private boolean hasComputed;
    private int cachedTokens;
    private int overruled;
    private @Nullable SequenceCache cache;
    private @Nullable Span span;
    private volatile boolean cancelled;

    /// What the tokens of a sequence took.
    ///
    /// @param depths recursions of those that went through the model
    /// @param cachedTokens those that were not computed
    /// @param overruled those that took all recursions whatever the router said
    /// @param queued how long the sequence waited before work on it began
    @SuppressWarnings("ArrayRecordComponent") // Handed on, and compared by nobody.
    record Spent(int[] depths, int cachedTokens, int overruled, Duration queued) {}

    /// What is done with what the model computes.
    sealed interface Work permits Generating, Scoring, PendingInspection, PendingEmbedding {
        int[] prompt();

        RouteSettings route();

        /// Most tokens that the sequence can have.
        int longest();

        /// Whether what follows a position is to be predicted.
        boolean wantsLogits(int position, int length);

        /// Whether its tokens go through the model one at a time, and what happens to each is noted.
        default boolean isTraced() {
            return false;
        }

        /// Whether it may begin behind tokens that others have computed, and leaves its own to others.
        boolean sharesPrefixes();

        /// With whom it shares them.
        default String owner() {
            return GenerationRequest.ANYONE;
        }

        /// Ends the work.
        ///
        /// @param spent what the tokens took
        void end(FinishReason reason, Optional<Throwable> failure, Spent spent);
    }

    Sequence(long number, Work work, Optional<Duration> timeout, long now) {
        this.number = number;
        this.work = work;
        this.arrivalNanos = now;
        this.deadlineNanos = timeout.map(time -> now + time.toNanos()).orElse(Long.MAX_VALUE);
        this.ids = work.prompt();
        this.length = ids.length;
        this.depths = new int[ids.length];
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

    /// The tokens so far.
    int[] tokens() {
        return Arrays.copyOf(ids, length);
    }

    /// Recursions that the tokens whose keys and values are stored have taken.
    int[] depths() {
        return Arrays.copyOf(depths, processed);
    }

    /// Tokens whose keys and values are stored.
    int processed() {
        return processed;
    }

    /// What it is at.
    SequenceStatus status() {
        List<Integer> pages = cache == null
                ? List.of()
                : cache.steps().stream().map(KeyValueStore::pages).toList();
        int prompt = work.prompt().length;
        return new SequenceStatus(
                number,
                cache != null,
                prompt,
                length - prompt,
                processed,
                Arrays.stream(depths, 0, processed).average().orElse(Double.NaN),
                pages);
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
        if (queuedNanos < 0) {
            queuedNanos = System.nanoTime() - arrivalNanos;
        }
    }

    /// Whether the tokens that it could begin behind are still to be looked for.
    boolean seeksPrefix() {
        return processed == 0 && !soughtPrefix && work.sharesPrefixes();
    }

    /// Begins behind tokens that have been computed before.
    ///
    /// @param prefix what was found, perhaps nothing
    void beginBehind(Prefix prefix) {
        cache().begin(prefix);
        System.arraycopy(prefix.depths(), 0, depths, 0, prefix.tokens());
        processed = prefix.tokens();
        soughtPrefix = true;
        // After a preemption its own tokens are found, which it has computed itself.
        if (!hasComputed) {
            cachedTokens = processed;
        }
    }

    /// Gives all pages back, and forgets that anything was computed: the tokens stay.
    void suspend() {
        if (cache != null) {
            cache.clear();
        }
        cache = null;
        span = null;
        processed = 0;
        soughtPrefix = false;
    }

    /// Sends the next tokens on their way.
    Span send(int most, int hidden) {
        int count = Math.min(most, length - processed);
        Span next = new Span(
                cache(), Arrays.copyOfRange(ids, processed, processed + count), processed, work.route(), hidden);
        span = work.isTraced() ? next.traced() : next;
        return next;
    }

    /// Whether a token took all recursions whatever the router said. Its keys and values are then not those
    /// that others would have computed.
    boolean isOverruled() {
        return overruled > 0;
    }

    boolean wantsLogits(int tokenOfSpan) {
        return work.wantsLogits(processed + tokenOfSpan, length);
    }

    /// The first position behind which the model is to predict.
    int firstWanted() {
        int position = 0;
        while (position < length - 1 && !work.wantsLogits(position, length)) {
            position++;
        }
        return position;
    }

    /// The span has been through the model.
    void arrived() {
        if (span == null) {
            throw new IllegalStateException("no span was on its way");
        }
        System.arraycopy(span.depths(), 0, depths, processed, span.count());
        processed += span.count();
        overruled += span.overruledTokens();
        span = null;
        hasComputed = true;
    }

    void append(int id) {
        if (length == ids.length) {
            ids = Arrays.copyOf(ids, 2 * length);
            depths = Arrays.copyOf(depths, 2 * length);
        }
        ids[length] = id;
        length++;
    }

    void end(FinishReason reason, Optional<Throwable> failure) {
        int[] taken = depths();
        suspend();
        long queued = queuedNanos < 0 ? System.nanoTime() - arrivalNanos : queuedNanos;
        work.end(reason, failure, new Spent(taken, cachedTokens, overruled, Duration.ofNanos(queued)));
    }

    /// Continues a text.
    static final class Generating implements Work {

        private final GenerationRequest request;
        private final Optional<Tokenizer> tokenizer;
        private final TokenStream stream;
        private final StopMatcher stops;
        private final Optional<ConstrainedText> form;
        private final Optional<WholeUtf8Text> whole;
        private final Utf8Stream characters = new Utf8Stream();
        private final LogitAdjustments adjustments;
        private int echoed;
        private int count;

        Generating(
                GenerationRequest request,
                Optional<Tokenizer> tokenizer,
                Optional<ConstrainedText> form,
                Optional<WholeUtf8Text> whole,
                TokenStream stream) {
            this.request = request;
            this.tokenizer = tokenizer;
            this.form = form;
            this.whole = whole;
            this.stream = stream;
            this.stops = new StopMatcher(request.ending().texts());
            this.adjustments = new LogitAdjustments(request);
            if (!request.report().echo()) {
                // A character that the prompt has begun is given out when the answer ends it.
                whole.ifPresent(text -> characters.take(text.unfinished()));
            }
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
            // After a preemption, what was repeated already is not wanted again.
            boolean echoes =
                    request.report().echo() && position < request.prompt().length - 1 && position + 1 >= echoed;
            return position == length - 1 || echoes;
        }

        /// Repeats the token of the prompt that follows a position.
        void echo(int position, float[] logits, int depth) {
            echoFirst();
            int id = request.prompt()[position + 1];
            write(position + 1, id, characters.take(bytesOf(id)), logits, depth);
            echoed = position + 2;
        }

        /// The first token is predicted from nothing.
        private void echoFirst() {
            if (request.report().echo() && echoed == 0) {
                int id = request.prompt()[0];
                stream.write(new Token(0, id, characters.take(bytesOf(id)), Double.NaN, 0, List.of()));
                echoed = 1;
            }
        }

        /// Draws the next token, and gives it out.
        ///
        /// @return why the answer ends here; empty if it goes on
        Optional<FinishReason> take(Sequence sequence, float[] logits, int depth) {
            echoFirst();
            boolean mayEnd = count >= request.ending().leastTokens();
            int position = sequence.length();
            int id = Sampler.sample(restricted(logits, mayEnd), request.sampling(), request.seed(), position);
            Optional<FinishReason> end = endBy(id);
            if (end.isPresent()) {
                if (request.report().echo()) {
                    count++;
                    write(position, id, "", logits, depth);
                }
                return end;
            }
            count++;
            adjustments.written(id);
            sequence.append(id);
            String completed = characters.take(bytesOf(id));
            write(position, id, mayEnd ? stops.take(completed) : completed, logits, depth);
            if (stops.found()) {
                return Optional.of(FinishReason.STOP);
            }
            whole.ifPresent(text -> text.take(id));
            form.ifPresent(text -> text.take(id));
            if (form.filter(ConstrainedText::mustEnd).isPresent()) {
                return Optional.of(FinishReason.FORM_COMPLETE);
            }
            return count == request.maxTokens() ? Optional.of(FinishReason.MAX_TOKENS) : Optional.empty();
        }

        /// The logits from which a token is drawn: what the request changes about them, and minus infinity for what may
        /// not come.
        private float[] restricted(float[] logits, boolean mayEnd) {
            Set<Integer> ends = request.ending().tokens();
            float[] adjusted = adjustments.apply(logits);
            float[] formed = form.map(text -> text.restrict(adjusted, ends)).orElse(adjusted);
            float[] left = mayEnd ? formed : withoutEnds(formed);
            int tokensAfter = request.maxTokens() - count - 1;
            return whole.map(text -> text.restrict(left, ends, tokensAfter)).orElse(left);
        }

        private void write(int position, int id, String text, float[] logits, int depth) {
            TokenDistribution distribution = new TokenDistribution(logits);
            stream.write(new Token(
                    position,
                    id,
                    text,
                    distribution.logprob(id),
                    depth,
                    distribution.likeliest(request.report().alternatives())));
        }

        /// Whether a token stands for the end.
        private Optional<FinishReason> endBy(int id) {
            if (isEndOfText(id)) {
                return Optional.of(FinishReason.END_OF_TEXT);
            }
            return request.ending().tokens().contains(id) ? Optional.of(FinishReason.STOP_TOKEN) : Optional.empty();
        }

        private boolean isEndOfText(int id) {
            return (request.ending().endOfText() || form.isPresent())
                    && tokenizer.filter(known -> known.endOfTextId() == id).isPresent();
        }

        /// Rules out the tokens that would end the answer, unless an answer of the wanted form can only end.
        private float[] withoutEnds(float[] logits) {
            float[] left = logits.clone();
            for (int id : request.ending().tokens()) {
                if (id < left.length) {
                    left[id] = Float.NEGATIVE_INFINITY;
                }
            }
            tokenizer
                    .map(Tokenizer::endOfTextId)
                    .filter(this::isEndOfText)
                    .ifPresent(id -> left[id] = Float.NEGATIVE_INFINITY);
            boolean canGoOn = Logits.largest(left) > Float.NEGATIVE_INFINITY;
            return canGoOn || form.isEmpty() ? left : logits;
        }

        /// Ids beyond the tokenizer's, which a model may have to round its vocabulary up, have no text.
        private byte[] bytesOf(int id) {
            return tokenizer
                    .filter(known -> id < known.vocabSize())
                    .map(known -> known.tokenBytes(id))
                    .orElseGet(() -> new byte[0]);
        }

        @Override
        public boolean sharesPrefixes() {
            return true;
        }

        @Override
        public String owner() {
            return request.owner();
        }

        @Override
        public void end(FinishReason reason, Optional<Throwable> failure, Spent spent) {
            int promptTokens = request.prompt().length;
            stream.end(new Finish(
                    reason,
                    stops.rest(),
                    promptTokens,
                    spent.cachedTokens(),
                    count,
                    spent.depths(),
                    spent.overruled(),
                    Optional.of(spent.queued()),
                    failure));
        }
    }

    /// Asks for the probabilities of a text.
    static final class Scoring implements Work {

        private final ScoreRequest request;
        private final PendingScore pending;

        Scoring(ScoreRequest request, PendingScore pending) {
            this.request = request;
            this.pending = pending;
        }

        @Override
        public int[] prompt() {
            return Arrays.copyOf(request.ids(), request.read());
        }

        @Override
        public RouteSettings route() {
            return request.route();
        }

        @Override
        public int longest() {
            return request.read();
        }

        @Override
        public boolean wantsLogits(int position, int length) {
            return position + 1 >= request.firstScored() && position + 1 < request.ids().length;
        }

        void take(int position, float[] logits) {
            pending.take(position + 1, logits);
        }

        void depths(int firstPosition, int[] depths) {
            pending.depths(firstPosition, depths);
        }

        /// It needs logits everywhere, and texts that are scored are rarely continued.
        @Override
        public boolean sharesPrefixes() {
            return false;
        }

        @Override
        public void end(FinishReason reason, Optional<Throwable> failure, Spent spent) {
            if (reason == FinishReason.MAX_TOKENS) {
                pending.complete(spent.overruled());
            } else {
                pending.fail(reason, failure);
            }
        }
    }
}
