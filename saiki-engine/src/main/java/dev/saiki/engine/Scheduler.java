package dev.saiki.engine;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Sequence.Generating;
import dev.saiki.engine.Sequence.Scoring;
import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.model.FlopCounter;
import dev.saiki.engine.model.Span;
import dev.saiki.engine.model.Stages;
import dev.saiki.engine.settings.EngineOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Continuous depth-wise batching: decides, at every border of a stage, which stage runs next and on whose
/// tokens.
///
/// A sequence has at most one span on its way. It waits for entry, then for as many recursion steps as its
/// deepest token takes, then for exit; what was decoded there is its next span. Tokens at unlike steps share
/// one run of the recursion, since all steps have the same weights. **The stage with most waiting rows runs**,
/// so that runs are full; one that has waited for {@link #PATIENCE} runs of others comes first, so that nobody
/// starves.
///
/// **Memory.** A request is admitted, first come first served, if the pages that are expected in the end, at
/// the depths seen so far, fit for all at work. Expectations can be wrong. So a span leaves only if its worst
/// case fits beside the worst cases of all spans on their way; and if no span can leave, the youngest sequence
/// gives its pages back, waits at the head of the queue, and later computes its tokens again, which gives the
/// same ones, since nothing depends on anything but the sequence itself. A single sequence that could never fit
/// is refused when it is submitted. What the prefix cache keeps beyond the sequences at work counts as free
/// ({@link Prefixes}).
///
/// Used by one thread.
final class Scheduler {

    /// Runs of other stages that a waiting stage lets pass.
    private static final int PATIENCE = 6;

    /// Weight of the newest span in the shares that are expected.
    private static final double SHARE_RATE = 0.02;

    private final Stages stages;
    private final ModelConfig config;
    private final EngineOptions options;
    private final PagePool pool;
    private final Prefixes prefixes;
    private final RouterBreaker breaker;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();
    private final List<Traveller> recursing = new ArrayList<>();
    private final List<Traveller> leaving = new ArrayList<>();
    private final double[] expectedShares;
    private final Meter entry;
    private final Meter recursion;
    private final Meter exit;
    private long tokensWritten;
    private long preemptions;

    /// A span on its way, and whose it is.
    private record Traveller(Sequence sequence, Span span) {}

    /// What a stage has done, and how long it has waited.
    private static final class Meter {

        private final String name;
        private final long weightBytes;
        private long runs;
        private long rows;
        private long nanos;
        private int passedOver;

        Meter(String name, long weightBytes) {
            this.name = name;
            this.weightBytes = weightBytes;
        }

        void count(long rowsOfRun, long nanosOfRun) {
            runs++;
            rows += rowsOfRun;
            nanos += nanosOfRun;
            passedOver = 0;
        }

        EngineStatistics.Stage toStatistics() {
            return new EngineStatistics.Stage(name, runs, rows, nanos, weightBytes);
        }
    }

