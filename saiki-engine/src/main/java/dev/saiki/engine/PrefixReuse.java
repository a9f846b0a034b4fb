package dev.saiki.engine;

import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.cache.Prefix;
import dev.saiki.engine.cache.PrefixCache;
import dev.saiki.engine.cache.PrefixKey;
import dev.saiki.engine.model.AdapterWeights;
import org.jspecify.annotations.Nullable;

/// The scheduler's use of the prefix cache: sequences reuse computed prefixes, and leave their own tokens to later
/// ones.
///
/// A sequence looks up its prefix when its turn to enter comes, not when it is admitted: until then it holds no
/// page. It uses the prefix only if that fits beside the worst case of all chunks in flight; otherwise it enters
/// as if there were no cache.
final class PrefixReuse {

    private final PagePool pool;
    private final PrefixCache cache;
    private final long reading;
    private final boolean on;
    private long lookups;
    private long tokensAsked;
    private long tokensServed;

    /// Makes an empty cache.
    ///
    /// @param pool of all sequences
    /// @param reading names the model
    /// @param on whether the cache is used
    PrefixReuse(PagePool pool, long reading, boolean on) {
        this.pool = pool;
        this.cache = new PrefixCache(pool);
        this.reading = reading;
        this.on = on;
    }

    /// Keys and values computed with an adapter are valid neither for the model alone nor for another adapter.
    private PrefixKey keyOf(Sequence sequence) {
        @Nullable AdapterWeights adapter = sequence.adapter();
        return new PrefixKey(
                adapter == null ? reading : adapter.reading(),
                sequence.task().route(),
                sequence.task().owner());
    }

    /// Starts a sequence that is about to enter after its cached tokens, but before the first token whose logits
    /// are needed: the prompt's last one, or with an echo the first.
    ///
    /// @param sequence that has computed nothing
    /// @param free pages that it may take for the prefix and the chunk after it
    /// @param chunk most tokens of a chunk
    /// @return pages that it took
    int lookUp(Sequence sequence, int free, int chunk) {
        if (!on) {
            return 0;
        }
        Prefix found = cache.find(keyOf(sequence), sequence.tokens(), sequence.firstWantedPosition());
        int count = Math.min(chunk, sequence.length() - found.tokens());
        Prefix prefix = found.pages() + found.pagesFor(count) <= free ? found : Prefix.EMPTY;
        sequence.reuse(prefix);
        lookups++;
        tokensAsked += sequence.length();
        tokensServed += prefix.tokens();
        return prefix.pages();
    }

    /// Caches the tokens of a chunk that has been through the model, if it was a piece of a prompt or has filled a
    /// node; the rest is cached at the end.
    ///
    /// @param sequence of the chunk
    /// @param count tokens of the chunk
    void keepChunk(Sequence sequence, int count) {
        int processed = sequence.processed();
        boolean fillsNode = processed / cache.nodeTokens() > (processed - count) / cache.nodeTokens();
        if (count > 1 || fillsNode) {
            keep(sequence);
        }
    }

    /// Caches all tokens that a sequence has computed.
    ///
    /// @param sequence one that may be about to return its pages
    void keep(Sequence sequence) {
        if (on && sequence.task().sharesPrefixes() && sequence.processed() > 0 && !sequence.isOverruled()) {
            cache.insert(keyOf(sequence), sequence.tokens(), sequence.depths(), sequence.cache());
        }
    }

    /// Removes an owner's texts.
    void forget(String owner) {
        cache.forget(owner);
    }

    /// Removes all texts.
    void clear() {
        cache.clear();
    }

    EngineStatistics.PrefixCacheStatistics statistics() {
        return new EngineStatistics.PrefixCacheStatistics(
                lookups,
                tokensAsked,
                tokensServed,
                cache.nodes(),
                pool.evictablePages(),
                pool.evictablePages() * pool.layout().pageBytes());
    }
}
