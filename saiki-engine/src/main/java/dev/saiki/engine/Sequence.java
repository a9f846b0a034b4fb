package dev.saiki.engine;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.Prefix;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.model.AdapterWeights;
import dev.saiki.engine.model.TokenChunk;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A sequence: the tokens of a request so far, their cached keys and values, and the chunk in flight.
///
/// Owned by the engine's thread; other threads may call only {@link #cancel}.
final class Sequence {

    private final long number;
    private final SequenceTask task;
    private final OptionalLong deadlineNanos;
    private final long arrivalNanos;
    private final @Nullable AdapterWeights adapter;
    private final long promptKey;
    private final int promptLength;
    private OptionalLong queuedNanos = OptionalLong.empty();
    private int[] ids;
    private int length;
    private int processed;
    private int[] depths;
    private boolean lookedUpPrefix;
    private boolean hasComputed;
    private int cachedTokens;
    private int overruled;
    private @Nullable SequenceCache cache;
    private @Nullable TokenChunk chunk;
    private volatile boolean cancelled;

    /// @param adapter the adapter whose updates are added to the model's weights; null for the model alone
    Sequence(long number, SequenceTask task, @Nullable AdapterWeights adapter, Optional<Duration> timeout, long now) {
        this.number = number;
        this.task = task;
        this.adapter = adapter;
        this.arrivalNanos = now;
        this.deadlineNanos =
                timeout.map(time -> OptionalLong.of(now + time.toNanos())).orElseGet(OptionalLong::empty);
        this.ids = task.prompt();
        this.length = ids.length;
        this.promptLength = ids.length;
        this.promptKey = keyOf(ids);
        this.depths = new int[ids.length];
    }

    /// The arrival time, by `System.nanoTime`.
    long arrivalNanos() {
        return arrivalNanos;
    }

    /// Whether the caller is waiting for the first token of an answer.
    boolean awaitsFirstToken() {
        return task.isWatched() && length == promptLength;
    }

    /// A number that increases with every request.
    long number() {
        return number;
    }

    /// A hash of the prompt, which is equal for equal prompts.
    long promptKey() {
        return promptKey;
    }

    /// A hash of the ids in order; each id is mixed in by a multiplication with the constant 2^64 / golden
    /// ratio. The probability of a collision among a million prompts is below one in ten million.
    private static long keyOf(int[] ids) {
        long key = ids.length;
        for (int id : ids) {
            key = (key ^ id) * 0x9E3779B97F4A7C15L;
            key ^= key >>> 32;
        }
        return key;
    }

    SequenceTask task() {
        return task;
    }

    @Nullable
    AdapterWeights adapter() {
        return adapter;
    }

    int length() {
        return length;
    }

    /// The tokens so far.
    int[] tokens() {
        return Arrays.copyOf(ids, length);
    }

    /// The recursions of the tokens whose keys and values are stored.
    int[] depths() {
        return Arrays.copyOf(depths, processed);
    }

    /// The number of tokens whose keys and values are stored.
    int processed() {
        return processed;
    }

    /// Returns the status of the request.
    SequenceStatus status() {
        List<Integer> pages = cache == null
                ? List.of()
                : cache.steps().stream().map(KeyValueStore::pages).toList();
        int prompt = task.prompt().length;
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

    /// Tells whether the sequence was cancelled or its deadline has passed.
    boolean isAbandoned(long now) {
        return cancelled || (deadlineNanos.isPresent() && now - deadlineNanos.getAsLong() >= 0);
    }

    boolean isReady() {
        return chunk == null && processed < length;
    }

    SequenceCache cache() {
        if (cache == null) {
            throw new IllegalStateException("the sequence is not running");
        }
        return cache;
    }

    /// Admits the sequence to the running ones.
    void admit(SequenceCache empty) {
        cache = empty;
        if (queuedNanos.isEmpty()) {
            queuedNanos = OptionalLong.of(System.nanoTime() - arrivalNanos);
        }
    }

    /// Whether the prefix has yet to be looked up.
    boolean needsPrefixLookup() {
        return processed == 0 && !lookedUpPrefix && task.sharesPrefixes();
    }

    /// Starts the sequence after tokens whose keys and values are cached.
    ///
    /// @param prefix the prefix found; may be empty
    void reuse(Prefix prefix) {
        cache().startWith(prefix);
        cache().releaseOutsideWindow(prefix.tokens());
        System.arraycopy(prefix.depths(), 0, depths, 0, prefix.tokens());
        processed = prefix.tokens();
        lookedUpPrefix = true;
        // After a preemption, the cached tokens found are the sequence's own and do not count as cached.
        if (!hasComputed) {
            cachedTokens = processed;
        }
    }

    /// The number of prompt tokens that were taken from the cache.
    int cachedTokens() {
        return cachedTokens;
    }

    /// Releases all pages and discards the computed state, but keeps the tokens.
    void release() {
        if (cache != null) {
            cache.clear();
        }
        cache = null;
        chunk = null;
        processed = 0;
        lookedUpPrefix = false;
    }

    /// Makes a chunk of the next tokens for the model.
    TokenChunk nextChunk(int most, ModelConfig config) {
        int count = Math.min(most, length - processed);
        TokenChunk next = new TokenChunk(
                        cache(), Arrays.copyOfRange(ids, processed, processed + count), processed, task.route(), config)
                .with(adapter);
        chunk = task.isTraced() ? next.traced() : next;
        return next;
    }

    /// Whether the router was overruled for any token. The keys and values of such a token differ from those that
    /// other sequences would have computed.
    boolean isOverruled() {
        return overruled > 0;
    }

    boolean wantsLogits(int tokenOfChunk) {
        return task.wantsLogits(processed + tokenOfChunk, length);
    }

    /// The first position after which the task needs a prediction.
    int firstWantedPosition() {
        int position = 0;
        while (position < length - 1 && !task.wantsLogits(position, length)) {
            position++;
        }
        return position;
    }

    /// Records the results of a chunk once the model has processed the chunk.
    void completeChunk() {
        if (chunk == null) {
            throw new IllegalStateException("no chunk was in flight");
        }
        chunk.copyDepths(depths, processed);
        processed += chunk.count();
        overruled += chunk.routing().overruledTokens();
        chunk = null;
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
        release();
        long queued = queuedNanos.orElseGet(() -> System.nanoTime() - arrivalNanos);
        task.end(reason, failure, new SequenceUsage(taken, cachedTokens, overruled, Duration.ofNanos(queued)));
    }
}
