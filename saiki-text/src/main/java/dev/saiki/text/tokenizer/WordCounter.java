package dev.saiki.text.tokenizer;

import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A parallel word counter.
///
/// The caller's thread reads; workers count, each into its own table, and the tables are added up at the end. Each
/// worker's queue is short, so that the tables determine the memory needed.
final class WordCounter {

    private static final int WAITING_PER_WORKER = 4;

    private final ConcurrentLinkedQueue<WordCounts> tables = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final int workers = Runtime.getRuntime().availableProcessors();
    private final Semaphore room = new Semaphore(WAITING_PER_WORKER * workers);

    private WordCounter() {}

    static WordCounts count(Iterator<String> texts) {
        return new WordCounter().run(texts);
    }

    private WordCounts run(Iterator<String> texts) {
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            while (texts.hasNext()) {
                for (String part : TextChunks.of(texts.next())) {
                    room.acquireUninterruptibly();
                    pool.execute(() -> countPart(part));
                }
            }
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw failed instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failed);
        }
        return sum();
    }

    private void countPart(String part) {
        try {
            WordCounts pooled = tables.poll();
            WordCounts table = pooled != null ? pooled : new WordCounts();
            table.addText(part);
            tables.add(table);
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        } finally {
            room.release();
        }
    }

    private WordCounts sum() {
        WordCounts first = tables.poll();
        WordCounts sum = first != null ? first : new WordCounts();
        for (WordCounts table : tables) {
            sum.addAll(table);
        }
        return sum;
    }
}
