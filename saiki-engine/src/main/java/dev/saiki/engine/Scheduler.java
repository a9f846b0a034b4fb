package dev.saiki.engine;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.model.FlopCounter;
import dev.saiki.engine.model.Stages;
import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.settings.EngineOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The scheduler of continuous depth-wise batching: between two stages it chooses the next stage and its tokens.
///
/// A sequence has at most one chunk in flight. The chunk waits for the entry, then for each recursion step up to
/// the depth of its deepest token, then for the exit; the token decoded there becomes the next chunk. Tokens at
/// different steps share one run of the recursion, because all steps have the same weights. **The stage with the
/// most waiting rows for each byte of its weights runs**: with few rows a run takes as long as reading its weights,
/// so a cheap stage runs early and thereby fills the next run of an expensive one (`benchmarks/stage_order.py`
/// compares this rule with the best possible order). A stage that has been passed over several times takes
/// precedence, so that no stage starves.
///
/// **Memory.** A request is admitted, in order of arrival, if all pages that it and the running sequences will
/// need until they end are expected to fit. The expectation assumes the depths observed so far, so it can be
/// wrong. A chunk therefore enters only if memory suffices even if this chunk and all chunks in flight take as
/// many pages as they possibly can. If no chunk can enter, the youngest sequence is preempted: it returns its
/// pages, waits at the head of the queue, and later recomputes its tokens. The results are identical, because a
/// sequence's result depends only on the sequence itself. A request that could never fit, even alone, is rejected
/// at submission. Cached prefixes that no running sequence holds count as free memory ({@link PrefixReuse}).
///
/// For one thread only.
final class Scheduler {

    private final Stages stages;
    private final ModelConfig config;
    private final EngineOptions options;
    private final PagePool pool;
    private final PageForecast forecast;
    private final PrefixReuse prefixes;
    private final RouterBreaker breaker;
    private final WaitingSequences waiting = new WaitingSequences();

    /// The running sequences, in round-robin order: a sequence moves to the end when it has had its turn.
    private final SequencedSet<Sequence> running = new LinkedHashSet<>();

    /// The chunks waiting for a recursion step.
    private final List<ScheduledChunk> recursing = new ArrayList<>();

    /// The chunks waiting for the exit.
    private final List<ScheduledChunk> leaving = new ArrayList<>();

    private final StageMeter entry;
    private final StageMeter recursion;
    private final StageMeter exit;

    /// The stages in reverse order, because a later stage frees memory sooner.
    private final List<StageMeter> lastFirst;

    private long tokensWritten;
    private long preemptions;

    Scheduler(Stages stages, ModelConfig config, EngineOptions options, PagePool pool, RouterBreaker breaker) {
        this.stages = stages;
        this.config = config;
        this.options = options;
        this.pool = pool;
        this.breaker = breaker;
        this.forecast =
                new PageForecast(stages.cacheShape(), pool.layout(), options.chunkTokens(), config.capacities());
        this.prefixes = new PrefixReuse(pool, stages.reading(), options.prefixCache());
        this.entry = new StageMeter("entry", stages.entryBytes());
        this.recursion = new StageMeter("recursion", stages.recursionBytes());
        this.exit = new StageMeter("exit", stages.exitBytes());
        this.lastFirst = List.of(exit, recursion, entry);
    }

