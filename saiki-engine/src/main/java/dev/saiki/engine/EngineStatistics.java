package dev.saiki.engine;

import java.util.List;

/// The statistics of an engine: its work so far, and its current load.
///
/// @param waiting requests that wait
/// @param running sequences at work
/// @param cache keys and values of the sequences at work
/// @param prefixes what the prefix cache keeps and has given
/// @param stages entry, recursion and exit, in this order
/// @param stepTokens tokens that took each recursion step
/// @param tokensWritten tokens drawn
/// @param preemptions sequences that had to give their pages back and start again
/// @param flops arithmetic of the kernels
/// @param router how the router is doing
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

    /// The keys and values of the sequences at work.
    ///
    /// @param bytesInUse of all of them, as if none shared a page
    /// @param pagesInUse pages that they hold, shared ones once
    /// @param pages most pages
    public record Cache(long bytesInUse, int pagesInUse, int pages) {}

    /// The use of the prefix cache: what is kept of texts for requests that begin as they did, and how often it
    /// was found.
    ///
    /// @param lookups how often a request that was about to begin was looked for
    /// @param tokensAsked tokens of those requests
    /// @param tokensServed those of them that did not have to be computed
    /// @param nodes pieces of texts that are kept, in the pages of sequences at work or in others
    /// @param pagesKept pages that no sequence at work holds; they are given up when one needs them
    /// @param bytesKept memory of these pages
    public record PrefixCacheStatistics(
            long lookups, long tokensAsked, long tokensServed, int nodes, int pagesKept, long bytesKept) {}

    /// The runs of a stage, and the rows they computed.
    ///
    /// @param name of the stage
    /// @param runs how often
    /// @param rows tokens in all runs
    /// @param nanos time in all runs
    /// @param weightBytes weights that one run reads
    public record Stage(String name, long runs, long rows, long nanos, long weightBytes) {

        /// Returns the batch fill.
        ///
        /// @return mean rows a run; 0 before the first
        public double rowsPerRun() {
            return runs == 0 ? 0 : (double) rows / runs;
        }
    }

    /// The arithmetic of the kernels, two operations for a multiplication and its addition.
    ///
    /// @param layers linear maps of the layers
    /// @param attention scores and weighted sums
    /// @param routers routers
    /// @param head the head
    public record Flops(long layers, long attention, long routers, long head) {

        /// Adds all up.
        ///
        /// @return FLOPs
        public long total() {
            return layers + attention + routers + head;
        }
    }
}
