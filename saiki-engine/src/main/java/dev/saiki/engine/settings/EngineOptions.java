package dev.saiki.engine.settings;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import java.util.Optional;

/// The options of an engine: how it uses the machine.
///
/// @param threads number of threads that compute, from 1 to {@link #MAX_THREADS}
/// @param weights number format of the weight matrices; empty for {@linkplain WeightFormat#stored that of the
///     checkpoint}
/// @param cacheFormat number format of keys and values; empty for {@linkplain CacheFormat#beside the default}
/// @param cacheBytes maximum memory for keys and values, in bytes
/// @param maxSequences maximum number of sequences that run at the same time
/// @param maxWaiting maximum number of waiting requests; further requests are rejected
/// @param chunkTokens maximum number of prompt tokens that enter together (the prefill chunk)
/// @param maxRows maximum number of tokens in one run of a stage
/// @param prefixCache whether keys and values of texts are cached for requests with the same prefix, in the part
///     of `cacheBytes` that no running request needs
/// @param breaker conditions under which the router is overruled. Off by default, because with a breaker,
///     answers depend on earlier requests; without a breaker, a non-finite router score fails the request
public record EngineOptions(
        int threads,
        Optional<WeightFormat> weights,
        Optional<CacheFormat> cacheFormat,
        long cacheBytes,
        int maxSequences,
        int maxWaiting,
        int chunkTokens,
        int maxRows,
        boolean prefixCache,
        Optional<BreakerOptions> breaker) {

    /// The maximum number of threads, more than the largest machines have processors. The limit exists because
    /// each thread takes memory for its stack.
    public static final int MAX_THREADS = 1024;

    /// The default options: all cores, weights as stored, and a gibibyte for keys and values. The prefix cache is
    /// on, because it changes no token, costs next to no time, and takes no memory that a request needs.
    public static final EngineOptions DEFAULT = builder().build();

    /// Checks every option.
    ///
    /// @throws InputException naming the option, the allowed values, and the given value
    public EngineOptions {
        InputException.requireBetween("threads", threads, 1, MAX_THREADS);
        InputException.requireAtLeast("cache_bytes", cacheBytes, 1);
        InputException.requireAtLeast("max_sequences", maxSequences, 1);
        InputException.requireAtLeast("max_waiting", maxWaiting, 1);
        InputException.requireAtLeast("chunk_tokens", chunkTokens, 1);
        InputException.require(maxRows >= chunkTokens, "max_rows", "at least chunk_tokens = " + chunkTokens, maxRows);
    }

    /// Returns the number format in which the engine holds a checkpoint's weights.
    ///
    /// @param checkpoint the model
    /// @return the chosen format, or that of the checkpoint
    public WeightFormat weightsOf(CheckpointDirectory checkpoint) {
        return weights.orElseGet(() -> WeightFormat.stored(checkpoint.tensors().values()));
    }

    /// Starts from the default options.
    ///
    /// @return a builder of {@link #DEFAULT}
    public static Builder builder() {
        return new Builder();
    }

    /// Starts from these options.
    ///
    /// @return a builder with the same values
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.threads = threads;
        builder.weights = weights;
        builder.cacheFormat = cacheFormat;
        builder.cacheBytes = cacheBytes;
        builder.maxSequences = maxSequences;
        builder.maxWaiting = maxWaiting;
        builder.chunkTokens = chunkTokens;
        builder.maxRows = maxRows;
        builder.prefixCache = prefixCache;
        builder.breaker = breaker;
        return builder;
    }

    /// A builder of options, which checks them when it builds them.
    public static final class Builder {

        private int threads = Runtime.getRuntime().availableProcessors();
        private Optional<WeightFormat> weights = Optional.empty();
        private Optional<CacheFormat> cacheFormat = Optional.empty();
        private long cacheBytes = 1L << 30;
        private int maxSequences = 256;
        private int maxWaiting = 1024;
        private int chunkTokens = 128;
        private int maxRows = 512;
        private boolean prefixCache = true;
        private Optional<BreakerOptions> breaker = Optional.empty();

        private Builder() {}

        /// Sets the number of threads.
        ///
        /// @param threads number of threads that compute, from 1 to {@link EngineOptions#MAX_THREADS}
        /// @return this builder
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /// Sets the number format of the weights.
        ///
        /// @param weights number format of the weight matrices
        /// @return this builder
        public Builder weights(WeightFormat weights) {
            this.weights = Optional.of(weights);
            return this;
        }

        /// Sets the number format of keys and values.
        ///
        /// @param cacheFormat number format; INT8 needs the kernels in C
        /// @return this builder
        public Builder cacheFormat(CacheFormat cacheFormat) {
            this.cacheFormat = Optional.of(cacheFormat);
            return this;
        }

        /// Sets the memory for keys and values.
        ///
        /// @param cacheBytes maximum number of bytes
        /// @return this builder
        public Builder cacheBytes(long cacheBytes) {
            this.cacheBytes = cacheBytes;
            return this;
        }

        /// Sets the limit on running sequences.
        ///
        /// @param maxSequences maximum number of sequences that run at the same time
        /// @return this builder
        public Builder maxSequences(int maxSequences) {
            this.maxSequences = maxSequences;
            return this;
        }

        /// Sets the limit on waiting requests.
        ///
        /// @param maxWaiting maximum number of waiting requests
        /// @return this builder
        public Builder maxWaiting(int maxWaiting) {
            this.maxWaiting = maxWaiting;
            return this;
        }

        /// Sets the maximum size of a chunk.
        ///
        /// @param chunkTokens maximum number of prompt tokens that enter together
        /// @return this builder
        public Builder chunkTokens(int chunkTokens) {
            this.chunkTokens = chunkTokens;
            return this;
        }

        /// Sets the maximum size of a batch.
        ///
        /// @param maxRows maximum number of tokens in one run of a stage, at least the size of a chunk
        /// @return this builder
        public Builder maxRows(int maxRows) {
            this.maxRows = maxRows;
            return this;
        }

        /// Turns the prefix cache on or off.
        ///
        /// @param prefixCache whether keys and values are cached for later requests
        /// @return this builder
        public Builder prefixCache(boolean prefixCache) {
            this.prefixCache = prefixCache;
            return this;
        }

        /// Sets the router's circuit breaker.
        ///
        /// @param breaker when the router is overruled
        /// @return this builder
        public Builder breaker(BreakerOptions breaker) {
            this.breaker = Optional.of(breaker);
            return this;
        }

        /// Checks and builds the options.
        ///
        /// @return the options
        /// @throws InputException naming the option, the allowed values, and the given value
        public EngineOptions build() {
            return new EngineOptions(
                    threads,
                    weights,
                    cacheFormat,
                    cacheBytes,
                    maxSequences,
                    maxWaiting,
                    chunkTokens,
                    maxRows,
                    prefixCache,
                    breaker);
        }
    }
}