    /// Returns the maximum number of pages that a sequence can take. Thread-safe.
    int maxPages(int tokens) {
        return forecast.maxPages(tokens);
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    /// The waiting sequences. Other threads may only reserve places.
    WaitingSequences waiting() {
        return waiting;
    }

    /// The arrival time of the request that has waited longest for the first token of its answer. Empty if fewer
    /// than two requests are present, because a single request does not wait for others.
    OptionalLong longestWaitSince() {
        return waiting.size() + running.size() < 2
                ? OptionalLong.empty()
                // Waiting sequences are in order of arrival, so the first match is the earliest.
                : Stream.concat(
                                running.stream().filter(Sequence::awaitsFirstToken),
                                waiting.stream()
                                        .filter(Sequence::awaitsFirstToken)
                                        .limit(1))
                        .mapToLong(Sequence::arrivalNanos)
                        .min();
    }

    boolean isIdle() {
        return waiting.isEmpty() && running.isEmpty();
    }

    /// Ends cancelled and overdue sequences, admits sequences that fit, and runs one stage.
    void step(long now) {
        breaker.tick(now);
        endAbandoned(now);
        admit();
        if (running.isEmpty()) {
            return;
        }
        List<Sequence> entering = selectEntering();
        entry.await(rows(entering, this::nextCount));
        recursion.await(rows(recursing, ScheduledChunk::activeCount));
        exit.await(rows(leaving, ScheduledChunk::count));
        StageMeter stage = choose();
        long start = System.nanoTime();
        long rows;
        if (stage == exit) {
            rows = runExit();
        } else if (stage == recursion) {
            rows = runRecursion(now);
        } else if (!entering.isEmpty()) {
            rows = runEntry(entering);
        } else {
            preempt();
            return;
        }
        stage.count(rows, System.nanoTime() - start);
    }

    private static <T> int rows(List<T> all, ToIntFunction<T> rowsOf) {
        return all.stream().mapToInt(rowsOf).sum();
    }

    /// The stage with the most waiting rows for each byte, or one that has been passed over too often. In a tie the
    /// later stage is chosen, which frees memory sooner.
    private StageMeter choose() {
        StageMeter chosen = entry;
        double best = 0;
        for (StageMeter stage : lastFirst) {
            double rows = stage.rowsPerByte(options.maxRows());
            if (rows > 0 && stage.isStarved()) {
                chosen = stage;
                break;
            }
            if (rows > best) {
                chosen = stage;
                best = rows;
            }
        }
        lastFirst.forEach(StageMeter::passOver);
        return chosen;
    }

    /// The sequences whose next chunk fits into the run and, in its worst case, into memory. A sequence that lacks
    /// memory blocks those behind it, so that none overtakes it.
    private List<Sequence> selectEntering() {
        List<Sequence> entering = new ArrayList<>();
        int rows = 0;
        int free = pool.freePages()
                - rows(recursing, ScheduledChunk::pagesAhead)
                - rows(leaving, ScheduledChunk::pagesAhead);
        for (Sequence sequence : running) {
            if (!sequence.isReady()) {
                continue;
            }
            if (sequence.cache().pagesFor(nextCount(sequence)) > free) {
                break;
            }
            if (sequence.needsPrefixLookup() && !breaker.overrules(sequence.task())) {
                free -= prefixes.lookUp(sequence, free, options.chunkTokens());
            }
            int count = nextCount(sequence);
            free -= sequence.cache().pagesFor(count);
            if (rows + count <= options.maxRows()) {
                rows += count;
                entering.add(sequence);
            }
        }
        return entering;
    }

    /// Counts the tokens in a sequence's next chunk.
    private int nextCount(Sequence sequence) {
        int most = sequence.task().isTraced() ? 1 : options.chunkTokens();
        return Math.min(most, sequence.length() - sequence.processed());
    }

    private void endAbandoned(long now) {
        for (Sequence sequence : waiting.removeIf(one -> one.isAbandoned(now))) {
            endAbandoned(sequence);
        }
        running.removeIf(sequence -> {
            boolean ends = sequence.isAbandoned(now);
            if (ends) {
                endAbandoned(sequence);
                recursing.removeIf(scheduled -> scheduled.sequence() == sequence);
                leaving.removeIf(scheduled -> scheduled.sequence() == sequence);
            }
            return ends;
        });
    }

    private void endAbandoned(Sequence sequence) {
        end(sequence, sequence.isCancelled() ? FinishReason.CANCELLED : FinishReason.DEADLINE);
    }

    private void end(Sequence sequence, FinishReason reason) {
        prefixes.keep(sequence);
        sequence.end(reason, Optional.empty());
    }

    private void admit() {
        if (waiting.isEmpty()) {
            return;
        }
        int expected = running.stream().mapToInt(this::expectedPages).sum();
        while (!waiting.isEmpty() && running.size() < options.maxSequences()) {
            Sequence next = waiting.first();
            expected += expectedPages(next);
            if (!running.isEmpty() && expected > pool.capacity()) {
                return;
            }
            waiting.removeFirst();
            next.admit(new SequenceCache(stages.cacheShape(), pool));
            running.addLast(next);
        }
    }

    private int expectedPages(Sequence sequence) {
        return forecast.expectedPages(sequence.task().maxLength());
    }

    private long runEntry(List<Sequence> sequences) {
        List<ScheduledChunk> entering = new ArrayList<>();
        for (Sequence sequence : sequences) {
            entering.add(schedule(sequence));
            running.addLast(sequence);
        }
        stages.enter(chunksOf(entering));
        recursing.addAll(entering);
        return rows(entering, ScheduledChunk::count);
    }

    private ScheduledChunk schedule(Sequence sequence) {
        TokenChunk chunk = sequence.nextChunk(nextCount(sequence), config);
        chunk.routing().fallBackTo(breaker.referenceDepth());
        if (breaker.overrules(sequence.task()) && hasRouter(sequence)) {
            chunk.routing().overrule();
        }
        return new ScheduledChunk(sequence, chunk);
    }

    private boolean hasRouter(Sequence sequence) {
        return !(config.routing() instanceof Routing.None)
                && sequence.task().route().forced().isEmpty();
    }

    private static List<TokenChunk> chunksOf(List<ScheduledChunk> batch) {
        return batch.stream().map(ScheduledChunk::chunk).toList();
    }

    /// Takes chunks from the front of a queue while they fit into a run.
    private List<ScheduledChunk> takeBatch(List<ScheduledChunk> queue, ToIntFunction<ScheduledChunk> rowsOf) {
        List<ScheduledChunk> batch = new ArrayList<>();
        List<ScheduledChunk> rest = new ArrayList<>();
        int rows = 0;
        for (ScheduledChunk scheduled : queue) {
            int count = rowsOf.applyAsInt(scheduled);
            if (rows == 0 || rows + count <= options.maxRows()) {
                batch.add(scheduled);
                rows += count;
            } else {
                rest.add(scheduled);
            }
        }
        queue.clear();
        queue.addAll(rest);
        return batch;
    }

    /// Preempts the youngest sequence. Called when no chunk can enter and none is in flight, so waiting would not
    /// free memory.
    private void preempt() {
        if (running.size() < 2) {
            throw new IllegalStateException("a single sequence does not fit, although it was admitted");
        }
        Sequence youngest = Collections.max(running, Comparator.comparingLong(Sequence::number));
        running.remove(youngest);
        prefixes.keep(youngest);
        youngest.release();
        waiting.requeue(youngest);
        preemptions++;
    }

    private long runRecursion(long now) {
        List<ScheduledChunk> batch = takeBatch(recursing, ScheduledChunk::activeCount);
        int rows = rows(batch, ScheduledChunk::activeCount);
        stages.recurse(chunksOf(batch));
        for (ScheduledChunk scheduled : batch) {
            if (scheduled.activeCount() > 0) {
                recursing.add(scheduled);
            } else {
                leaveRecursion(scheduled, now);
            }
        }
        return rows;
    }

    private void leaveRecursion(ScheduledChunk scheduled, long now) {
        TokenChunk chunk = scheduled.chunk();
        forecast.observe(chunk);
        breaker.observe(scheduled.sequence(), chunk, now);
        if (chunk.routing().nonFiniteScores() > 0 && !breaker.toleratesNonFinite()) {
            fail(scheduled.sequence(), new NonFiniteException("a router score is NaN or infinite"));
        } else {
            leaving.add(scheduled);
        }
    }

    /// Ends one sequence that cannot continue, without caching further tokens of it.
    private void fail(Sequence sequence, RuntimeException failure) {
        running.remove(sequence);
        sequence.end(FinishReason.FAILED, Optional.of(failure));
    }

    private long runExit() {
        List<ScheduledChunk> batch = takeBatch(leaving, ScheduledChunk::count);
        StageOutputs outputs = new StageOutputs(batch, config.vocabSize(), breaker);
        stages.exit(chunksOf(batch), outputs);
        outputs.takeStates(stages);
        tokensWritten += outputs.drawnTokens();
        batch.forEach(this::complete);
        return rows(batch, ScheduledChunk::count);
    }

    /// Continues or ends the sequence of a chunk that the model has processed.
    private void complete(ScheduledChunk scheduled) {
        Sequence sequence = scheduled.sequence();
        @Nullable RuntimeException failure = scheduled.failure();
        if (failure != null) {
            fail(sequence, failure);
            return;
        }
        sequence.task().takeChunk(sequence.processed(), scheduled.chunk());
        sequence.completeChunk();
        prefixes.keepChunk(sequence, scheduled.count());
        sequence.cache().releaseOutsideWindow(sequence.processed());
        boolean isThrough = sequence.processed() == sequence.length();
        Optional<FinishReason> reason = scheduled.finishReason().isEmpty() && isThrough
                ? Optional.of(FinishReason.MAX_TOKENS)
                : scheduled.finishReason();
        if (reason.isPresent()) {
            running.remove(sequence);
            end(sequence, reason.get());
        }
    }

    /// Ends all requests.
    void endAll(FinishReason reason, Optional<Throwable> failure) {
        waiting.removeIf(_ -> true).forEach(sequence -> sequence.end(reason, failure));
        running.forEach(sequence -> sequence.end(reason, failure));
        running.clear();
        recursing.clear();
        leaving.clear();
    }

    /// Empties the prefix cache.
    void clearPrefixes() {
        prefixes.clear();
    }

    /// Deletes an owner's data: the cached texts, and the router's choices for the owner's tokens.
    void forget(String owner) {
        prefixes.forget(owner);
        breaker.forget(owner);
    }

    /// The status of all requests, first the running and then the waiting ones.
    List<SequenceStatus> sequences() {
        return Stream.concat(running.stream(), waiting.stream())
                .map(Sequence::status)
                .toList();
    }

    EngineStatistics statistics() {
        FlopCounter flops = stages.flops();
        return new EngineStatistics(
                waiting.size(),
                running.size(),
                new EngineStatistics.Cache(pool.bytesInUse(), pool.capacity() - pool.freePages(), pool.capacity()),
                prefixes.statistics(),
                List.of(entry.toStatistics(), recursion.toStatistics(), exit.toStatistics()),
                Arrays.stream(stages.stepTokens()).boxed().toList(),
                tokensWritten,
                preemptions,
                new EngineStatistics.Flops(flops.layers(), flops.attention(), flops.routers(), flops.head()),
                breaker.health());
    }
}