    Scheduler(Stages stages, ModelConfig config, EngineOptions options, PagePool pool, RouterBreaker breaker) {
        this.stages = stages;
        this.config = config;
        this.options = options;
        this.pool = pool;
        this.breaker = breaker;
        this.prefixes = new Prefixes(pool, stages.reading(), options.prefixCache());
        this.entry = new Meter("entry", stages.entryBytes());
        this.recursion = new Meter("recursion", stages.recursionBytes());
        this.exit = new Meter("exit", stages.exitBytes());
        this.expectedShares =
                config.capacities().stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// Counts the pages that a sequence takes at most.
    int mostPages(int tokens) {
        double[] all = new double[expectedShares.length];
        Arrays.fill(all, 1);
        return stages.cacheShape().pages(pool.layout(), tokens, all);
    }

    void add(Sequence sequence) {
        waiting.addLast(sequence);
    }

    int waiting() {
        return waiting.size();
    }

    boolean isIdle() {
        return waiting.isEmpty() && running.isEmpty();
    }

    /// Ends what was cancelled or is late, admits what fits, and runs one stage.
    void step(long now) {
        breaker.tick(now);
        dropEnded(now);
        admit();
        if (running.isEmpty()) {
            return;
        }
        List<Sequence> entering = whoCanEnter();
        int leavingRows =
                leaving.stream().mapToInt(traveller -> traveller.span().count()).sum();
        Meter chosen = choose(entering.stream().mapToInt(this::rowsToSend).sum(), rowsOf(recursing), leavingRows);
        long start = System.nanoTime();
        long rows;
        if (chosen == exit) {
            rows = runExit();
        } else if (chosen == recursion) {
            rows = runRecursion(now);
        } else if (!entering.isEmpty()) {
            rows = runEntry(entering);
        } else {
            makeRoom();
            return;
        }
        chosen.count(rows, System.nanoTime() - start);
    }

    /// The fullest stage; of equals the later one, which frees memory sooner.
    private Meter choose(int entering, int recursingRows, int leavingRows) {
        record Candidate(Meter meter, int rows) {}
        List<Candidate> candidates = List.of(
                        new Candidate(exit, leavingRows),
                        new Candidate(recursion, recursingRows),
                        new Candidate(entry, entering))
                .stream()
                .filter(candidate -> candidate.rows() > 0)
                .toList();
        if (candidates.isEmpty()) {
            return entry;
        }
        Candidate best = candidates.stream()
                .filter(candidate -> candidate.meter().passedOver >= PATIENCE)
                .findFirst()
                .orElseGet(() -> candidates.stream()
                        .max(Comparator.comparingInt(candidate -> Math.min(candidate.rows(), options.maxRows())))
                        .orElseThrow());
        candidates.forEach(candidate -> candidate.meter().passedOver++);
        return best.meter();
    }

    private static int rowsOf(List<Traveller> travellers) {
        return travellers.stream()
                .mapToInt(traveller -> traveller.span().activeCount())
                .sum();
    }

    /// The sequences whose next span fits: into a run, and in its worst case into memory. Nobody overtakes one
    /// for whom memory is short.
    private List<Sequence> whoCanEnter() {
        List<Sequence> entering = new ArrayList<>();
        int rows = 0;
        int free = pool.freePages() - outstandingPages();
        for (Sequence sequence : running) {
            if (!sequence.isReady()) {
                continue;
            }
            if (sequence.cache().pagesFor(rowsToSend(sequence)) > free) {
                break;
            }
            if (sequence.seeksPrefix() && !breaker.overrules()) {
                free -= prefixes.begin(sequence, free, options.chunkTokens());
            }
            int count = rowsToSend(sequence);
            free -= sequence.cache().pagesFor(count);
            if (rows + count <= options.maxRows()) {
                rows += count;
                entering.add(sequence);
            }
        }
        return entering;
    }

    private int rowsToSend(Sequence sequence) {
        int most = sequence.work().isTraced() ? 1 : options.chunkTokens();
        return Math.min(most, sequence.length() - sequence.processed());
    }

    private void dropEnded(long now) {
        waiting.removeIf(sequence -> endIfGivenUp(sequence, now));
        running.removeIf(sequence -> {
            boolean ended = endIfGivenUp(sequence, now);
            if (ended) {
                forget(sequence);
            }
            return ended;
        });
    }

    private boolean endIfGivenUp(Sequence sequence, long now) {
        if (sequence.isCancelled()) {
            end(sequence, FinishReason.CANCELLED);
            return true;
        }
        if (sequence.isLate(now)) {
            end(sequence, FinishReason.DEADLINE);
            return true;
        }
        return false;
    }

    private void end(Sequence sequence, FinishReason reason) {
        prefixes.keep(sequence);
        sequence.end(reason, Optional.empty());
    }

    private void forget(Sequence sequence) {
        recursing.removeIf(traveller -> traveller.sequence() == sequence);
        leaving.removeIf(traveller -> traveller.sequence() == sequence);
    }

    private void admit() {
        int expected = running.stream().mapToInt(this::expectedPages).sum();
        while (!waiting.isEmpty() && running.size() < options.maxSequences()) {
            Sequence next = waiting.getFirst();
            expected += expectedPages(next);
            if (!running.isEmpty() && expected > pool.capacity()) {
                return;
            }
            waiting.removeFirst();
            next.begin(new SequenceCache(stages.cacheShape(), pool));
            running.add(next);
        }
    }

    private int expectedPages(Sequence sequence) {
        return stages.cacheShape().pages(pool.layout(), sequence.work().longest(), expectedShares);
    }

    private long runEntry(List<Sequence> sequences) {
        List<Traveller> entering = sequences.stream().map(this::send).toList();
        stages.enter(entering.stream().map(Traveller::span).toList());
        recursing.addAll(entering);
        // A sequence that has had its turn stands behind the others.
        running.removeAll(sequences);
        running.addAll(sequences);
        return entering.stream().mapToInt(traveller -> traveller.span().count()).sum();
    }

    private Traveller send(Sequence sequence) {
        Span span = sequence.send(rowsToSend(sequence), config.hiddenSize());
        if (breaker.overrules() && hasRouter(sequence)) {
            span.overrule();
        }
        return new Traveller(sequence, span);
    }

    private boolean hasRouter(Sequence sequence) {
        return !(config.routing() instanceof Routing.None)
                && sequence.work().route().forced().isEmpty();
    }

    /// The pages that spans on their way may still take.
    private int outstandingPages() {
        int pages = 0;
        for (Traveller traveller : recursing) {
            pages += traveller.sequence().cache().pagesFor(traveller.span().count());
        }
        for (Traveller traveller : leaving) {
            pages += traveller.sequence().cache().pagesFor(traveller.span().count());
        }
        return pages;
    }

    /// Nobody can enter and nobody is on the way, so waiting does not help: the youngest makes room.
    private void makeRoom() {
        if (running.size() < 2) {
            throw new IllegalStateException("a single sequence does not fit, although it was let in");
        }
        Sequence youngest =
                running.stream().max(Comparator.comparingLong(Sequence::number)).orElseThrow();
        running.remove(youngest);
        prefixes.keep(youngest);
        youngest.suspend();
        waiting.addFirst(youngest);
        preemptions++;
    }

    private long runRecursion(long now) {
        List<Traveller> batch = new ArrayList<>();
        int rows = 0;
        for (Traveller traveller : recursing) {
            int count = traveller.span().activeCount();
            if (rows == 0 || rows + count <= options.maxRows()) {
                batch.add(traveller);
                rows += count;
            }
        }
        stages.recurse(batch.stream().map(Traveller::span).toList());
        recursing.removeAll(batch);
        batch.forEach(traveller -> {
            if (traveller.span().activeCount() > 0) {
                recursing.add(traveller);
            } else {
                leaveRecursion(traveller, now);
            }
        });
        return rows;
    }

    private void leaveRecursion(Traveller traveller, long now) {
        Span span = traveller.span();
        updateExpectations(span);
        breaker.observe(span, traveller.sequence().work().route(), now);
        if (span.scoresNotFinite() > 0 && !breaker.bridges()) {
            fail(traveller.sequence(), new NotFiniteException("a score of the router is NaN or infinite"));
        } else {
            leaving.add(traveller);
        }
    }

    /// Ends a single sequence that cannot go on; nothing of it is kept.
    private void fail(Sequence sequence, RuntimeException failure) {
        running.remove(sequence);
        sequence.end(FinishReason.FAILED, Optional.of(failure));
    }

    private void updateExpectations(Span span) {
        int[] depths = span.depths();
        for (int step = 0; step < expectedShares.length; step++) {
            int minimum = step;
            double share =
                    Arrays.stream(depths).filter(depth -> depth > minimum).count() / (double) depths.length;
            expectedShares[step] += SHARE_RATE * (share - expectedShares[step]);
        }
    }

    private long runExit() {
        List<Traveller> batch = new ArrayList<>();
        int rows = 0;
        for (Traveller traveller : leaving) {
            int count = traveller.span().count();
            if (rows == 0 || rows + count <= options.maxRows()) {
                batch.add(traveller);
                rows += count;
            }
        }
        leaving.removeAll(batch);
        Departures departures = new Departures(batch);
        stages.exit(batch.stream().map(Traveller::span).toList(), departures::wants, departures::take);
        departures.takeStates();
        departures.finish();
        return rows;
    }

    /// What happens with tokens that have been through the model.
    private final class Departures {

        private final List<Traveller> batch;
        private final List<Optional<FinishReason>> reasons;
        private final Map<Sequence, RuntimeException> failures = new HashMap<>();

        Departures(List<Traveller> batch) {
            this.batch = batch;
            this.reasons = new ArrayList<>(Collections.nCopies(batch.size(), Optional.empty()));
        }

        private int indexOf(Span span) {
            return IntStream.range(0, batch.size())
                    .filter(i -> batch.get(i).span() == span)
                    .findFirst()
                    .orElseThrow();
        }

        boolean wants(Span span, int token) {
            return batch.get(indexOf(span)).sequence().wantsLogits(token);
        }

        void take(Span span, int token, float[] logits, int from) {
            int index = indexOf(span);
            Sequence sequence = batch.get(index).sequence();
            if (failures.containsKey(sequence)) {
                return;
            }
            float[] own = Arrays.copyOfRange(logits, from, from + config.vocabSize());
            try {
                use(index, token, own);
            } catch (RuntimeException failure) {
                failed(sequence, failure);
            }
        }

        /// What goes wrong with one token, such as a form that can be followed no further, is its sequence's alone.
        private void failed(Sequence sequence, RuntimeException failure) {
            if (failure instanceof NotFiniteException) {
                breaker.logitsNotFinite();
            }
            failures.put(sequence, failure);
        }

        private void use(int index, int token, float[] own) {
            Sequence sequence = batch.get(index).sequence();
            Span span = batch.get(index).span();
            switch (sequence.work()) {
                case Generating generating -> {
                    int position = sequence.processed() + token;
                    if (position < sequence.length() - 1) {
                        generating.echo(position, own, span.depths()[token]);
                    } else {
                        tokensWritten++;
                        reasons.set(index, generating.take(sequence, own, span.depths()[token]));
                    }
                }
                case Scoring scoring -> scoring.take(sequence.processed() + token, own);
                case PendingInspection inspection -> inspection.take(sequence.processed(), span, own);
                case PendingEmbedding _ -> throw new IllegalStateException("an embedding wants no logits");
            }
        }

        /// Hands states on to those who want them more than what is predicted from them.
        void takeStates() {
            for (Traveller traveller : batch) {
                if (traveller.sequence().work() instanceof PendingEmbedding embedding) {
                    try {
                        embedding.take(
                                traveller.sequence().processed(),
                                traveller.span(),
                                stages.lastStates(traveller.span()));
                    } catch (RuntimeException failure) {
                        failed(traveller.sequence(), failure);
                    }
                }
            }
        }

        void finish() {
            for (int i = 0; i < batch.size(); i++) {
                Sequence sequence = batch.get(i).sequence();
                @Nullable RuntimeException failure = failures.get(sequence);
                if (failure != null) {
                    fail(sequence, failure);
                    continue;
                }
                if (sequence.work() instanceof Scoring scoring) {
                    scoring.depths(sequence.processed(), batch.get(i).span().depths());
                }
                sequence.arrived();
                prefixes.arrived(sequence, batch.get(i).span().count());
                Optional<FinishReason> reason = reasons.get(i);
                if (!(sequence.work() instanceof Generating) && sequence.processed() == sequence.length()) {
                    reason = Optional.of(FinishReason.MAX_TOKENS);
                }
                if (reason.isPresent()) {
                    running.remove(sequence);
                    end(sequence, reason.get());
                }
            }
        }
    }

    /// Ends everything.
    void endAll(FinishReason reason, Optional<Throwable> failure) {
        waiting.forEach(sequence -> sequence.end(reason, failure));
        running.forEach(sequence -> sequence.end(reason, failure));
        waiting.clear();
        running.clear();
        recursing.clear();
        leaving.clear();
    }

    /// Lets go of what is kept for requests to come.
    void clearPrefixes() {
        prefixes.clear();
    }

    /// What all requests are at, those at work first.
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
                pool.bytesInUse(),
                pool.capacity() - pool.freePages(),
                pool.capacity(),
                prefixes.statistics(),
                List.of(entry.toStatistics(), recursion.toStatistics(), exit.toStatistics()),
                Arrays.stream(stages.stepTokens()).boxed().toList(),
                tokensWritten,
                preemptions,
                new EngineStatistics.Flops(flops.layers(), flops.attention(), flops.routers(), flops.head()),
                breaker.health());
    }
}
