package dev.saiki.engine;

import java.util.List;

/// The statistics of an engine: its work so far, and its current load.
///
/// @param waiting number of waiting requests
/// @param running number of running sequences
/// @param cache keys and values of the running sequences
/// @param prefixes size and hits of the prefix cache
/// @param stages entry, recursion and exit, in this order
/// @param stepTokens number of tokens that took each recursion step since the engine was opened
/// @param tokensWritten number of generated tokens
/// @param preemptions number of times that a sequence had to return its pages and start again
/// @param flops number of arithmetic operations of the kernels so far
/// @param router health of the router
public record EngineStatistics(
        int waiting,
        int running,
        Cache cache,
        PrefixCacheStatistics prefixes,
        List<Stage> stages,
        List<Long> stepTokens,
        long tokensWritten,
        long preemptions,
        Flops flops,
        RouterHealth router) {

    /// Makes defensive copies of the lists.
    public EngineStatistics {
        stages = List.copyOf(stages);
        stepTokens = List.copyOf(stepTokens);
    }

    /// The keys and values of the running sequences.
    ///
    /// @param bytesInUse bytes of the keys and values of all sequences, where shared ones count once for each
    ///     sequence
    /// @param pagesInUse number of pages that the sequences hold, where each shared page counts once
    /// @param pages maximum number of pages
    public record Cache(long bytesInUse, int pagesInUse, int pages) {

        /// Returns the share of the pages that are in use.
        ///
        /// @return a share from 0 to 1
        public double usage() {
            return (double) pagesInUse / pages;
        }
    }

    /// The use of the prefix cache: its size and its hits.
    ///
    /// @param lookups number of lookups; the prefix of each request is looked up once, just before the
    ///     request enters the model
    /// @param tokensAsked total number of tokens in the requests that were looked up
    /// @param tokensServed number of those tokens that were found in the cache and not computed
    /// @param nodes number of nodes in the tree of cached texts, whether or not running sequences use their pages
    /// @param pagesKept number of pages that only the cache holds; they are evicted when a sequence needs
    ///     them
    /// @param bytesKept memory of the pages that only the cache holds
    public record PrefixCacheStatistics(
            long lookups, long tokensAsked, long tokensServed, int nodes, int pagesKept, long bytesKept) {}

    /// The number of runs of a stage, the rows that they computed, and the time that they took.
    ///
    /// @param name the name of the stage
    /// @param runs number of runs
    /// @param rows total number of rows in all runs
    /// @param nanos total time of all runs
    /// @param weightBytes how many bytes of weights one run of the stage reads
    public record Stage(String name, long runs, long rows, long nanos, long weightBytes) {

        /// Returns the batch fill, the mean number of rows in a run.
        ///
        /// @return mean rows per run; 0 before the first run
        public double rowsPerRun() {
            return runs == 0 ? 0 : (double) rows / runs;
        }
    }

    /// The arithmetic of the kernels, counted in operations, where a multiply-add counts as two.
    ///
    /// @param layers operations in the linear maps of the layers
    /// @param attention operations in attention scores and weighted sums
    /// @param routers operations in the routers
    /// @param head operations in the head
    public record Flops(long layers, long attention, long routers, long head) {

        /// Returns the sum of all components.
        ///
        /// @return FLOPs
        public long total() {
            return layers + attention + routers + head;
        }
    }
}
