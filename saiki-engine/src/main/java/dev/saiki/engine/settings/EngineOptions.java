package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import java.util.Optional;

/// How an engine uses the machine.
///
/// @param threads that compute, at least 1
/// @param weights number format of the weight matrices
/// @param cacheBytes most memory for keys and values
/// @param maxSequences most sequences at work at the same time
/// @param maxWaiting most requests that wait; further ones are refused
/// @param chunkTokens most tokens of a prompt that enter together
/// @param maxRows most tokens in one stage
/// @param torchFromRows products of at least so many rows are left to LibTorch, faster and narrower: of int8 weights
///     with rows in eight bits, of others in bfloat16. A request can then write other tokens in company than alone,
///     where two are all but equally likely; not so with int8 weights from 1 row on, since whole numbers have one sum.
///     0 never loads LibTorch
/// @param prefixCache whether keys and values of texts are kept for requests that begin with the same tokens, in
///     memory of `cacheBytes` that no request at work needs
/// @param breaker when the router is not followed any more. Texts then depend on what the engine has seen before, so
///     without it, which is the default, a router that computes no number fails the request instead
public record EngineOptions(
        int threads,
        WeightFormat weights,
        long cacheBytes,
        int maxSequences,
        int maxWaiting,
        int chunkTokens,
        int maxRows,
        int torchFromRows,
        boolean prefixCache,
        Optional<BreakerOptions> breaker) {

    private static final long DEFAULT_CACHE_BYTES = 1L << 30;

    /// All cores, float32, a gibibyte of keys and values; with prefix cache, since it changes no token, costs next to
    /// no time, and takes no memory that a request wants.
    public static final EngineOptions DEFAULT = new EngineOptions(
            Runtime.getRuntime().availableProcessors(),
            WeightFormat.FLOAT32,
            DEFAULT_CACHE_BYTES,
            256,
            1024,
            128,
            512,
            0,
            true,
            Optional.empty());

    /// Checks every option.
    ///
    /// @throws InputException naming the option, what is allowed, and what was got
    public EngineOptions {
        requirePositive("threads", threads);
        requirePositive("cache_bytes", cacheBytes);
        requirePositive("max_sequences", maxSequences);
        requirePositive("max_waiting", maxWaiting);
        requirePositive("chunk_tokens", chunkTokens);
        if (torchFromRows < 0) {
            throw new InputException("torch_from_rows must be at least 0, got " + torchFromRows);
        }
        if (maxRows < chunkTokens) {
            throw new InputException("max_rows must be at least chunk_tokens = " + chunkTokens + ", got " + maxRows);
        }
    }

    private static void requirePositive(String option, long value) {
        if (value < 1) {
            throw new InputException(option + " must be at least 1, got " + value);
        }
    }

    /// Replaces the number format of the weights.
    ///
    /// @param format of the weight matrices
    /// @return changed options
    public EngineOptions withWeights(WeightFormat format) {
        return new EngineOptions(
                threads,
                format,
                cacheBytes,
                maxSequences,
                maxWaiting,
                chunkTokens,
                maxRows,
                torchFromRows,
                prefixCache,
                breaker);
    }

    /// Replaces the number of threads.
    ///
    /// @param count that compute
    /// @return changed options
    public EngineOptions withThreads(int count) {
        return new EngineOptions(
                count,
                weights,
                cacheBytes,
                maxSequences,
                maxWaiting,
                chunkTokens,
                maxRows,
                torchFromRows,
                prefixCache,
                breaker);
    }

    /// Replaces the memory for keys and values.
    ///
    /// @param bytes most of it
    /// @return changed options
    public EngineOptions withCacheBytes(long bytes) {
        return new EngineOptions(
                threads,
                weights,
                bytes,
                maxSequences,
                maxWaiting,
                chunkTokens,
                maxRows,
                torchFromRows,
                prefixCache,
                breaker);
    }

    /// Replaces the bounds on requests.
    ///
    /// @param atWork most sequences at work at the same time
    /// @param waiting most requests that wait
    /// @return changed options
    public EngineOptions withBounds(int atWork, int waiting) {
        return new EngineOptions(
                threads,
                weights,
                cacheBytes,
                atWork,
                waiting,
                chunkTokens,
                maxRows,
                torchFromRows,
                prefixCache,
                breaker);
    }

    /// Replaces the sizes of batches.
    ///
    /// @param chunk most tokens of a prompt that enter together
    /// @param rows most tokens in one stage
    /// @return changed options
    public EngineOptions withBatches(int chunk, int rows) {
        return new EngineOptions(
                threads,
                weights,
                cacheBytes,
                maxSequences,
                maxWaiting,
                chunk,
                rows,
                torchFromRows,
                prefixCache,
                breaker);
    }

    /// Leaves products of many rows to LibTorch.
    ///
    /// @param fromRows least number of rows; 0 for never
    /// @return changed options
    public EngineOptions withTorchFromRows(int fromRows) {
        return new EngineOptions(
                threads,
                weights,
                cacheBytes,
                maxSequences,
                maxWaiting,
                chunkTokens,
                maxRows,
                fromRows,
                prefixCache,
                breaker);
    }

    /// Switches the prefix cache on or off.
    ///
    /// @param on whether keys and values are kept for requests that begin with the same tokens
    /// @return changed options
    public EngineOptions withPrefixCache(boolean on) {
        return new EngineOptions(
                threads,
                weights,
                cacheBytes,
                maxSequences,
                maxWaiting,
                chunkTokens,
                maxRows,
                torchFromRows,
                on,
                breaker);
    }

    /// Watches the router.
    ///
    /// @param when the router is not followed any more
    /// @return changed options
    public EngineOptions withBreaker(BreakerOptions when) {
        return new EngineOptions(
                threads,
                weights,
                cacheBytes,
                maxSequences,
                maxWaiting,
                chunkTokens,
                maxRows,
                torchFromRows,
                prefixCache,
                Optional.of(when));
    }
}
