package dev.saiki.engine;

import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.cache.Prefix;
import dev.saiki.engine.cache.PrefixCache;
import dev.saiki.engine.cache.PrefixKey;
import dev.saiki.engine.model.AdapterWeights;
import org.jspecify.annotations.Nullable;

/// The scheduler's use of the prefix cache: sequences reuse computed prefixes, and leave their own tokens for
/// later sequences.
///
/// The prefix of a sequence is looked up just before its first chunk enters the model. A lookup at admission would
/// hold pages too early. The prefix is used only if memory then still suffices for the most pages that all chunks
/// in flight can take; otherwise the sequence enters as if there were no cache.
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
    /// @param pool the pool of all sequences
    /// @param reading number that identifies the model's weights
    /// @param on whether the cache is used
    PrefixReuse(PagePool pool, long reading, boolean on) {
        this.pool = pool;
        this.cache = new PrefixCache(pool);
        this.reading = reading;
        this.on = on;
    }

    /// Keys and values computed with an adapter are valid only with that adapter.
    private PrefixKey keyOf(Sequence sequence) {
        @Nullable AdapterWeights adapter = sequence.adapter();
        return new PrefixKey(
                adapter == null ? reading : adapter.reading(),
                sequence.task().route(),
                sequence.task().owner());
    }

    /// Starts a new sequence after its cached prefix. The prefix ends before the first token whose logits are
    /// needed: the last token of the prompt, or the first one if the prompt is echoed.
    ///
    /// @param sequence the sequence of which nothing has been computed
    /// @param free maximum number of pages for the prefix and the chunk after it
    /// @param chunk maximum number of tokens in a chunk
    /// @return number of pages that the prefix takes
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

    /// Caches the tokens of a processed chunk if the chunk has several tokens, as in a prompt, or fills a node of
    /// the cache's tree; all other tokens are cached when the sequence ends.
    ///
    /// @param sequence the sequence of the chunk
    /// @param count number of tokens in the chunk
    void keepChunk(Sequence sequence, int count) {
        int processed = sequence.processed();
        boolean fillsNode = processed / cache.nodeTokens() > (processed - count) / cache.nodeTokens();
        if (count > 1 || fillsNode) {
            keep(sequence);
        }
    }

    /// Caches all tokens that a sequence has computed, unless the router was overruled for one of them.
    ///
    /// @param sequence the sequence, which may be about to return its pages
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
