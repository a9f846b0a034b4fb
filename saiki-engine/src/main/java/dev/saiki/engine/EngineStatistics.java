package dev.saiki.engine;

import java.util.List;

/// The statistics of an engine: its work so far, and its current load.
///
/// @param waiting waiting requests
/// @param running running sequences
/// @param cache keys and values of the running sequences
/// @param prefixes size and hits of the prefix cache
/// @param stages entry, recursion and exit, in this order
/// @param stepTokens number of tokens that took each recursion step
/// @param tokensWritten tokens drawn
/// @param preemptions sequences that had to return their pages and start again
/// @param flops arithmetic of the kernels
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

    /// Keeps its own copies of the lists.
    public EngineStatistics {
        stages = List.copyOf(stages);
        stepTokens = List.copyOf(stepTokens);
    }

    /// The keys and values of the running sequences.
    ///
    /// @param bytesInUse of all sequences, with shared pages counted for each
    /// @param pagesInUse pages that they hold, with shared pages counted once
    /// @param pages most pages
    public record Cache(long bytesInUse, int pagesInUse, int pages) {}

    /// The use of the prefix cache: the size of its contents, and its hits.
    ///
    /// @param lookups number of lookups, made just before requests enter
    /// @param tokensAsked tokens of the requests that were looked up
    /// @param tokensServed looked-up tokens that did not have to be computed
    /// @param nodes cached pieces of texts, in pages of running sequences or in others
    /// @param pagesKept pages that no running sequence holds; they are evicted when a sequence needs them
    /// @param bytesKept memory of these pages
    public record PrefixCacheStatistics(
            long lookups, long tokensAsked, long tokensServed, int nodes, int pagesKept, long bytesKept) {}

    /// The runs of a stage, and the rows that they computed.
    ///
    /// @param name of the stage
    /// @param runs number of runs
    /// @param rows total tokens of all runs
    /// @param nanos total time of all runs
    /// @param weightBytes weights that one run reads
    public record Stage(String name, long runs, long rows, long nanos, long weightBytes) {

        /// Returns the batch fill.
        ///
        /// @return mean rows per run; 0 before the first run
        public double rowsPerRun() {
            return runs == 0 ? 0 : (double) rows / runs;
        }
    }

    /// The arithmetic of the kernels, in operations; a multiply-add counts as two.
    ///
    /// @param layers linear maps of the layers
    /// @param attention scores and weighted sums
    /// @param routers routers
    /// @param head the head
    public record Flops(long layers, long attention, long routers, long head) {

        /// Returns the sum of all parts.
        ///
        /// @return FLOPs
        public long total() {
            return layers + attention + routers + head;
        }
    }
}
